// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The filter and paging language of collection queries (firefly-core.md 15.6). Pure: text in, Query out.
//
//     ?topics=@orders&created=>2024-01-01T00:00:00Z&sort=-created&limit=10&count
//
// A value is [modifiers][operator]text, read from the left until a character is neither. Of the operators
// only > and < can be followed by a second character: ">=" or ">>", the latter so that a text may begin
// with '='.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/filter/query.hpp"
#include "base/result.hpp"

namespace lockstep::api::filter {

using Pairs = std::vector<std::pair<std::string, std::string>>;

// name=value pairs in order, percent-decoded, '+' a space; pairs with malformed escapes are left out.
// net has the same for its own users; this one lets a fuzz target link the parser without net.
Pairs split_query(std::string_view query);

// Names are compared without case; those that are neither a field nor a paging word are ignored, and so
// are sort keys that are no field. Refuses FF00143 (value of another type), FF00144 (a comparison or
// pattern with null), FF00145 (pattern or ':' on what is no text), FF00190 (">@" and the like), FF00191,
// FF00192, FF00193.
Result<Query> parse_filter(const Pairs& query, Fields fields, const Limits& limits = {});
Result<Query> parse_filter(std::string_view query, Fields fields, const Limits& limits = {});

// Present with an empty value or "true" in any case.
bool flag(const Pairs& query, std::string_view name);
// The first value of that name; null when there is none.
const std::string* find(const Pairs& query, std::string_view name);

}  // namespace lockstep::api::filter
