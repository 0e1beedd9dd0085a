// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What can be done to a ledger that belongs to us: hurry it, stop it, and let it misbehave as real ones do.
#pragma once

#include <cstdint>

#include "async/task.hpp"
#include "base/result.hpp"

namespace lockstep::ledger {

class LedgerControls {
  public:
    virtual ~LedgerControls() = default;

    // While true, blocks are made at once and not on the grid of the interval.
    virtual Task<void> set_instant(bool instant) = 0;
    // While true, transactions are accepted and wait; no block is made. Wins over set_instant.
    virtual Task<void> pause(bool paused) = 0;
    // Replaces the last `depth` blocks by depth + 1 others with the same transactions, in another order
    // (that of an account's nonces stays) and with other timestamps. A transaction that finds no room
    // waits for the next block. LS10304 when depth is not in 1 .. confirmations, or no so many blocks exist.
    virtual Task<Result<void>> fork(std::int64_t depth) = 0;
    // Makes every follower read the last `blocks` confirmed blocks again: see Head::replays.
    virtual Task<void> replay(std::int64_t blocks) = 0;
};

}  // namespace lockstep::ledger
