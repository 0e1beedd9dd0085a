// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What stands still, and why: for people (`lockstep blocked`), read from the parking tables. It decides nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/positions.hpp"
#include "sequencer/decide.hpp"
#include "store/database.hpp"

namespace lockstep::sequencer {

// A context whose next message cannot be settled, or a message that is here and has no turn yet.
struct Blockage {
    Hash context;
    std::string topic;  // empty while no message of the context has told it
    std::optional<Hash> group;
    WaitFor reason = WaitFor::nothing;
    std::string missing;  // a payload, a batch, an account or DID, a group, a pin or another context
    std::string detail;   // a sentence
    Time since;
    std::int64_t behind = 0;  // pins of the context, or messages of the document, that wait with this one
    PinOrder pin = 0;         // 0 of a message that is not pinned
    std::optional<Uuid> batch, message;
    std::optional<Hash> payload;  // of what is not pinned
    // The account that a broadcast waits for, if it has pinned no claim. That nobody has it is decided by shared data
    // alone, so it may be refused; all else that waits may have come to other members, and is nobody's to reject.
    std::optional<std::string> refusable_key;
};

// In the order of the ledger, and then what is not pinned; `most` of them.
std::vector<Blockage> blockages(store::Session& session, NamespaceId ns, std::size_t most);

// What is to be looked at again: by a pin, by a batch or by a context.
struct RewindTarget {
    std::optional<PinOrder> pin;
    std::optional<Uuid> batch;
    std::optional<Hash> context;
};
struct Rewound {
    std::vector<Hash> contexts;  // to be told to the inbox, kind `context`
    std::vector<Hash> payloads;  // that are missing: to be asked for again
    std::vector<Hash> unpinned;  // documents that are here and no pin speaks for: to be told to the inbox, too
    std::optional<Uuid> batch;   // that the pin belongs to
};
// Empty when there is no such pin, batch or context here.
std::optional<Rewound> find_rewind(store::Session& session, NamespaceId ns, const RewindTarget& target);

}  // namespace lockstep::sequencer
