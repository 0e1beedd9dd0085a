// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// GETs that read: one object, or a page of a collection that is a table. The answer's text is built on the
// reader's thread, in the snapshot in which the rows are read.
#pragma once

#include <string>
#include <vector>

#include "api/collections.hpp"
#include "api/route.hpp"
#include "delivery/errors.hpp"

namespace lockstep::api {

// Appends the JSON of the row.
using Print = void (*)(std::string& out, store::Session& session, const Facts& facts, const store::Statement& row);

// What a route adds to the query: " AND tx = ?2", numbered from ?2 on (?1 is the namespace).
struct Restriction {
    std::string_view sql;
    std::vector<filter::Value> values;
    bool indexed = true;  // an index leads to the rows
};

Task<Result<Answer>> list(const Call& call, const Table& table, Print print, Restriction restriction = {});

// The SELECT of a page, for the handler and its test. `values` gets the parameters from ?2 on.
std::string page_sql(const Table& table,
                     const filter::Query& query,
                     const Restriction& restriction,
                     std::vector<filter::Value>& values);

// "[a,b]", or {"count","total","items"} when the query asks for it.
std::string page_json(const std::vector<std::string>& items, const filter::Query& query, std::size_t total);

// A collection that this version keeps empty; the query is checked all the same.
Task<Result<Answer>> list_nothing(const Call& call);

// `look(snapshot)` on a reader's thread gives std::optional<std::string>: the JSON, or nothing: `missing`.
template <class Look>
Task<Result<Answer>> read_one(const Call& call, Look look, const ErrorSpec& missing = errors::no_result) {
    auto json = co_await call.services.database.read(std::move(look));
    if (!json) co_return refuse(missing);
    co_return Answer{200, std::move(*json)};
}

}  // namespace lockstep::api
