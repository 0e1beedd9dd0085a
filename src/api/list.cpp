// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/list.hpp"

#include <algorithm>

namespace lockstep::api {

namespace {

// True when the query names rows by a value that an index finds.
bool finds_by_index(const filter::Query& query, filter::Fields fields) {
    return std::any_of(query.groups.begin(), query.groups.end(), [&](const filter::Group& group) {
        return std::all_of(group.conditions.begin(), group.conditions.end(), [&](const filter::Condition& condition) {
            return fields[condition.field].indexed && condition.op == filter::Operator::equals && !condition.negated &&
                   !condition.ignore_case && !filter::is_null(condition.value);
        });
    });
}

std::string where_sql(const Table& table,
                      const filter::Query& query,
                      const Restriction& restriction,
                      std::vector<filter::Value>& values,
                      bool by_namespace) {
    std::string sql = " FROM ";
    sql += table.name;
    // In the order of the rows a walk backwards over the table is best. The planner, which has no
    // statistics, would rather collect the namespace by an index and sort all of it; "+" keeps it off.
    sql += by_namespace ? " WHERE ns = ?1" : " WHERE +ns = ?1";
    sql += restriction.sql;
    filter::append_where(sql, values, query, table.fields);
    return sql;
}

bool in_row_order(const Table& table, const filter::Query& query) {
    return (query.sort.empty() ? table.order.front().column : table.fields[query.sort.front().field].column) == "seq";
}

store::Statement& prepare(store::Session& session,
                          const std::string& sql,
                          NamespaceId ns,
                          const std::vector<filter::Value>& values) {
    auto& statement = session.prepare(sql);
    statement.copy_values();
    statement.bind(1, ns);
    for (std::size_t i = 1; i < values.size(); ++i) filter::bind_value(statement, static_cast<int>(i + 1), values[i]);
    return statement;
}

struct Page {
    std::vector<std::string> items;
    std::size_t total = 0;
};

}  // namespace

std::string page_sql(const Table& table,
                     const filter::Query& query,
                     const Restriction& restriction,
                     std::vector<filter::Value>& values) {
    values.assign(1, {});  // ?1
    values.insert(values.end(), restriction.values.begin(), restriction.values.end());
    auto const found = (!restriction.sql.empty() && restriction.indexed) || finds_by_index(query, table.fields);
    auto sql =
        "SELECT " + table.columns + where_sql(table, query, restriction, values, found || !in_row_order(table, query));
    filter::append_order(sql, query, table.fields, found ? table.order_of_few : table.order, found ? "+seq" : "seq");
    values.emplace_back(static_cast<std::int64_t>(query.limit));
    sql += " LIMIT ?" + std::to_string(values.size());
    if (query.skip > 0) {
        values.emplace_back(static_cast<std::int64_t>(query.skip));
        sql += " OFFSET ?" + std::to_string(values.size());
    }
    return sql;
}

std::string page_json(const std::vector<std::string>& items, const filter::Query& query, std::size_t total) {
    std::size_t size = 64;
    for (auto const& item : items) size += item.size() + 1;
    std::string out;
    out.reserve(size);
    if (query.count)
        out = R"({"count":)" + std::to_string(items.size()) + R"(,"total":)" + std::to_string(total) + R"(,"items":)";
    out += '[';
    for (auto const& item : items) {
        if (&item != &items.front()) out += ',';
        out += item;
    }
    out += ']';
    if (query.count) out += '}';
    return out;
}

Task<Result<Answer>> list(const Call& call, const Table& table, Print print, Restriction restriction) {
    CO_TRY(auto query, filter::parse_filter(call.query, table.fields, call.facts->limits));
    auto look = [facts = call.facts, &table, print, query,
                 restriction = std::move(restriction)](store::Snapshot& snapshot) {
        std::vector<filter::Value> values;
        auto const sql = page_sql(table, query, restriction, values);
        Page page;
        {
            store::Rows rows{prepare(snapshot, sql, facts->ns, values)};
            for (auto& row : rows) {
                page.items.emplace_back();
                print(page.items.back(), snapshot, *facts, row);
            }
        }
        if (query.count) {
            values.assign(1, {});
            values.insert(values.end(), restriction.values.begin(), restriction.values.end());
            auto const count = "SELECT COUNT(*)" + where_sql(table, query, restriction, values, true);
            store::Rows rows{prepare(snapshot, count, facts->ns, values)};
            if (auto const* row = rows.first()) page.total = static_cast<std::size_t>(row->integer(0));
        }
        return page_json(page.items, query, page.total);
    };
    auto json = co_await call.services.database.read(std::move(look));
    co_return Answer{200, std::move(json)};
}

Task<Result<Answer>> list_nothing(const Call& call) {
    CO_TRY(auto const query, filter::parse_filter(call.query, call.route->fields, call.facts->limits));
    co_return Answer{200, page_json({}, query, 0)};
}

}  // namespace lockstep::api
