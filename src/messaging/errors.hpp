// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Why a message is not sent.
#pragma once

#include "base/error_list.hpp"

namespace lockstep::errors {

// clang-format off
#define LOCKSTEP_MESSAGING_ERRORS(X)                                                                                 \
    X(bad_hex, "FF00106", 400, "'{value}' is not hexadecimal")                                                       \
    X(wrong_hash_length, "FF00107", 400, "A hash has 64 hex digits (32 bytes), this one has {length}")               \
    X(unknown_validator, "FF00108", 400, "There is no validator '{validator}'; json and none can be asked for")      \
    X(bad_time, "FF00136", 400,                                                                                      \
      "'{value}' is no time; give RFC 3339, or Unix time in seconds, milliseconds or nanoseconds")                   \
    X(bad_uuid, "FF00138", 400, "'{value}' is no UUID")                                                              \
    X(data_reference_unresolved, "FF10204", 400, "Data reference {index} leads to nothing")                          \
    X(data_entry_empty, "FF10205", 400, "Data entry {index} has neither an id nor a value")                          \
    X(bad_author, "FF10206", 400, "The author cannot be used: {reason}")                                             \
    X(node_not_configured, "FF10216", 409, "The organisation and node of this member are not configured")            \
    X(request_without_tag, "FF10261", 400, "A request needs header.tag, so that it finds who answers")               \
    X(request_with_cid, "FF10262", 400, "A request cannot have header.cid, which is for the answer")                 \
    X(request_without_group, "FF10271", 400, "A request needs somebody to ask: group.members or header.group")       \
    X(root_organisation_unknown, "FF10281", 500,                                                                     \
      "The organisation of this member is not known yet; register it first")                                         \
    X(broadcast_too_large, "FF10327", 400, "The message has {size} bytes, and a broadcast may have {limit}")         \
    X(private_message_too_large, "FF10328", 400,                                                                     \
      "The message has {size} bytes, and a private message may have {limit}")                                        \
    X(identity_without_key, "FF10353", 400, "The identity '{identity}' has no key of type {type}")                   \
    X(author_differs_from_key, "FF10355", 400,                                                                       \
      "The author '{author}' is not '{identity}', to whom the key belongs")                                          \
    X(key_unknown, "FF10356", 404, "The key '{key}' belongs to no identity")                                         \
    X(idempotency_key_used, "FF10430", 409, "The idempotency key '{key}' is used by message {id}")                   \
    X(wrong_member_type, "LS10502", 400, "The member '{member}' must be {wanted}")                                   \
    X(cannot_sign, "LS10503", 400, "This member holds no key of the account '{key}', so it cannot sign with it")     \
    X(author_not_in_group, "LS10506", 400, "The author '{author}' is no member of the group")
// clang-format on
LOCKSTEP_ERROR_LIST(of_messaging, LOCKSTEP_MESSAGING_ERRORS)

}  // namespace lockstep::errors
