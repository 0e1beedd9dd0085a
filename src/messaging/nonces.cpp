// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "messaging/nonces.hpp"

namespace lockstep::messaging {

std::uint64_t next_nonce(store::Session& session, NamespaceId ns, const Hash& key) {
    auto rows = session.query("SELECT next FROM nonces WHERE ns = ?1 AND hash = ?2", ns, key);
    auto const* row = rows.first();
    return row ? static_cast<std::uint64_t>(row->integer(0)) : 0;
}

void save_next_nonce(store::Transaction& tx, NamespaceId ns, const Hash& key, std::uint64_t next) {
    tx.run(
        "INSERT INTO nonces (ns, hash, next) VALUES (?1, ?2, ?3)"
        " ON CONFLICT (ns, hash) DO UPDATE SET next = excluded.next",
        ns, key, static_cast<std::int64_t>(next));
}

}  // namespace lockstep::messaging
