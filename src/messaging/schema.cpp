// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "messaging/rows.hpp"

namespace lockstep::messaging {

// What others send may give one id to two messages or two values; both are kept, or members would keep what
// came to them first. Ids that we make ascend with time, so the unique indexes grow at their right end. `topics` are
// joined by commas, as the filters see them; `data` is the list of (id, hash), 48 bytes each; `messages` of a batch the
// list of ids, 16 bytes each.
store::Migrations schema() {
    return {
        "messaging",
        {"CREATE TABLE messages (seq INTEGER PRIMARY KEY, ns BIGINT NOT NULL, id BLOB NOT NULL, type TEXT NOT NULL,"
         " txtype TEXT NOT NULL, author TEXT NOT NULL, key TEXT NOT NULL, created BIGINT NOT NULL, cid BLOB, "
         "group_hash BLOB,"
         " topics TEXT NOT NULL, tag TEXT NOT NULL, datahash BLOB NOT NULL, hash BLOB NOT NULL, namespace TEXT NOT "
         "NULL,"
         " txparent_type TEXT NOT NULL, txparent_id BLOB, data BLOB NOT NULL, pins TEXT NOT NULL, state TEXT NOT NULL,"
         " confirmed BIGINT NOT NULL, reject_reason TEXT NOT NULL, batch BLOB, tx BLOB, idempotency_key TEXT, UNIQUE "
         "(ns, id, hash));"
         "CREATE INDEX messages_confirmed ON messages (ns, confirmed, created);"
         "CREATE UNIQUE INDEX messages_idempotency ON messages (ns, idempotency_key) WHERE idempotency_key IS NOT NULL;"
         "CREATE TABLE data (seq INTEGER PRIMARY KEY, ns BIGINT NOT NULL, id BLOB NOT NULL, validator TEXT NOT NULL,"
         " hash BLOB NOT NULL, created BIGINT NOT NULL, datatype_name TEXT NOT NULL, datatype_version TEXT NOT NULL,"
         " value TEXT NOT NULL, public_ref TEXT NOT NULL, blob_hash BLOB, blob_size BIGINT NOT NULL, blob_name TEXT "
         "NOT NULL,"
         " blob_path TEXT NOT NULL, blob_public TEXT NOT NULL, message BIGINT NOT NULL, UNIQUE (ns, id, hash));"
         "CREATE TABLE message_data (ns BIGINT NOT NULL, data BLOB NOT NULL, message BIGINT NOT NULL,"
         " PRIMARY KEY (ns, data, message)) WITHOUT ROWID;"
         "CREATE TABLE batches (seq INTEGER PRIMARY KEY, ns BIGINT NOT NULL, id BLOB NOT NULL, type TEXT NOT NULL,"
         " author TEXT NOT NULL, key TEXT NOT NULL, group_hash BLOB, node BLOB, created BIGINT NOT NULL, hash BLOB NOT "
         "NULL,"
         " namespace TEXT NOT NULL, tx_type TEXT NOT NULL, tx BLOB NOT NULL, confirmed BIGINT NOT NULL, payload BLOB,"
         " reject_reason TEXT NOT NULL, messages BLOB NOT NULL, UNIQUE (ns, id));"
         "CREATE INDEX batches_payload ON batches (ns, payload);",
         "CREATE TABLE nonces (ns BIGINT NOT NULL, hash BLOB NOT NULL, next BIGINT NOT NULL, PRIMARY KEY (ns, hash))"
         " WITHOUT ROWID;",
         // Whether a blob is still used, and who may have it. Most data has none.
         "CREATE INDEX data_blob ON data (ns, blob_hash) WHERE blob_hash IS NOT NULL;"}};
}

}  // namespace lockstep::messaging
