// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "flow/feed.hpp"

namespace lockstep::flow {

store::Migrations schema() {
    return {"flow",
            {"CREATE TABLE feed_entries (ns BIGINT NOT NULL, feed TEXT NOT NULL, sequence BIGINT NOT NULL, kind TEXT "
             "NOT NULL,"
             " key BLOB NOT NULL, PRIMARY KEY (ns, feed, sequence)) WITHOUT ROWID;"
             "CREATE TABLE feed_heads (ns BIGINT NOT NULL, feed TEXT NOT NULL, newest BIGINT NOT NULL,"
             " PRIMARY KEY (ns, feed)) WITHOUT ROWID;"
             "CREATE TABLE cursors (ns BIGINT NOT NULL, stage TEXT NOT NULL, position BIGINT NOT NULL,"
             " PRIMARY KEY (ns, stage)) WITHOUT ROWID;"}};
}

// The head is kept apart from the entries, so that numbers are never given twice after a truncation.
Sequence Feed::newest(store::Session& session) const {
    auto rows = session.query("SELECT newest FROM feed_heads WHERE ns = ?1 AND feed = ?2", ns_, name_);
    auto const* row = rows.first();
    return Sequence{row ? row->integer(0) : 0};
}

Sequence Feed::append(store::Transaction& tx, std::string_view kind, BytesView key) const {
    auto const sequence = newest(tx).next();
    tx.run("INSERT INTO feed_entries (ns, feed, sequence, kind, key) VALUES (?1, ?2, ?3, ?4, ?5)", ns_, name_, sequence,
           kind, key);
    tx.run(
        "INSERT INTO feed_heads (ns, feed, newest) VALUES (?1, ?2, ?3)"
        " ON CONFLICT (ns, feed) DO UPDATE SET newest = excluded.newest",
        ns_, name_, sequence);
    return sequence;
}

std::vector<Entry> Feed::read(store::Session& session, Sequence after, std::size_t most) const {
    std::vector<Entry> page;
    for (auto& row : session.query("SELECT sequence, kind, key FROM feed_entries"
                                   " WHERE ns = ?1 AND feed = ?2 AND sequence > ?3 ORDER BY sequence LIMIT ?4",
                                   ns_, name_, after, most)) {
        auto const key = row.blob(2);
        page.push_back({Sequence{row.integer(0)}, row.string(1), Bytes(key.begin(), key.end())});
    }
    return page;
}

void Feed::truncate(store::Transaction& tx, Sequence through) const {
    tx.run("DELETE FROM feed_entries WHERE ns = ?1 AND feed = ?2 AND sequence <= ?3", ns_, name_, through);
}

std::int64_t load_cursor(store::Session& session, NamespaceId ns, std::string_view stage, std::int64_t otherwise) {
    auto rows = session.query("SELECT position FROM cursors WHERE ns = ?1 AND stage = ?2", ns, stage);
    auto const* row = rows.first();
    return row ? row->integer(0) : otherwise;
}

void save_cursor(store::Transaction& tx, NamespaceId ns, std::string_view stage, std::int64_t position) {
    tx.run(
        "INSERT INTO cursors (ns, stage, position) VALUES (?1, ?2, ?3)"
        " ON CONFLICT (ns, stage) DO UPDATE SET position = excluded.position",
        ns, stage, position);
}

}  // namespace lockstep::flow
