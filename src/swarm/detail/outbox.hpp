// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The table of documents that a peer is to be sent and has not acknowledged, in the order of their sealing.
#pragma once

#include <map>

#include "swarm/detail/send_ahead.hpp"
#include "swarm/exchange.hpp"

namespace lockstep::swarm {

void append_outbox(store::Transaction& tx, NamespaceId ns, const std::string& peer, const Hash& hash);
// Not an error when there is no such row.
void remove_outbox(store::Transaction& tx, NamespaceId ns, const std::string& peer, const Hash& hash);
std::vector<OutboxRow> read_outbox(
    store::Session& session, NamespaceId ns, const std::string& peer, std::int64_t after, std::size_t most);
// How many rows each peer has.
std::map<std::string, std::size_t> queued(store::Session& session, NamespaceId ns);

}  // namespace lockstep::swarm
