// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// How a fork deals transactions out anew.
#pragma once

#include <vector>

#include "base/chance.hpp"
#include "ledger/dev/pool.hpp"

namespace lockstep::ledger::dev {

struct Dealt {
    std::vector<std::vector<Entry>> blocks;
    std::vector<Entry> left;  // found no room: they wait again
};

// `entries` in chain order, dealt out to `blocks` blocks (at least one) of at most `bytes_max` bytes each,
// in another order wherever two accounts allow it. An account's nonces stay in order, also across the
// blocks and what is left. A block may stay empty.
Dealt deal(const std::vector<Entry>& entries, std::size_t blocks, std::size_t bytes_max, Chance& chance);

}  // namespace lockstep::ledger::dev
