// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Common: what the links of one exchange share, and the three questions that they ask of the store.
#pragma once

#include "swarm/detail/acks.hpp"
#include "swarm/detail/connected_peers.hpp"
#include "swarm/detail/document_cache.hpp"
#include "swarm/detail/pulls.hpp"
#include "swarm/detail/receiver.hpp"
#include "swarm/exchange.hpp"

namespace lockstep::swarm {

class BlobFetches;

struct Common {
    NamespaceId ns;
    Executor executor;
    Clock& clock;
    Chance& chance;
    store::Database& database;
    net::Network& network;
    flow::Feed& inbox;
    const PayloadSource source;  // readers' threads call it
    const std::string own_id;
    const Exchange::Options options;
    DocumentCache cache;
    Pulls pulls;
    Tap pulls_changed;
    Acks acks;
    Acks blob_acks;
    ConnectedPeers connected;
    bool withhold = false;
    BlobFetches* fetches = nullptr;  // of the exchange; null without blobs
};

// A document that this member can hand out: from the cache, the staging table or the source. Null if none.
Task<Document> find_document(Common& common, Hash hash);
// Is it here, or taken already; and if not, may this peer leave it here?
Task<Receiver::Found> look(Common& common, std::string peer, Receiver::Look look);
// Commits a document whose hash is right, with its inbox entry, and rings the inbox. False when it is staged.
Task<bool> keep(Common& common, Hash hash, Bytes document, std::string peer);

}  // namespace lockstep::swarm
