// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What core refuses, and what modules refuse that have only core in common.
#pragma once

#include "base/error_list.hpp"

namespace lockstep::errors {

// clang-format off
#define LOCKSTEP_CORE_ERRORS(X)                                                                                      \
    X(data_is_empty, "FF00109", 400, "Data needs a value or a blob, and this has neither")                           \
    X(data_reference_incomplete, "FF00128", 400, "Data reference {index} of the message lacks its id or its hash")   \
    X(duplicate_data_reference, "FF00129", 400,                                                                      \
      "Data reference {index} of the message names data that is named before")                                       \
    X(bad_message_txtype, "FF00130", 400, "A message cannot travel in a transaction of type '{type}'")               \
    X(duplicate_item, "FF00133", 400, "{field} has '{value}' a second time at index {index}")                        \
    X(too_many_items, "FF00134", 400, "{field} has {count} entries where {limit} are allowed")                       \
    X(items_too_long, "FF00135", 400,                                                                                \
      "The entries of {field} have {length} bytes together where {limit} are allowed")                               \
    X(bad_name, "FF00140", 400,                                                                                      \
      "'{field}' must be a name: up to 64 letters, digits, dots, dashes and underscores, with a letter or digit "    \
      "at both ends")                                                                                                \
    X(name_is_uuid, "FF00141", 400, "'{field}' looks like a UUID, which is reserved for ids")                        \
    X(overloaded, "LS10002", 429, "Too much at once: {what} is limited to {limit}; try again later")                 \
    X(malformed_json, "LS10100", 400, "The JSON text is not well formed at byte {offset}: {found}")                  \
    X(json_too_deep, "LS10101", 400, "The JSON text is nested deeper than {limit} levels")                           \
    X(json_too_long, "LS10102", 413, "The JSON text is longer than {limit} bytes")                                   \
    X(json_empty, "LS10103", 400, "The body is empty where JSON was expected")                                       \
    X(not_a_batch, "LS10110", 400, "This is no batch document: {reason}")                                            \
    X(batch_hash_mismatch, "LS10111", 400, "The hash of {what} is not what it says")                                 \
    X(batch_inconsistent, "LS10112", 400, "The batch contradicts itself: {reason}")
// clang-format on
LOCKSTEP_ERROR_LIST(of_core, LOCKSTEP_CORE_ERRORS)

}  // namespace lockstep::errors
