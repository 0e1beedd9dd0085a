// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/filter/sql.hpp"

#include "api/filter/text.hpp"

#include <algorithm>
#include <span>

namespace lockstep::api::filter {

namespace {

constexpr std::string_view forever = "9223372036854775807";

std::string_view comparison(Operator op, bool negated) {
    switch (op) {
        case Operator::greater: return " > ";
        case Operator::greater_or_equal: return " >= ";
        case Operator::less: return " < ";
        case Operator::less_or_equal: return " <= ";
        default: return negated ? " <> " : " = ";
    }
}

std::string null_condition(const Field& field, bool negated) {
    auto const column = std::string(field.column);
    switch (field.nulls) {
        case Nulls::none: return negated ? "1 = 1" : "1 = 0";
        case Nulls::null_: return column + (negated ? " IS NOT NULL" : " IS NULL");
        case Nulls::forever: return column + (negated ? " <> " : " = ") + std::string(forever);
    }
    return "1 = 0";
}

std::string condition_sql(const Condition& condition, const Field& field, std::vector<Value>& values) {
    if (is_null(condition.value)) return null_condition(field, condition.negated);

    auto column = std::string(field.column);
    auto value = condition.value;
    if (condition.ignore_case) {
        column = "lower(" + column + ")";
        value = to_lower(std::get<std::string>(value));
    }
    auto const relation = std::string(comparison(condition.op, condition.negated));
    // replace() leaves a text alone when it looks for nothing, but every text contains nothing.
    if (condition.op == Operator::contains && std::get<std::string>(value).empty())
        return column + (condition.negated ? " <> " : " = ") + column;

    values.push_back(std::move(value));
    auto const parameter = "?" + std::to_string(values.size());
    switch (condition.op) {
        case Operator::contains:
            return "replace(" + column + ", " + parameter + ", '')" + (condition.negated ? " = " : " <> ") + column;
        case Operator::starts_with:
            return "substr(" + column + ", 1, length(" + parameter + "))" + relation + parameter;
        case Operator::ends_with:
            // Of a column shorter than the value no part is as long as the value, wherever it begins.
            return "substr(" + column + ", length(" + column + ") - length(" + parameter + ") + 1)" + relation +
                   parameter;
        default: break;
    }
    auto sql = column + relation + parameter;
    if (field.nulls == Nulls::forever) sql = "(" + sql + " AND " + column + " < " + std::string(forever) + ")";
    return sql;
}

// (a OR b) OR (c OR d): in a row, each would be one level deeper for SQLite, which has a limit.
std::string joined(std::span<const std::string> conditions, std::string_view between) {
    if (conditions.size() == 1) return conditions.front();
    auto const half = conditions.size() / 2;
    auto sql = "(" + joined(conditions.first(half), between);
    sql += between;
    sql += joined(conditions.subspan(half), between);
    sql += ")";
    return sql;
}

}  // namespace

void append_where(std::string& sql, std::vector<Value>& values, const Query& query, Fields fields) {
    for (auto const& group : query.groups) {
        std::vector<std::string> conditions;
        for (auto const& condition : group.conditions)
            conditions.push_back(condition_sql(condition, fields[condition.field], values));
        sql += " AND " + joined(conditions, group.all ? " AND " : " OR ");
    }
}

void append_order(
    std::string& sql, const Query& query, Fields fields, const std::vector<Order>& natural, std::string_view row) {
    auto order = natural;
    if (!query.sort.empty()) {
        order.clear();
        for (auto const& key : query.sort) {
            auto const column = fields[key.field].column;
            auto const again = [&](const Order& before) { return before.column == column; };
            if (std::any_of(order.begin(), order.end(), again)) continue;  // it decides nothing any more
            order.push_back({column, key.descending, fields[key.field].nulls == Nulls::null_});
        }
    } else if (query.descending) {
        for (auto& key : order) key.descending = *query.descending;
    }
    if (order.empty() || order.back().column != row)
        order.push_back({row, order.empty() || order.back().descending, false});
    std::string_view between = " ORDER BY ";
    for (auto const& [column, descending, nullable] : order) {
        sql += between;
        sql += column;
        if (descending) sql += " DESC";
        // PostgreSQL's default, which SQLite has the other way round.
        if (nullable) sql += descending ? " NULLS FIRST" : " NULLS LAST";
        between = ", ";
    }
}

void bind_value(store::Statement& statement, int index, const Value& value) {
    std::visit(
        [&]<class T>(const T& known) {
            if constexpr (std::is_same_v<T, std::monostate>) {
                statement.bind_null(index);
            } else {
                statement.bind(index, known);
            }
        },
        value);
}

}  // namespace lockstep::api::filter
