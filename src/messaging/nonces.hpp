// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// How often this member's authors have spoken on a topic of a group: the numbers that mask their pins
// (firefly-core.md 2.9). Only the batcher gives them out, in the commit that seals a batch.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "core/positions.hpp"
#include "store/database.hpp"

namespace lockstep::messaging {

// The next one; 0 for who has not spoken yet. `key` is nonce_key() of core.
std::uint64_t next_nonce(store::Session& session, NamespaceId ns, const Hash& key);
void save_next_nonce(store::Transaction& tx, NamespaceId ns, const Hash& key, std::uint64_t next);

}  // namespace lockstep::messaging
