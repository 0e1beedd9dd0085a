// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// SQL and memory give the same answer to every query: random rows, random queries.
#include <gtest/gtest.h>

#include "api/filter/match.hpp"
#include "api/filter/parse.hpp"
#include "api/filter/sql.hpp"
#include "store/test_world.hpp"

namespace lockstep::api::filter {
namespace {

constexpr Field row_fields[] = {
    {"id", Kind::uuid, "id"},
    {"owner", Kind::uuid, "owner", Nulls::null_},
    {"hash", Kind::hash, "hash", Nulls::null_},
    {"seq", Kind::integer, "seq"},
    {"size", Kind::integer, "size", Nulls::null_},
    {"done", Kind::boolean, "done"},
    {"created", Kind::time, "created"},
    {"confirmed", Kind::time, "confirmed", Nulls::forever},
    {"tag", Kind::text, "tag"},
    {"note", Kind::text, "note", Nulls::null_},
};
using Row = std::vector<Value>;  // in the order of row_fields

store::Migrations schema() {
    return {
        "things",
        {"CREATE TABLE things (seq INTEGER PRIMARY KEY, ns BIGINT NOT NULL, id BLOB NOT NULL, owner BLOB, hash BLOB, "
         "size BIGINT,"
         " done BIGINT NOT NULL, created BIGINT NOT NULL, confirmed BIGINT NOT NULL, tag TEXT NOT NULL, note TEXT);"}};
}

class Generator {
  public:
    explicit Generator(Chance& chance) : chance_(chance) {}

    std::uint64_t below(std::uint64_t limit) { return chance_.below(limit); }
    bool sometimes() { return below(3) == 0; }
    template <std::size_t N>
    std::string one_of(const char* const (&choices)[N]) {
        return choices[below(N)];
    }

