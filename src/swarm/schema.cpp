// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "swarm/exchange.hpp"

namespace lockstep::swarm {

// Hashes have no order, so what is big (payloads) keeps its own row order and the hash is an index.
store::Migrations schema() {
    return {"swarm",
            {"CREATE TABLE payloads (ns BIGINT NOT NULL, hash BLOB NOT NULL, bytes BLOB NOT NULL, peer TEXT NOT NULL,"
             " size BIGINT NOT NULL, asked BIGINT NOT NULL, received BIGINT NOT NULL, PRIMARY KEY (ns, hash));"
             "CREATE TABLE payload_usage (ns BIGINT NOT NULL, peer TEXT NOT NULL, bytes BIGINT NOT NULL,"
             " PRIMARY KEY (ns, peer)) WITHOUT ROWID;"
             "CREATE TABLE payload_outbox (ns BIGINT NOT NULL, peer TEXT NOT NULL, sequence BIGINT NOT NULL, hash BLOB "
             "NOT NULL,"
             " PRIMARY KEY (ns, peer, sequence)) WITHOUT ROWID;"
             "CREATE UNIQUE INDEX payload_outbox_hash ON payload_outbox (ns, peer, hash);"
             "CREATE TABLE payload_outbox_heads (ns BIGINT NOT NULL, peer TEXT NOT NULL, newest BIGINT NOT NULL,"
             " queued BIGINT NOT NULL, PRIMARY KEY (ns, peer)) WITHOUT ROWID;",
             "CREATE TABLE blob_outbox (ns BIGINT NOT NULL, peer TEXT NOT NULL, hash BLOB NOT NULL,"
             " PRIMARY KEY (ns, peer, hash)) WITHOUT ROWID;"}};
}

}  // namespace lockstep::swarm
