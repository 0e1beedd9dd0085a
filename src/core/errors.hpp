// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The whole public catalogue, in number order. docs/reference/errors.md is printed from it.
// FF numbers are the original's (firefly-core.md 30); the sentences are our own. LS numbers are ours,
// grouped by module: LS100xx general, LS101xx core, LS102xx store, LS103xx ledger and chain, LS104xx
// swarm, LS105xx messaging, LS106xx delivery, LS107xx api, LS108xx app and command line.
#pragma once

#include <span>

#include "base/error.hpp"

namespace lockstep::errors {

// Clients see FF numbers in front of the sentence and no LS numbers (base/error.hpp). Statuses are the
// original's but for FF10171, which is the client's fault (the original says 500).
// clang-format off
#define LOCKSTEP_ERRORS(X)                                                                                           \
    /* Values (common library of the original) */                                                                    \
    X(bad_hex, "FF00106", 400, "'{value}' is not hexadecimal")                                                       \
    X(wrong_hash_length, "FF00107", 400, "A hash has 64 hex digits (32 bytes), this one has {length}")               \
    X(unknown_validator, "FF00108", 400, "There is no validator '{validator}'; json and none can be asked for")      \
    X(data_is_empty, "FF00109", 400, "Data needs a value or a blob, and this has neither")                           \
    X(required_field, "FF00112", 400, "The field '{field}' has to be given")                                         \
    X(data_reference_incomplete, "FF00128", 400, "Data reference {index} of the message lacks its id or its hash")   \
    X(duplicate_data_reference, "FF00129", 400,                                                                      \
      "Data reference {index} of the message names data that is named before")                                       \
    X(bad_message_txtype, "FF00130", 400, "A message cannot travel in a transaction of type '{type}'")               \
    X(duplicate_item, "FF00133", 400, "{field} has '{value}' a second time at index {index}")                        \
    X(too_many_items, "FF00134", 400, "{field} has {count} entries where {limit} are allowed")                       \
    X(items_too_long, "FF00135", 400,                                                                                \
      "The entries of {field} have {length} bytes together where {limit} are allowed")                               \
    X(bad_time, "FF00136", 400,                                                                                      \
      "'{value}' is no time; give RFC 3339, or Unix time in seconds, milliseconds or nanoseconds")                   \
    X(bad_duration, "FF00137", 400, "'{value}' is no duration; give one like 500ms or 1m30s, or a number of {unit}") \
    X(bad_uuid, "FF00138", 400, "'{value}' is no UUID")                                                              \
    X(bad_name, "FF00140", 400,                                                                                      \
      "'{field}' must be a name: up to 64 letters, digits, dots, dashes and underscores, with a letter or digit "    \
      "at both ends")                                                                                                \
    X(name_is_uuid, "FF00141", 400, "'{field}' looks like a UUID, which is reserved for ids")                        \
    /* Filters, and the request itself (common library) */                                                           \
    X(unknown_filter_field, "FF00142", 400, "There is no field '{field}' to filter or sort by")                      \
    X(bad_filter_value, "FF00143", 400, "The filter on '{field}' cannot use its value: {reason}")                    \
    X(filter_compares_null, "FF00144", 400, "The filter on '{field}' can only ask whether it is null or not")        \
    X(filter_pattern_on_other_type, "FF00145", 400,                                                                  \
      "The filter on '{field}' cannot look for a pattern, since that field is no text")                              \
    X(bad_content_type, "FF00162", 415, "The content type '{type}' cannot be read here")                             \
    X(no_result, "FF00164", 404, "No such object")                                                                   \
    X(request_timed_out, "FF00166", 408, "Request {request} was given up after {elapsed}")                           \
    X(path_not_found, "FF00167", 404, "There is nothing under this path")                                            \
    X(skip_too_large, "FF00191", 400, "At most {limit} results can be skipped")                                      \
    X(limit_too_large, "FF00192", 400, "At most {limit} results can be asked for at once")                           \
    X(operator_takes_no_modifier, "FF00193", 400, "'{operator}' on the field '{field}' cannot be modified")          \
    /* Objects and data */                                                                                           \
    X(not_found, "FF10109", 404, "Nothing was found here")                                                           \
    X(bad_ethereum_address, "FF10141", 400, "'{address}' is no Ethereum address")                                    \
    X(object_not_found, "FF10143", 404, "There is no such object to act on")                                         \
    X(stored_row_differs, "FF10164", 500, "What is stored under {id} has another hash")                              \
    X(bad_expression, "FF10171", 400, "The expression '{expression}' in {field} does not compile: {reason}")         \
    X(unknown_transport, "FF10172", 500, "There is no event transport '{transport}'")                                \
    /* WebSocket protocol; the status counts only where a start comes as a request */                                \
    X(ack_matches_nothing, "FF10175", 400, "The acknowledgement matches nothing that is under way")                  \
    X(bad_socket_message, "FF10176", 400, "The socket message cannot be used: {reason}")                             \
    X(unknown_socket_action, "FF10177", 400, "There is no socket action '{action}'")                                 \
    X(start_incomplete, "FF10178", 400, "A start needs a namespace, and a name or ephemeral=true")                   \
    X(autoack_inconsistent, "FF10179", 400, "Every start on a socket must set autoack alike")                        \
    X(ack_with_autoack, "FF10180", 400, "Nothing is to be acknowledged while autoack is on")                         \
    /* Subscriptions, namespaces, data of messages */                                                                \
    X(namespace_does_not_exist, "FF10187", 404, "Namespace does not exist")                                          \
    X(bad_subscription, "FF10189", 400, "The subscription cannot be made: {reason}")                                 \
    X(bad_first_event, "FF10191", 400, "firstEvent is oldest, newest or a sequence number, not '{value}'")           \
    X(first_event_too_low, "FF10192", 400, "firstEvent cannot be below -1")                                          \
    X(name_taken, "FF10193", 409, "The name '{name}' is taken")                                                      \
    X(unknown_datatype, "FF10195", 400, "There is no datatype '{datatype}'")                                         \
    X(data_hash_differs, "FF10201", 400, "The data does not have the hash that was given")                           \
    X(data_reference_unresolved, "FF10204", 400, "Data reference {index} leads to nothing")                          \
    X(data_entry_empty, "FF10205", 400, "Data entry {index} has neither an id nor a value")                          \
    X(bad_author, "FF10206", 400, "The author cannot be used: {reason}")                                             \
    X(message_not_found, "FF10207", 404, "There is no message {id}")                                                 \
    X(message_without_batch, "FF10209", 404, "Message {id} has no batch yet")                                        \
    X(message_without_transaction, "FF10210", 404, "Message {id} has no transaction yet")                            \
    X(node_not_configured, "FF10216", 409, "The organisation and node of this member are not configured")            \
    X(node_not_found, "FF10224", 400, "There is no node '{node}'")                                                   \
    X(local_node_unknown, "FF10225", 500, "The identity of this node is not known yet; register it first")           \
    X(organisation_without_node, "FF10233", 400, "The organisation '{organisation}' has no node to send to")         \
    X(webhook_without_url, "FF10242", 400, "A webhook subscription needs a url")                                     \
    X(webhook_map_not_text, "FF10243", 400, "'{field}' of the webhook must map names to texts")                      \
    X(websocket_with_data, "FF10244", 400, "Over websockets data is told by reference only; set withData to false")  \
    /* Request and reply, identities, charts */                                                                      \
    X(reply_timed_out, "FF10260", 408, "Nothing came back for {id} within {elapsed}")                                \
    X(request_without_tag, "FF10261", 400, "A request needs header.tag, so that it finds who answers")               \
    X(request_with_cid, "FF10262", 400, "A request cannot have header.cid, which is for the answer")                 \
    X(system_transport_is_internal, "FF10266", 500, "The system transport is not for subscriptions")                 \
    X(message_rejected, "FF10269", 500, "Message {id} was rejected: {reason}")                                       \
    X(identity_not_resolved, "FF10277", 500, "There is no identity '{identity}'")                                    \
    X(root_organisation_unknown, "FF10281", 500,                                                                     \
      "The organisation of this member is not known yet; register it first")                                         \
    X(bad_chart_buckets, "FF10298", 400, "A chart has between 1 and {limit} buckets")                                \
    X(bad_chart_start, "FF10299", 400, "The startTime of a chart must be a time")                                    \
    X(bad_chart_end, "FF10300", 400, "The endTime of a chart must be a time, after startTime")                       \
    X(bad_chart_collection, "FF10301", 400, "There is no chart of '{collection}'")                                   \
    X(broadcast_too_large, "FF10327", 400, "The message has {size} bytes, and a broadcast may have {limit}")         \
    X(private_message_too_large, "FF10328", 400,                                                                     \
      "The message has {size} bytes, and a private message may have {limit}")                                        \
    X(unknown_transaction_type, "FF10336", 400, "There is no transaction type '{type}'")                             \
    X(unknown_did_method, "FF10349", 400, "'{did}' is a DID of a kind that is not known here")                       \
    X(key_missing, "FF10352", 400, "A key has to be given")                                                          \
    X(identity_without_key, "FF10353", 400, "The identity '{identity}' has no key of type {type}")                   \
    X(no_signing_key, "FF10354", 400,                                                                                \
      "No signing key is given, and neither the namespace nor the organisation has one")                             \
    X(author_differs_from_key, "FF10355", 400, "The author '{author}' is not '{identity}', to whom the key belongs") \
    X(key_unknown, "FF10356", 404, "The key '{key}' belongs to no identity")                                         \
    X(identity_chain_loops, "FF10364", 400, "The parents of identity '{identity}' form a loop")                      \
    X(parent_of_wrong_type, "FF10365", 400, "'{parent}' cannot be the parent of '{identity}'")                       \
    X(parent_without_claim, "FF10366", 400, "The parent '{parent}' has no confirmed claim")                          \
    X(operation_not_supported, "FF10371", 400, "An operation of type '{type}' cannot be run here")                   \
    X(unknown_network_action, "FF10397", 400, "There is no network action '{action}'")                               \
    /* Why definitions are rejected */                                                                               \
    X(definition_by_wrong_author, "FF10402", 500, "The definition {id} is not by who may make it")                   \
    X(definition_not_valid, "FF10403", 500, "The definition {id} is not valid: {reason}")                            \
    X(definition_of_other_id, "FF10404", 500, "The definition {id} is of another object than it says")               \
    X(definition_conflicts, "FF10407", 409, "The definition {id} comes after another of the same name")              \
    /* Namespaces, idempotency, rejections, delivery */                                                              \
    X(action_not_supported, "FF10414", 400, "This namespace does not support that: {reason}")                        \
    X(messages_not_supported, "FF10415", 400, "This namespace does not support messages")                            \
    X(unknown_verifier_type, "FF10428", 400, "There is no verifier type '{type}'")                                   \
    X(idempotency_key_used, "FF10430", 409, "The idempotency key '{key}' is used by message {id}")                   \
    X(idempotency_key_used_by_transaction, "FF10431", 409,                                                           \
      "The idempotency key '{key}' is used by transaction {id}")                                                     \
    X(unknown_namespace, "FF10436", 404, "There is no namespace '{namespace}'")                                      \
    X(namespace_missing, "FF10437", 400, "A namespace has to be given")                                              \
    X(namespace_initialising, "FF10441", 412, "The namespace '{namespace}' is not ready yet")                        \
    X(key_differs_from_signer, "FF10452", 400,                                                                       \
      "The message is of key '{key}', but the pin was signed by '{signer}'")                                         \
    X(author_differs_from_identity, "FF10453", 400,                                                                  \
      "The message is by '{author}', but its key belongs to '{identity}'")                                           \
    X(unknown_tls_profile, "FF10455", 400, "The namespace '{namespace}' has no TLS profile '{name}'")                \
    X(batch_with_data, "FF10460", 400, "The subscription '{name}' cannot have both batch and withData")              \
    X(transport_without_batch, "FF10461", 400, "The transport '{transport}' cannot deliver in batches")              \
    X(socket_of_other_namespace, "FF10462", 400, "The socket is bound to another namespace than '{namespace}'")      \
    X(event_range_too_large, "FF10463", 400, "At most {limit} events can be searched at once")                       \
    X(bad_event_sequence, "FF10464", 400, "'{value}' is no sequence number of an event")                             \
    X(profile_missing, "FF10480", 400, "An update of an identity needs a profile")                                   \
    /* LS100xx general */                                                                                            \
    X(internal_error, "LS10001", 500, "Something went wrong inside; the log has it under request {request}")         \
    X(overloaded, "LS10002", 429, "Too much at once: {what} is limited to {limit}; try again later")                 \
    X(headers_too_large, "LS10003", 431, "The request's header is larger than {limit} bytes")                        \
    X(body_too_large, "LS10004", 413, "The request's body is larger than {limit} bytes")                             \
    X(method_not_allowed, "LS10005", 405, "The method {method} is not for this path")                                \
    X(shutting_down, "LS10006", 503, "The node is shutting down")                                                    \
    X(address_in_use, "LS10010", 500, "The address {address} is in use; stop what uses it or choose another port")   \
    /* LS101xx core */                                                                                               \
    X(malformed_json, "LS10100", 400, "The JSON text is not well formed at byte {offset}: {found}")                  \
    X(json_too_deep, "LS10101", 400, "The JSON text is nested deeper than {limit} levels")                           \
    X(json_too_long, "LS10102", 413, "The JSON text is longer than {limit} bytes")                                   \
    X(json_empty, "LS10103", 400, "The body is empty where JSON was expected")                                       \
    X(not_a_batch, "LS10110", 400, "This is no batch document: {reason}")                                            \
    X(batch_hash_mismatch, "LS10111", 400, "The hash of {what} is not what it says")                                 \
    X(batch_inconsistent, "LS10112", 400, "The batch contradicts itself: {reason}")                                  \
    /* LS102xx store */                                                                                              \
    X(store_in_use, "LS10201", 500, "The store {path} is owned by another process ({owner})")                        \
    X(store_too_new, "LS10202", 500,                                                                                 \
      "The store {path} was made by a newer version ({found}; this one knows {known})")                              \
    X(store_not_ours, "LS10203", 500, "The store {path} is damaged or not of this program: {reason}")                \
    /* LS103xx ledger and chain */                                                                                   \
    X(bad_ledger_signature, "LS10301", 400, "The signature of the ledger transaction does not fit its sender")       \
    X(nonce_too_low, "LS10302", 409, "Nonce {nonce} of account {account} is used; the next is {next}")               \
    X(nonce_too_far, "LS10303", 409, "Nonce {nonce} of account {account} is too far ahead; the next is {next}")      \
    X(unknown_account, "LS10304", 404, "There is no account {account} to sign with")                                 \
    X(fork_too_deep, "LS10305", 500,                                                                                 \
      "The chain was replaced below block {block}, deeper than the {confirmations} confirmations that are waited "   \
      "for")                                                                                                         \
    X(ledger_paused, "LS10306", 503, "The ledger is paused")                                                         \
    /* LS104xx swarm */                                                                                              \
    X(unknown_peer, "LS10401", 403, "The peer {peer} is not known here")                                             \
    X(frame_too_large, "LS10402", 413, "A frame of {size} bytes is larger than {limit}")                             \
    X(bad_frame, "LS10403", 400, "A frame cannot be read: {reason}")                                                 \
    X(payload_hash_mismatch, "LS10404", 400, "A payload does not have the hash {hash}")                              \
    X(peer_quota_exceeded, "LS10405", 429, "The peer {peer} has more than {limit} of {what} under way")
// clang-format on

#define LOCKSTEP_DECLARE_ERROR(name, code, status, text) inline constexpr ErrorSpec name{code, status, text};
LOCKSTEP_ERRORS(LOCKSTEP_DECLARE_ERROR)
#undef LOCKSTEP_DECLARE_ERROR

// Every entry, for the generated page and for the test that numbers are unique.
std::span<const ErrorSpec* const> all();

}  // namespace lockstep::errors
