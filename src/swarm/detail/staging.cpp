// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "swarm/detail/staging.hpp"

#include <algorithm>

namespace lockstep::swarm {

namespace {

// The sum is kept beside and not counted: a peer's quota is looked at for each document that it sends.
void add_unasked(store::Transaction& tx, NamespaceId ns, std::string_view peer, std::int64_t bytes) {
    tx.run(
        "INSERT INTO payload_usage (ns, peer, bytes) VALUES (?1, ?2, ?3)"
        " ON CONFLICT (ns, peer) DO UPDATE SET bytes = payload_usage.bytes + excluded.bytes",
        ns, peer, bytes);
}

}  // namespace

bool stage(store::Transaction& tx, const flow::Feed& inbox, const Arrival& arrival) {
    auto const size = static_cast<std::int64_t>(arrival.document.size());
    auto const written = tx.run(
        "INSERT INTO payloads (ns, hash, bytes, peer, size, asked, received) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
        " ON CONFLICT (ns, hash) DO NOTHING",
        inbox.ns(), arrival.hash, arrival.document, arrival.peer, size, arrival.asked, arrival.received);
    if (written == 0) return false;
    if (!arrival.asked) add_unasked(tx, inbox.ns(), arrival.peer, size + row_bytes);
    inbox.append(tx, payload_entry, arrival.hash.view());
    return true;
}

bool is_staged(store::Session& session, NamespaceId ns, const Hash& hash) {
    auto rows = session.query("SELECT size FROM payloads WHERE ns = ?1 AND hash = ?2", ns, hash);
    return rows.first() != nullptr;
}

std::size_t unasked_bytes(store::Session& session, NamespaceId ns, const std::string& peer) {
    auto rows = session.query("SELECT bytes FROM payload_usage WHERE ns = ?1 AND peer = ?2", ns, peer);
    auto const* row = rows.first();
    // Less than nothing is left where documents are taken that an older version had counted for less.
    return row ? static_cast<std::size_t>(std::max<std::int64_t>(row->integer(0), 0)) : 0;
}

std::optional<Bytes> Exchange::staged(store::Session& session, NamespaceId ns, const Hash& payload) {
    auto rows = session.query("SELECT bytes FROM payloads WHERE ns = ?1 AND hash = ?2", ns, payload);
    auto const* row = rows.first();
    if (!row) return std::nullopt;
    auto const bytes = row->blob(0);
    return Bytes(bytes.begin(), bytes.end());
}

std::string Exchange::sender_of(store::Session& session, NamespaceId ns, const Hash& payload) {
    auto rows = session.query("SELECT peer FROM payloads WHERE ns = ?1 AND hash = ?2", ns, payload);
    auto const* row = rows.first();
    return row ? row->string(0) : std::string();
}

Time Exchange::staged_since(store::Session& session, NamespaceId ns, const Hash& payload) {
    auto rows = session.query("SELECT received FROM payloads WHERE ns = ?1 AND hash = ?2", ns, payload);
    auto const* row = rows.first();
    return row ? row->time(0) : Time{};
}

void Exchange::take(store::Transaction& tx, NamespaceId ns, const Hash& payload) {
    std::string peer;
    std::int64_t unasked = 0;
    {
        auto rows = tx.query("SELECT peer, size, asked FROM payloads WHERE ns = ?1 AND hash = ?2", ns, payload);
        auto const* row = rows.first();
        if (!row) return;
        peer = row->string(0);
        unasked = row->boolean(2) ? 0 : row->integer(1) + row_bytes;
    }
    tx.run("DELETE FROM payloads WHERE ns = ?1 AND hash = ?2", ns, payload);
    if (unasked > 0) add_unasked(tx, ns, peer, -unasked);
}

}  // namespace lockstep::swarm
