// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Requests to and observations of a ledger, as plain structs. Nothing here is particular to one kind.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "base/uuid.hpp"
#include "core/positions.hpp"

namespace lockstep::ledger {

// What a batch leaves on the ledger (firefly-core.md 6.1).
struct PinRequest {
    Uuid tx, batch;
    Hash batch_hash;
    std::string payload_ref;  // empty: the contexts are masked
    std::vector<Hash> contexts;
};

// The same, observed: the BatchPin event with its place.
struct PinEvent {
    PinRequest pin;
    std::string author;  // the account that signed, normalised
    std::string action;  // "firefly:batch_pin"
    Hash tx_hash;
    BlockNumber block;
    Hash block_hash;
    std::int64_t tx_index = 0, log_index = 0;
    Time timestamp;  // of the block

    // "%012d/%06d/%06d" of block, transaction and log index: sorts as text in chain order.
    std::string protocol_id() const;
};

struct IncludedTransaction {
    Hash hash;
    std::string from;
    LedgerNonce nonce;
    bool success = true;
};

struct Block {
    BlockNumber number;
    Hash hash, parent;
    Time timestamp;
    std::vector<IncludedTransaction> transactions;
    std::vector<PinEvent> pins;  // in order of transaction and log index
};

struct Head {
    BlockNumber number{-1};  // -1: no block yet
    Hash hash;
    // Only a ledger that was told to repeat itself (LedgerControls::replay) moves these. A follower that
    // sees another count than before goes back to `replay_from`, when that is a block that it has passed,
    // and reads on from there; what it hands on a second time is dropped where it arrives.
    std::uint64_t replays = 0;
    BlockNumber replay_from{-1};  // -1: nothing to read again
    friend bool operator==(const Head&, const Head&) = default;
};

// A transaction before and after it is signed.
struct Unsigned {
    Bytes payload;
    Hash digest;  // what the account signs
};
struct RawTransaction {
    Bytes bytes;
    Hash hash;  // its name on the ledger, known before it is sent
};

struct Info {
    std::string plugin_type;    // as FireFly's status names the plugin: "ethereum"
    std::string verifier_type;  // "ethereum_address"
    std::string chain_id;
    std::string contract;  // address that receives pins
};

}  // namespace lockstep::ledger
