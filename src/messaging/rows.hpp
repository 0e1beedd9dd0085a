// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Messages, data and batches as rows and as JSON (firefly-core.md 18.1 to 18.3). A payload is stored
// once, in its final text; the message, the manifest and the document that travels are built from rows
// when somebody asks.
//
// messages.confirmed holds never_confirmed until the message is settled, so that the index on it sorts
// the unsettled first when newest is first; shown as absent, and as null to filters.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/message.hpp"
#include "core/positions.hpp"
#include "store/database.hpp"

namespace lockstep::messaging {

inline constexpr std::int64_t never_confirmed = INT64_MAX;

struct MessageRow {
    std::int64_t seq = 0;
    Message message;
    MessageState state = MessageState::ready;
    std::optional<Uuid> batch, tx;
    Time confirmed;  // zero: not yet
    std::string reject_reason, idempotency_key;
};

struct BatchRow {
    std::int64_t seq = 0;
    Batch batch;                    // header, hash and tx; messages and data are empty
    std::vector<Uuid> message_ids;  // in order
    Time confirmed;                 // zero: not yet
    std::optional<Hash> payload;    // SHA-256 of the document; none for what never travelled
    std::string reject_reason;
};

// ---- writing ----

// Inserts a message; throws store::Conflict when it or its idempotency key exists.
std::int64_t insert(store::Transaction& tx, NamespaceId ns, const MessageRow& row);
// Inserts data that `message_seq` carries (0: none yet), unless it is there.
void insert(store::Transaction& tx, NamespaceId ns, const Data& data, std::int64_t message_seq);
// Remembers that a message refers to data that it did not bring.
void refer(store::Transaction& tx, NamespaceId ns, const Uuid& data, std::int64_t message_seq);
void insert(store::Transaction& tx, NamespaceId ns, const BatchRow& row);
void remove_batch(store::Transaction& tx, NamespaceId ns, const Uuid& id);
// The batch came back from the ledger.
void confirm_batch(store::Transaction& tx, NamespaceId ns, const Uuid& id, Time at);
// ready -> sent for every message of a sealed batch.
void mark_sent(store::Transaction& tx, NamespaceId ns, std::int64_t seq, const Uuid& batch, const Uuid& transaction);
// Those of a private message, which it has from the sealing of its batch on.
void set_pins(store::Transaction& tx, NamespaceId ns, std::int64_t seq, const std::vector<std::string>& pins);
// -> confirmed or rejected.
void settle(
    store::Transaction& tx, NamespaceId ns, std::int64_t seq, MessageState state, Time at, std::string_view reason);

// ---- reading ----

extern const std::string message_columns;
extern const std::string data_columns;
extern const std::string batch_columns;
MessageRow message_row(const store::Statement& row);
Data data_row(const store::Statement& row);
BatchRow batch_row(const store::Statement& row);

// By id alone: the first that came, when others have given one id to several.
std::optional<MessageRow> find_message(store::Session& session, NamespaceId ns, const Uuid& id);
std::optional<MessageRow> find_message(store::Session& session, NamespaceId ns, const Uuid& id, const Hash& hash);
std::optional<MessageRow> load_message(store::Session& session, NamespaceId ns, std::int64_t seq);
std::optional<MessageRow> find_message_by_key(store::Session& session,
                                              NamespaceId ns,
                                              std::string_view idempotency_key);
std::optional<Data> find_data(store::Session& session, NamespaceId ns, const Uuid& id);
std::optional<Data> find_data(store::Session& session, NamespaceId ns, const DataRef& ref);
// Never one that was rejected.
std::optional<BatchRow> find_batch(store::Session& session, NamespaceId ns, const Uuid& id);
std::optional<BatchRow> find_batch_by_payload(store::Session& session, NamespaceId ns, const Hash& payload);
// The messages of a batch in order, with the data they carry: all that its document says. Empty when a
// message or a data item is no longer here.
std::optional<Batch> load_batch(store::Session& session, NamespaceId ns, const BatchRow& row);
// Messages that carry or refer to a data item, newest first.
std::vector<MessageRow> messages_of_data(store::Session& session, NamespaceId ns, const Uuid& data, std::size_t most);

// ---- JSON ----

std::string message_json(const MessageRow& row, std::string_view local_namespace);
// MessageInOut: data in-line instead of references (?fetchdata).
std::string message_json_with_data(store::Session& session,
                                   NamespaceId ns,
                                   const MessageRow& row,
                                   std::string_view local_namespace);
std::string data_json(const Data& data, std::string_view namespace_name);
// BatchPersisted; the manifest is rebuilt.
std::string batch_json(store::Session& session, NamespaceId ns, const BatchRow& row, std::string_view namespace_name);

store::Migrations schema();

}  // namespace lockstep::messaging
