// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What only the API refuses.
#pragma once

#include "base/error_list.hpp"

namespace lockstep::errors {

// clang-format off
#define LOCKSTEP_API_ERRORS(X)                                                                                       \
    X(required_field, "FF00112", 400, "The field '{field}' has to be given")                                         \
    X(bad_filter_value, "FF00143", 400, "The filter on '{field}' cannot use its value: {reason}")                    \
    X(filter_compares_null, "FF00144", 400, "The filter on '{field}' can only ask whether it is null or not")        \
    X(filter_pattern_on_other_type, "FF00145", 400,                                                                  \
      "The filter on '{field}' cannot look for a pattern, since that field is no text")                              \
    X(multipart_unreadable, "FF00161", 400, "The form cannot be read: {reason}")                                     \
    X(field_after_file, "FF00163", 400, "The field '{field}' comes after the file; fields have to come before it")   \
    X(bad_content_type, "FF00162", 415, "The content type '{type}' cannot be read here")                             \
    X(request_timed_out, "FF00166", 408, "Request {request} was given up after {elapsed}")                           \
    X(unknown_identity_type, "FF00172", 400, "'{type}' is no type of identity; org, node and custom are")             \
    X(unknown_filter_operator, "FF00190", 400, "'{operator}' on the field '{field}' is no operator")                 \
    X(skip_too_large, "FF00191", 400, "At most {limit} results can be skipped")                                      \
    X(limit_too_large, "FF00192", 400, "At most {limit} results can be asked for at once")                           \
    X(operator_takes_no_modifier, "FF00193", 400, "'{operator}' on the field '{field}' cannot be modified")          \
    X(object_not_found, "FF10143", 404, "There is no such object to act on")                                         \
    X(message_without_batch, "FF10209", 404, "Message {id} has no batch yet")                                        \
    X(message_without_transaction, "FF10210", 404, "Message {id} has no transaction yet")                            \
    X(reply_timed_out, "FF10260", 408, "Nothing came back for {id} within {elapsed}")                                \
    X(message_rejected, "FF10269", 500, "Message {id} was rejected: {reason}")                                       \
    X(bad_chart_buckets, "FF10298", 400, "A chart has between 1 and {limit} buckets")                                \
    X(bad_chart_start, "FF10299", 400, "The startTime of a chart must be a time")                                    \
    X(bad_chart_end, "FF10300", 400, "The endTime of a chart must be a time, after startTime")                       \
    X(bad_chart_collection, "FF10301", 400, "There is no chart of '{collection}'")                                   \
    X(unknown_transaction_type, "FF10336", 400, "There is no transaction type '{type}'")                             \
    X(key_missing, "FF10352", 400, "A key has to be given")                                                          \
    X(no_signing_key, "FF10354", 400,                                                                                \
      "No signing key is given, and neither the namespace nor the organisation has one")                             \
    X(unknown_network_action, "FF10397", 400, "There is no network action '{action}'")                               \
    X(terminate_missing, "FF10399", 400, "The contract of this network cannot be given up for another one")          \
    X(action_not_supported, "FF10414", 400, "That is not supported: {reason}")                                       \
    X(unknown_verifier_type, "FF10428", 400, "There is no verifier type '{type}'")                                   \
    X(bad_event_sequence, "FF10464", 400, "'{value}' is no sequence number of an event")                             \
    X(profile_missing, "FF10480", 400, "An update of an identity needs a profile")                                   \
    X(method_not_allowed, "LS10005", 405, "The method {method} is not for this path")                                \
    X(data_in_use, "LS10701", 409, "The data {id} belongs to a message and stays with it")                           \
    X(body_not_object, "LS10702", 400, "The body must be a JSON object")                                             \
    X(rewind_of_nothing, "LS10704", 400, "Name what is to be looked at again: a sequence, or a batch")               \
    X(not_to_be_rejected, "LS10705", 409,                                                                            \
      "What waits for '{reason}' cannot be rejected: it may still come, or have come to others already")             \
    X(reason_too_long, "LS10706", 400, "A reason has at most {limit} bytes")                                         \
    X(not_upgraded, "LS10703", 426, "This path speaks WebSocket only")
// clang-format on
LOCKSTEP_ERROR_LIST(of_api, LOCKSTEP_API_ERRORS)

}  // namespace lockstep::errors
