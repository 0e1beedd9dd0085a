// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "sequencer/parking.hpp"

namespace lockstep::sequencer {

store::Migrations schema() {
    return {
        "sequencer",
        {"CREATE TABLE parked_pins (ns BIGINT NOT NULL, context BLOB NOT NULL, pin BIGINT NOT NULL,"
         " PRIMARY KEY (ns, context, pin)) WITHOUT ROWID;"
         "CREATE TABLE parked_batches (ns BIGINT NOT NULL, event BIGINT NOT NULL, payload BLOB NOT NULL, since "
         "BIGINT NOT NULL,"
         " PRIMARY KEY (ns, event)) WITHOUT ROWID;"
         "CREATE INDEX parked_batches_payload ON parked_batches (ns, payload);"
         "CREATE TABLE parked_messages (ns BIGINT NOT NULL, first_pin BIGINT NOT NULL, message BIGINT NOT NULL,"
         " topics BIGINT NOT NULL, wait TEXT NOT NULL, missing TEXT NOT NULL, since BIGINT NOT NULL,"
         " PRIMARY KEY (ns, first_pin)) WITHOUT ROWID;"
         "CREATE INDEX parked_messages_missing ON parked_messages (ns, wait, missing);",
         "CREATE TABLE next_pins (seq INTEGER PRIMARY KEY, ns BIGINT NOT NULL, context BLOB NOT NULL, identity TEXT NOT"
         " NULL, hash BLOB NOT NULL, nonce BIGINT NOT NULL, UNIQUE (ns, context, identity));"
         "CREATE INDEX next_pins_hash ON next_pins (ns, hash);"
         "CREATE TABLE masked_pins (ns BIGINT NOT NULL, hash BLOB NOT NULL, pin BIGINT NOT NULL,"
         " PRIMARY KEY (ns, hash, pin)) WITHOUT ROWID;"
         "CREATE TABLE masked_batches (ns BIGINT NOT NULL, batch BLOB NOT NULL, event BIGINT NOT NULL,"
         " PRIMARY KEY (ns, batch, event)) WITHOUT ROWID;"
         "CREATE TABLE private_documents (ns BIGINT NOT NULL, batch BLOB NOT NULL, payload BLOB NOT NULL,"
         " PRIMARY KEY (ns, batch, payload)) WITHOUT ROWID;",
         "CREATE TABLE context_names (ns BIGINT NOT NULL, context BLOB NOT NULL, topic TEXT NOT NULL, grp BLOB NOT "
         "NULL,"
         " PRIMARY KEY (ns, context)) WITHOUT ROWID;",
         "CREATE TABLE parked_datatypes (ns BIGINT NOT NULL, first_pin BIGINT NOT NULL, position BIGINT NOT NULL,"
         " name TEXT NOT NULL, version TEXT NOT NULL, PRIMARY KEY (ns, first_pin, position)) WITHOUT ROWID;",
         "CREATE TABLE blob_waits (ns BIGINT NOT NULL, blob BLOB NOT NULL, message BIGINT NOT NULL, payload BLOB NOT "
         "NULL,"
         " peers TEXT NOT NULL, PRIMARY KEY (ns, blob, message, payload)) WITHOUT ROWID;",
         "CREATE TABLE unpinned_waits (ns BIGINT NOT NULL, missing TEXT NOT NULL, payload BLOB NOT NULL,"
         " PRIMARY KEY (ns, missing, payload)) WITHOUT ROWID;"
         "CREATE INDEX parked_messages_message ON parked_messages (ns, message);"}};
}

std::optional<PinOrder> Parking::first(store::Session& session, const Hash& context) const {
    auto rows =
        session.query("SELECT pin FROM parked_pins WHERE ns = ?1 AND context = ?2 ORDER BY pin LIMIT 1", ns_, context);
    auto const* row = rows.first();
    if (!row) return std::nullopt;
    return row->integer(0);
}

void Parking::park_pin(store::Transaction& tx, const Hash& context, PinOrder pin) const {
    tx.run("INSERT INTO parked_pins (ns, context, pin) VALUES (?1, ?2, ?3) ON CONFLICT (ns, context, pin) DO NOTHING",
           ns_, context, pin);
}

void Parking::unpark_pin(store::Transaction& tx, const Hash& context, PinOrder pin) const {
    tx.run("DELETE FROM parked_pins WHERE ns = ?1 AND context = ?2 AND pin = ?3", ns_, context, pin);
}

void Parking::park_batch(store::Transaction& tx, const ParkedBatch& batch) const {
    tx.run("INSERT INTO parked_batches (ns, event, payload, since) VALUES (?1, ?2, ?3, ?4)", ns_, batch.event,
           batch.payload, batch.since);
}

void Parking::unpark_batch(store::Transaction& tx, std::int64_t event) const {
    tx.run("DELETE FROM parked_batches WHERE ns = ?1 AND event = ?2", ns_, event);
}

std::vector<ParkedBatch> Parking::batches_waiting_for(store::Session& session, const Hash& payload) const {
    std::vector<ParkedBatch> out;
    for (auto& row :
         session.query("SELECT event, payload, since FROM parked_batches WHERE ns = ?1 AND payload = ?2 ORDER BY event",
                       ns_, payload))
        out.push_back({row.integer(0), row.hash(1), row.time(2)});
    return out;
}

bool Parking::batch_parked(store::Session& session, std::int64_t event) const {
    auto rows = session.query("SELECT 1 FROM parked_batches WHERE ns = ?1 AND event = ?2", ns_, event);
    return rows.first() != nullptr;
}

std::vector<ParkedBatch> Parking::batches(store::Session& session) const {
    std::vector<ParkedBatch> out;
    for (auto& row :
         session.query("SELECT event, payload, since FROM parked_batches WHERE ns = ?1 ORDER BY event", ns_))
        out.push_back({row.integer(0), row.hash(1), row.time(2)});
    return out;
}

void Parking::park_message(store::Transaction& tx, const ParkedMessage& message) const {
    tx.run(
        "INSERT INTO parked_messages (ns, first_pin, message, topics, wait, missing, since) VALUES (?1, ?2, ?3, ?4, "
        "?5, ?6, ?7)"
        " ON CONFLICT (ns, first_pin) DO UPDATE SET wait = excluded.wait, missing = excluded.missing",
        ns_, message.first_pin, message.message_seq, message.topics, word(message.wait), message.missing,
        message.since);
}

void Parking::unpark_message(store::Transaction& tx, PinOrder first_pin) const {
    tx.run("DELETE FROM parked_messages WHERE ns = ?1 AND first_pin = ?2", ns_, first_pin);
    tx.run("DELETE FROM parked_datatypes WHERE ns = ?1 AND first_pin = ?2", ns_, first_pin);
}

void Parking::park_types(store::Transaction& tx, PinOrder first_pin, const std::vector<TypedRef>& types) const {
    for (auto const& type : types)
        tx.run(
            "INSERT INTO parked_datatypes (ns, first_pin, position, name, version) VALUES (?1, ?2, ?3, ?4, ?5)"
            " ON CONFLICT (ns, first_pin, position) DO NOTHING",
            ns_, first_pin, type.position, type.datatype.name, type.datatype.version);
}

std::vector<TypedRef> Parking::types_of(store::Session& session, PinOrder first_pin) const {
    std::vector<TypedRef> out;
    for (auto& row :
         session.query("SELECT position, name, version FROM parked_datatypes WHERE ns = ?1 AND first_pin = ?2"
                       " ORDER BY position",
                       ns_, first_pin))
        out.push_back({row.integer(0), {row.string(1), row.string(2)}});
    return out;
}

namespace {
ParkedMessage message_row(const store::Statement& row) {
    auto const wait = store::meaning(parse_wait(row.text(3)), "what a message waits for", row.text(3));
    return {row.integer(0), row.integer(1), row.integer(2), wait, row.string(4), row.time(5)};
}
}  // namespace

std::optional<ParkedMessage> Parking::message_of(store::Session& session, PinOrder pin) const {
    auto rows = session.query(
        "SELECT first_pin, message, topics, wait, missing, since FROM parked_messages"
        " WHERE ns = ?1 AND first_pin <= ?2 ORDER BY first_pin DESC LIMIT 1",
        ns_, pin);
    auto const* row = rows.first();
    if (!row) return std::nullopt;
    auto message = message_row(*row);
    if (pin >= message.first_pin + message.topics) return std::nullopt;
    return message;
}

std::vector<PinOrder> Parking::first_pins_of(store::Session& session, std::int64_t message_seq) const {
    std::vector<PinOrder> out;
    for (auto& row : session.query("SELECT first_pin FROM parked_messages WHERE ns = ?1 AND message = ?2"
                                   " ORDER BY first_pin",
                                   ns_, message_seq))
        out.push_back(row.integer(0));
    return out;
}

std::vector<ParkedMessage> Parking::messages_waiting_for(store::Session& session,
                                                         WaitFor wait,
                                                         std::string_view missing) const {
    std::vector<ParkedMessage> out;
    for (auto& row : session.query("SELECT first_pin, message, topics, wait, missing, since FROM parked_messages"
                                   " WHERE ns = ?1 AND wait = ?2 AND missing = ?3 ORDER BY first_pin",
                                   ns_, word(wait), missing))
        out.push_back(message_row(row));
    return out;
}

bool Parking::dispatched(store::Session& session, const Hash& context, PinOrder pin) const {
    auto rows =
        session.query("SELECT 1 FROM parked_pins WHERE ns = ?1 AND context = ?2 AND pin = ?3", ns_, context, pin);
    return rows.first() == nullptr;
}

std::int64_t Parking::count(store::Session& session) const {
    auto rows = session.query("SELECT COUNT(*) FROM parked_pins WHERE ns = ?1", ns_);
    return rows.first()->integer(0);
}

std::vector<ParkedQueue> Parking::queues(store::Session& session, std::size_t most) const {
    std::vector<ParkedQueue> out;
    for (auto& row : session.query("SELECT context, MIN(pin), COUNT(*) FROM parked_pins WHERE ns = ?1 GROUP BY context"
                                   " ORDER BY MIN(pin) LIMIT ?2",
                                   ns_, static_cast<std::int64_t>(most)))
        out.push_back({row.hash(0), row.integer(1), row.integer(2)});
    return out;
}

std::vector<ParkedMessage> Parking::messages(store::Session& session, std::size_t most) const {
    std::vector<ParkedMessage> out;
    for (auto& row : session.query("SELECT first_pin, message, topics, wait, missing, since FROM parked_messages"
                                   " WHERE ns = ?1 AND wait <> 'pin' ORDER BY first_pin LIMIT ?2",
                                   ns_, static_cast<std::int64_t>(most)))
        out.push_back(message_row(row));
    return out;
}

std::vector<PinOrder> Parking::pins_of(store::Session& session, const Hash& context, std::size_t most) const {
    std::vector<PinOrder> out;
    for (auto& row : session.query("SELECT pin FROM parked_pins WHERE ns = ?1 AND context = ?2 ORDER BY pin LIMIT ?3",
                                   ns_, context, static_cast<std::int64_t>(most)))
        out.push_back(row.integer(0));
    return out;
}

std::vector<Hash> Parking::contexts_of(store::Session& session, std::int64_t event) const {
    std::vector<Hash> out;
    for (auto& row : session.query("SELECT DISTINCT context FROM parked_pins WHERE ns = ?1 AND pin >= ?2 AND pin < ?3",
                                   ns_, pin_order(event, 0), pin_order(event + 1, 0)))
        out.push_back(row.hash(0));
    return out;
}

}  // namespace lockstep::sequencer
