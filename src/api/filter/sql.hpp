// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// A Query as SQL, for collections that are tables. Texts depend on the shape of the query only, values are
// parameters, so that queries of one shape share a prepared statement. Patterns avoid LIKE, whose treatment
// of case differs between databases and settings.
#pragma once

#include <string>
#include <vector>

#include "api/filter/query.hpp"
#include "store/session.hpp"

namespace lockstep::api::filter {

struct Order {
    std::string_view column;
    bool descending = true;
    bool nullable = false;
};

// " AND (…)" for each group of the query; values are numbered behind those that `values` has already.
void append_where(std::string& sql, std::vector<Value>& values, const Query& query, Fields fields);
// " ORDER BY …": the query's sort keys, or else `natural`; then `row`, so that pages never overlap.
void append_order(
    std::string& sql, const Query& query, Fields fields, const std::vector<Order>& natural, std::string_view row);
void bind_value(store::Statement& statement, int index, const Value& value);

}  // namespace lockstep::api::filter
