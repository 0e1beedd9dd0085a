// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Refusals of keys: an addition of ours, with which an organisation frees the topics that messages of an unregistered
// key hold up. Each is a definition of its own, so it has a place on the ledger.
//
// A refusal rejects what that key has pinned before it, if the key has pinned no claim before it either: then nobody
// can have confirmed any of that, whatever came to whom and when. It says nothing of what is pinned after it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "core/message.hpp"
#include "core/positions.hpp"
#include "store/database.hpp"

namespace lockstep::registry {

inline constexpr std::string_view refusal_tag = "ls_refuse_key";
inline constexpr std::size_t refusal_reason_max = 1024;  // bytes

struct KeyRefusal {
    std::string key;     // an account, 0x and 40 lower-case hex digits
    std::string reason;  // for people
    std::string author;  // DID of the organisation
    std::int64_t pin = 0;
};

// The topic on which refusals of this key are ordered.
std::string refusal_topic(std::string_view key);
// The data value of a definition message.
std::string refusal_json(std::string_view key, std::string_view reason);

// In the order of the ledger. FF10403 for what is no refusal or on another topic, FF10402 by who is no organisation.
Result<KeyRefusal> apply_refusal(
    store::Transaction& tx, NamespaceId ns, const MessageHeader& header, std::string_view data_value, std::int64_t pin);

// The first with a later pin than this one.
std::optional<KeyRefusal> first_refusal_after(store::Session& session,
                                              NamespaceId ns,
                                              std::string_view key,
                                              std::int64_t pin);

// That this key has signed a pin of a claim, good or bad.
void note_claim(store::Transaction& tx, NamespaceId ns, std::string_view key, std::int64_t pin);
// INT64_MAX when none is known.
std::int64_t first_claim(store::Session& session, NamespaceId ns, std::string_view key);

}  // namespace lockstep::registry
