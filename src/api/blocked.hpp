// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What waits at this member, why, since when, and what a person can do about it (GET status/blocked, an
// addition of ours). Reasons: batch, data, blob, identity, group, nonce, pin, peer, endpoint.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/route.hpp"

namespace lockstep::api {

struct BlockedAction {
    std::string name, method, path;
    std::string body;  // JSON, empty when there is none
};

struct BlockedLine {
    std::string kind;  // context, peer, signer, subscription
    std::string id;    // context: its hash; peer: the id of its node; signer: the account; subscription: its id
    std::string topic, group;
    std::string reason, missing, detail;
    std::optional<Time> since;
    std::int64_t behind = 0;  // how many wait for this one
    std::vector<BlockedAction> actions;
};

inline constexpr std::size_t blocked_lines_max = 1'000;
// What is on its way for less than this is not blocked: documents to a peer that is connected, pins to the ledger.
inline constexpr Duration blocked_after = 5s;

Task<std::vector<BlockedLine>> blocked_lines(const Call& call);
std::string blocked_json(const std::vector<BlockedLine>& lines);

}  // namespace lockstep::api
