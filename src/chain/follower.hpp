// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Follower: brings confirmed blocks into the inbox, in chain order, each once. A block is confirmed when
// `confirmations` blocks stand on it; what is above that is never looked at, so a fork that is no deeper
// changes nothing here. The cursor is the number and hash of the last block taken; it commits with the
// events of the block.
//
// An inbox entry of kind `pin` has the row number (8 bytes, big endian) of a chain event as its key.
#pragma once

#include "async/retry.hpp"
#include "base/ids.hpp"
#include "chain/chain_events.hpp"
#include "flow/feed.hpp"
#include "ledger/ledger.hpp"

namespace lockstep::chain {

inline constexpr std::string_view pin_entry = "pin";
Bytes row_key(std::int64_t seq);
std::int64_t row_of(BytesView key);

struct FollowerStatus {
    std::int64_t block = -1;  // last one taken
    std::int64_t head = -1;   // of the ledger, when last seen
    std::uint64_t blocks = 0, events = 0, repeated = 0, retries = 0;
    std::string last_error;
};

class Follower {
  public:
    struct Options {
        std::int64_t confirmations = 0;
        std::int64_t page_blocks_max = 50;
    };
    // All references must outlive the follower.
    Follower(NamespaceId ns,
             ledger::Ledger& ledger,
             store::Database& database,
             flow::Feed& inbox,
             Clock& clock,
             Chance& chance,
             IdMaker& ids,
             Options options);

    // Returns only by cancellation.
    Task<void> run();
    const FollowerStatus& status() const { return status_; }
    // Rings when blocks were taken: a batch of ours may have come back.
    Tap& moved() { return moved_; }

  private:
    Task<bool> turn();

    NamespaceId ns_;
    ledger::Ledger& ledger_;
    store::Database& database_;
    flow::Feed& inbox_;
    Clock& clock_;
    IdMaker& ids_;
    Options options_;
    Backoff backoff_;
    FollowerStatus status_;
    ledger::Head seen_;
    ledger::Head taken_;  // what is read next follows this one; a replay moves it back
    bool loaded_ = false;
    bool hash_known_ = true;  // not after a replay has moved it back
    Tap moved_;
};

}  // namespace lockstep::chain
