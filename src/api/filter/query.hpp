// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// A collection query (firefly-core.md 15.6) as a value: what parse.hpp makes of a query string, and what
// sql.hpp and match.hpp carry out. Both backends give the same answer:
//
//   - a field that is null equals null and nothing else; no operator but (not) equals null is true of it,
//     negated ones included, as in SQL;
//   - ignoring case concerns A to Z;
//   - ascending order has nulls last, descending order nulls first (PostgreSQL's default).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "base/uuid.hpp"

namespace lockstep::api::filter {

// Lists of names are texts joined by commas, and JSON is matched as its text.
enum class Kind { uuid, hash, integer, boolean, time, text };

// How a table says that a field is null.
enum class Nulls {
    none,     // it never is
    null_,    // NULL
    forever,  // the largest integer, so that an index sorts it behind every time
};

struct Field {
    std::string_view name;  // lower case, as clients write it
    Kind kind = Kind::text;
    std::string_view column = {};  // SQL expression; empty where the collection is no table
    Nulls nulls = Nulls::none;
    bool indexed = false;  // an index begins with the namespace and this column
};
using Fields = std::span<const Field>;

using Value = std::variant<std::monostate, std::int64_t, bool, Time, std::string, Uuid, Hash>;  // monostate: null

inline bool is_null(const Value& value) { return value.index() == 0; }

enum class Operator { equals, contains, starts_with, ends_with, greater, greater_or_equal, less, less_or_equal };

struct Condition {
    std::size_t field = 0;  // index in Fields
    Operator op = Operator::equals;
    bool negated = false;
    bool ignore_case = false;
    Value value;
};

// The conditions on one field: one of them has to hold, or every one.
struct Group {
    std::vector<Condition> conditions;
    bool all = false;
};

struct SortKey {
    std::size_t field = 0;
    bool descending = false;
};

// api.defaultFilterLimit; api.maxFilterLimit, of a page and of what is skipped before it (firefly-core.md 24).
struct Limits {
    std::size_t page = 25, most = 1000;
};

struct Query {
    std::vector<Group> groups;       // every one has to hold; at most one for each field
    std::vector<SortKey> sort;       // empty: the collection's own order
    std::optional<bool> descending;  // of every sort key, and of the collection's own order
    std::size_t skip = 0, limit = Limits{}.page;
    bool count = false;
};

}  // namespace lockstep::api::filter
