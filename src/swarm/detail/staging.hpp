// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The table of documents that have arrived and are not taken, and what each peer has left there unasked.
// Exchange::staged() and Exchange::take() are defined beside these.
#pragma once

#include "flow/feed.hpp"
#include "swarm/exchange.hpp"

namespace lockstep::swarm {

// What a document takes besides its bytes: a peer could else leave millions of tiny ones.
inline constexpr std::int64_t row_bytes = 256;

struct Arrival {
    Hash hash;
    Bytes document;
    std::string peer;
    bool asked = false;  // a pin has asked for it: it does not count against the peer
    Time received;
};

// Writes the document and its inbox entry. False when it is staged already; then nothing is written.
bool stage(store::Transaction& tx, const flow::Feed& inbox, const Arrival& arrival);

bool is_staged(store::Session& session, NamespaceId ns, const Hash& hash);
// Bytes that the peer has here without anybody having asked for them, with row_bytes for each document.
std::size_t unasked_bytes(store::Session& session, NamespaceId ns, const std::string& peer);

}  // namespace lockstep::swarm
