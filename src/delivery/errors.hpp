// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What is refused about subscriptions and on their sockets.
#pragma once

#include "base/error_list.hpp"

namespace lockstep::errors {

// clang-format off
#define LOCKSTEP_DELIVERY_ERRORS(X)                                                                                  \
    X(bad_duration, "FF00137", 400,                                                                                  \
      "'{value}' is no duration; give one like 500ms or 1m30s, or a number of {unit}")                               \
    X(no_result, "FF00164", 404, "No such object")                                                                   \
    X(not_found, "FF10109", 404, "Nothing was found here")                                                           \
    X(bad_expression, "FF10171", 400, "The expression '{expression}' in {field} does not compile: {reason}")         \
    X(unknown_transport, "FF10172", 500, "There is no event transport '{transport}'")                                \
    X(ack_matches_nothing, "FF10175", 400, "The acknowledgement matches nothing that is under way")                  \
    X(bad_socket_message, "FF10176", 400, "The socket message cannot be used: {reason}")                             \
    X(unknown_socket_action, "FF10177", 400, "There is no socket action '{action}'")                                 \
    X(start_incomplete, "FF10178", 400, "A start needs a namespace, and a name or ephemeral=true")                   \
    X(autoack_inconsistent, "FF10179", 400, "Every start on a socket must set autoack alike")                        \
    X(ack_with_autoack, "FF10180", 400, "Nothing is to be acknowledged while autoack is on")                         \
    X(bad_subscription, "FF10189", 400, "The subscription cannot be made: {reason}")                                 \
    X(bad_first_event, "FF10191", 400, "firstEvent is oldest, newest or a sequence number, not '{value}'")           \
    X(first_event_too_low, "FF10192", 400, "firstEvent cannot be below -1")                                          \
    X(name_taken, "FF10193", 409, "The name '{name}' is taken")                                                      \
    X(webhook_without_url, "FF10242", 400, "A webhook subscription needs a url")                                     \
    X(webhook_map_not_text, "FF10243", 400, "'{field}' of the webhook must map names to texts")                      \
    X(websocket_with_data, "FF10244", 400, "Over websockets data is told by reference only; set withData to false")  \
    X(webhook_answer_no_json, "FF10257", 500, "The answer of the webhook is no JSON: {reason}")                      \
    X(system_transport_is_internal, "FF10266", 500, "The system transport is not for subscriptions")                 \
    X(unknown_namespace, "FF10436", 404, "There is no namespace '{namespace}'")                                      \
    X(unknown_tls_profile, "FF10455", 400, "The namespace '{namespace}' has no TLS profile '{name}'")                \
    X(batch_with_data, "FF10460", 400, "The subscription '{name}' cannot have both batch and withData")              \
    X(transport_without_batch, "FF10461", 400, "The transport '{transport}' cannot deliver in batches")              \
    X(socket_of_other_namespace, "FF10462", 400, "The socket is bound to another namespace than '{namespace}'")      \
    X(event_range_too_large, "FF10463", 400, "At most {limit} events can be searched at once")                       \
    X(bad_webhook_url, "LS10410", 400,                                                                               \
      "'{url}' is no address that a webhook can call: http or https, a host, and no user name")                      \
    X(bad_signing_secret, "LS10411", 400,                                                                            \
      "signingSecrets must be at most {limit} texts, each whsec_ and the base64 of 24 to 64 bytes")                  \
    X(webhook_proxy, "LS10414", 400, "proxyURL cannot be used: webhooks are called directly")                        \
    X(bad_webhook_header, "LS10415", 400, "'{name}' with its value cannot be a header of a webhook")                 \
    X(dead_letter_not_delivered, "LS10416", 502, "The event was not taken: {reason}")                                \
    X(dead_letter_under_way, "LS10417", 409, "The event {id} is being sent again already")                           \
    X(no_webhook, "LS10418", 409, "The subscription '{name}' is no webhook that this node serves")
// clang-format on
LOCKSTEP_ERROR_LIST(of_delivery, LOCKSTEP_DELIVERY_ERRORS)

}  // namespace lockstep::errors