    // Few values, so that they meet.
    Uuid uuid() {
        Uuid id;
        id.bytes[15] = static_cast<std::uint8_t>(below(4));
        return id;
    }
    Hash hash() {
        Hash hash;
        hash.bytes[31] = static_cast<std::uint8_t>(below(3));
        return hash;
    }
    std::string text() {
        static constexpr const char* pieces[] = {"",  "a", "A", "b", "ab", "aB", "%",
                                                 "_", "ä", "Ä", "'", "\\", "=",  "[1,2]"};
        return one_of(pieces) + one_of(pieces) + one_of(pieces);
    }
    Value value(Kind kind) {
        switch (kind) {
            case Kind::uuid: return uuid();
            case Kind::hash: return hash();
            case Kind::integer: return static_cast<std::int64_t>(below(6)) - 2;
            case Kind::boolean: return below(2) == 1;
            case Kind::time: return Time{static_cast<std::int64_t>(below(4)) * 1'000'000'000};
            case Kind::text: return text();
        }
        return {};
    }

    Row row(std::int64_t seq) {
        Row row;
        for (auto const& field : row_fields) {
            if (field.name == "seq") {
                row.emplace_back(seq);
            } else if (field.nulls != Nulls::none && sometimes()) {
                row.emplace_back();
            } else {
                row.push_back(value(field.kind));
            }
        }
        return row;
    }

    std::string condition() {
        auto const& field = row_fields[below(std::size(row_fields))];
        static constexpr const char* comparisons[] = {"", "=", ">", ">>", ">=", "<", "<<", "<="};
        static constexpr const char* patterns[] = {"", "=", "@", "^", "$"};
        static constexpr const char* modifiers[] = {"", "", "!", ":", "!:", "[", "!["};
        std::string out{field.name};
        out += '=';
        if (field.nulls != Nulls::none && sometimes()) return out + (sometimes() ? "!?" : "?");
        if (below(2) == 0) {
            out += below(3) == 0 ? "[" : "";
            out += one_of(comparisons);
        } else if (field.kind == Kind::text) {
            out += one_of(modifiers) + one_of(patterns);
        } else {
            out += sometimes() ? "!" : "";
        }
        return out + written(value(field.kind));
    }

    std::string query() {
        std::string out;
        for (auto i = below(4); i > 0; --i) out += condition() + "&";
        for (auto i = below(3); i > 0; --i)
            out += std::string("sort=") + (sometimes() ? "-" : "") +
                   std::string(row_fields[below(std::size(row_fields))].name) + "&";
        if (sometimes()) out += "descending&";
        if (sometimes()) out += "ascending&";
        if (sometimes()) out += "skip=" + std::to_string(below(20)) + "&";
        if (sometimes()) out += "limit=" + std::to_string(below(30)) + "&";
        return out + "count";
    }

  private:
    static std::string written(const Value& value) {
        auto const text = std::visit(
            []<class T>(const T& known) -> std::string {
                if constexpr (std::is_same_v<T, std::int64_t>)
                    return std::to_string(known);
                else if constexpr (std::is_same_v<T, bool>)
                    return known ? "true" : "false";
                else if constexpr (std::is_same_v<T, std::string>)
                    return known;
                else if constexpr (std::is_same_v<T, Time>)
                    return std::to_string(known.ns / 1'000'000'000);
                else if constexpr (std::is_same_v<T, std::monostate>)
                    return "";
                else
                    return known.text();
            },
            value);
        std::string out;
        for (auto const c : text) {
            static constexpr char digits[] = "0123456789abcdef";
            auto const byte = static_cast<std::uint8_t>(c);
            out += {'%', digits[byte >> 4], digits[byte & 15]};
        }
        return out;
    }

    Chance& chance_;
};

struct Answer {
    std::vector<std::int64_t> rows;
    std::size_t total = 0;
    friend bool operator==(const Answer&, const Answer&) = default;
};

Answer from_sql(store::Session& session, const Query& query) {
    auto const run = [&](std::string sql, std::vector<Value> values) -> store::Rows {
        auto& statement = session.prepare(sql);
        statement.copy_values();
        statement.bind(1, 1);
        for (std::size_t i = 1; i < values.size(); ++i) bind_value(statement, static_cast<int>(i + 1), values[i]);
        return store::Rows{statement};
    };
    Answer answer;
    std::vector<Value> values(1);
    std::string where = " FROM things WHERE ns = ?1";
    append_where(where, values, query, row_fields);
    {
        auto rows = run("SELECT COUNT(*)" + where, values);
        answer.total = static_cast<std::size_t>(rows.first()->integer(0));
    }
    append_order(where, query, row_fields, {{"seq", true, false}}, "seq");
    where += " LIMIT " + std::to_string(query.limit) + " OFFSET " + std::to_string(query.skip);
    for (auto& row : run("SELECT seq" + where, values)) answer.rows.push_back(row.integer(0));
    return answer;
}

// The rows come in the collection's own order, which also breaks ties: after the direction of the last key.
Answer from_memory(const std::vector<Row>& rows, const Query& query) {
    auto const newest_first = query.sort.empty() ? query.descending.value_or(true) : query.sort.back().descending;
    Select<std::int64_t> select(query);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        auto const& row = rows[newest_first ? rows.size() - 1 - i : i];
        auto const read = [&](std::size_t field) { return row[field]; };
        if (matches(query, read)) select.add(std::get<std::int64_t>(row[3]), read);
    }
    auto const total = select.total();
    return {select.take(), total};
}

class Equivalence : public testing::TestWithParam<std::uint64_t> {};

TEST_P(Equivalence, sql_and_memory_select_the_same_rows_in_the_same_order) {
    store::TestWorld world(store::Kind::simulated, GetParam());
    auto& database = world.open({schema()});
    auto const chance = make_seeded_chance(GetParam());
    Generator generator(*chance);
    std::vector<Row> rows;
    for (std::int64_t seq = 1; seq <= 60; ++seq) rows.push_back(generator.row(seq));
    auto insert = [&](store::Transaction& tx) {
        for (auto const& row : rows) {
            auto& statement = tx.prepare(
                "INSERT INTO things (id, owner, hash, seq, size, done, created, confirmed, tag, note, ns)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 1)");
            statement.copy_values();
            for (std::size_t i = 0; i < row.size(); ++i) {
                if (row_fields[i].nulls == Nulls::forever && is_null(row[i])) {
                    statement.bind(static_cast<int>(i + 1), INT64_MAX);
                } else {
                    bind_value(statement, static_cast<int>(i + 1), row[i]);
                }
            }
            statement.step();
            statement.reset();
        }
    };
    world.run(database.write(std::move(insert)));

    std::size_t found = 0;
    for (auto i = 0; i < 400; ++i) {
        auto const text = generator.query();
        auto const query = parse_filter(text, row_fields);
        ASSERT_TRUE(query) << text << ": " << query.error().message();
        auto look = [&](store::Snapshot& snapshot) { return from_sql(snapshot, *query); };
        auto const sql = world.run(database.read(std::move(look)));
        auto const memory = from_memory(rows, *query);

        ASSERT_EQ(sql.total, memory.total) << text;
        ASSERT_EQ(sql.rows, memory.rows) << text;
        found += sql.rows.size();
    }
    EXPECT_GT(found, 100U) << "the queries find something now and then";
}

INSTANTIATE_TEST_SUITE_P(Seeds, Equivalence, testing::Range<std::uint64_t>(1, 6));

}  // namespace
}  // namespace lockstep::api::filter
