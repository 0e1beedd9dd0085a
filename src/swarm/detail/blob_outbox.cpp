// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "swarm/detail/blob_outbox.hpp"

namespace lockstep::swarm {

void append_blob_outbox(store::Transaction& tx, NamespaceId ns, const std::string& peer, const Hash& hash) {
    tx.run("INSERT INTO blob_outbox (ns, peer, hash) VALUES (?1, ?2, ?3) ON CONFLICT (ns, peer, hash) DO NOTHING", ns,
           peer, hash);
}

void remove_blob_outbox(store::Transaction& tx, NamespaceId ns, const std::string& peer, const Hash& hash) {
    tx.run("DELETE FROM blob_outbox WHERE ns = ?1 AND peer = ?2 AND hash = ?3", ns, peer, hash);
}

std::vector<Hash> read_blob_outbox(store::Session& session, NamespaceId ns, const std::string& peer) {
    std::vector<Hash> out;
    for (auto& row :
         session.query("SELECT hash FROM blob_outbox WHERE ns = ?1 AND peer = ?2 LIMIT ?3", ns, peer, blob_offers_max))
        out.push_back(row.hash(0));
    return out;
}

}  // namespace lockstep::swarm
