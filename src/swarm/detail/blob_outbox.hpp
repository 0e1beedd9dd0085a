// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The table of blobs that a peer has to say it has: those of private batches, until it has.
#pragma once

#include "core/positions.hpp"
#include "store/database.hpp"

namespace lockstep::swarm {

inline constexpr std::size_t blob_offers_max = 4096;  // read at once

void append_blob_outbox(store::Transaction& tx, NamespaceId ns, const std::string& peer, const Hash& hash);
// Not an error when there is no such row.
void remove_blob_outbox(store::Transaction& tx, NamespaceId ns, const std::string& peer, const Hash& hash);
std::vector<Hash> read_blob_outbox(store::Session& session, NamespaceId ns, const std::string& peer);

}  // namespace lockstep::swarm
