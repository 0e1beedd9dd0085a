// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "blobs/table.hpp"

namespace lockstep::blobs {

store::Migrations schema() {
    return {
        "blobs",
        {"CREATE TABLE blobs (ns BIGINT NOT NULL, hash BLOB NOT NULL, size BIGINT NOT NULL, created BIGINT NOT NULL,"
         " PRIMARY KEY (ns, hash)) WITHOUT ROWID;"}};
}

bool has(store::Session& session, NamespaceId ns, const Hash& hash) { return size_of(session, ns, hash).has_value(); }

std::optional<std::int64_t> size_of(store::Session& session, NamespaceId ns, const Hash& hash) {
    auto rows = session.query("SELECT size FROM blobs WHERE ns = ?1 AND hash = ?2", ns, hash);
    auto const* row = rows.first();
    if (!row) return std::nullopt;
    return row->integer(0);
}

std::vector<Hash> all(store::Session& session, NamespaceId ns) {
    std::vector<Hash> out;
    for (auto& row : session.query("SELECT hash FROM blobs WHERE ns = ?1", ns)) out.push_back(row.hash(0));
    return out;
}

void keep(store::Transaction& tx, NamespaceId ns, const Hash& hash, std::uint64_t size, Time now) {
    tx.run("INSERT INTO blobs (ns, hash, size, created) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (ns, hash) DO NOTHING", ns,
           hash, size, now);
}

void forget(store::Transaction& tx, NamespaceId ns, const Hash& hash) {
    tx.run("DELETE FROM blobs WHERE ns = ?1 AND hash = ?2", ns, hash);
}

}  // namespace lockstep::blobs
