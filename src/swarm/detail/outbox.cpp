// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "swarm/detail/outbox.hpp"

namespace lockstep::swarm {

namespace {

// `newest` is kept apart from the rows, so that a number is never given twice: readers stand on them.
std::int64_t advance(store::Transaction& tx, NamespaceId ns, const std::string& peer) {
    tx.run(
        "INSERT INTO payload_outbox_heads (ns, peer, newest, queued) VALUES (?1, ?2, 1, 1)"
        " ON CONFLICT (ns, peer) DO UPDATE SET newest = payload_outbox_heads.newest + 1,"
        " queued = payload_outbox_heads.queued + 1",
        ns, peer);
    auto rows = tx.query("SELECT newest FROM payload_outbox_heads WHERE ns = ?1 AND peer = ?2", ns, peer);
    return rows.first()->integer(0);
}

bool is_queued(store::Session& session, NamespaceId ns, const std::string& peer, const Hash& hash) {
    auto rows =
        session.query("SELECT sequence FROM payload_outbox WHERE ns = ?1 AND peer = ?2 AND hash = ?3", ns, peer, hash);
    return rows.first() != nullptr;
}

}  // namespace

void append_outbox(store::Transaction& tx, NamespaceId ns, const std::string& peer, const Hash& hash) {
    if (is_queued(tx, ns, peer, hash)) return;
    auto const sequence = advance(tx, ns, peer);
    tx.run("INSERT INTO payload_outbox (ns, peer, sequence, hash) VALUES (?1, ?2, ?3, ?4)", ns, peer, sequence, hash);
}

void remove_outbox(store::Transaction& tx, NamespaceId ns, const std::string& peer, const Hash& hash) {
    if (tx.run("DELETE FROM payload_outbox WHERE ns = ?1 AND peer = ?2 AND hash = ?3", ns, peer, hash) == 0) return;
    tx.run("UPDATE payload_outbox_heads SET queued = queued - 1 WHERE ns = ?1 AND peer = ?2", ns, peer);
}

std::vector<OutboxRow> read_outbox(
    store::Session& session, NamespaceId ns, const std::string& peer, std::int64_t after, std::size_t most) {
    std::vector<OutboxRow> page;
    for (auto& row : session.query("SELECT sequence, hash FROM payload_outbox"
                                   " WHERE ns = ?1 AND peer = ?2 AND sequence > ?3 ORDER BY sequence LIMIT ?4",
                                   ns, peer, after, most)) {
        page.push_back({row.integer(0), row.hash(1)});
    }
    return page;
}

std::map<std::string, std::size_t> queued(store::Session& session, NamespaceId ns) {
    std::map<std::string, std::size_t> counts;
    for (auto& row : session.query("SELECT peer, queued FROM payload_outbox_heads WHERE ns = ?1", ns)) {
        counts.emplace(row.string(0), static_cast<std::size_t>(row.integer(1)));
    }
    return counts;
}

std::optional<Hash> Exchange::oldest_queued(store::Session& session, NamespaceId ns, const std::string& peer_id) {
    auto rows = session.query("SELECT hash FROM payload_outbox WHERE ns = ?1 AND peer = ?2 ORDER BY sequence LIMIT 1",
                              ns, peer_id);
    auto const* row = rows.first();
    if (!row) return std::nullopt;
    return row->hash(0);
}

}  // namespace lockstep::swarm
