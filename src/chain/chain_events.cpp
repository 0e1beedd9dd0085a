// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "chain/chain_events.hpp"

#include <fmt/format.h>

#include "core/json.hpp"

namespace lockstep::chain {

store::Migrations schema() {
    return {
        "chain",
        {"CREATE TABLE chain_events (seq INTEGER PRIMARY KEY, ns BIGINT NOT NULL, id BLOB NOT NULL, protocol_id TEXT "
         "NOT NULL,"
         " author TEXT NOT NULL, action TEXT NOT NULL, tx BLOB NOT NULL, batch BLOB NOT NULL, batch_hash BLOB NOT NULL,"
         " payload_ref TEXT NOT NULL, contexts BLOB NOT NULL, tx_hash BLOB NOT NULL, block BIGINT NOT NULL,"
         " block_hash BLOB NOT NULL, tx_index BIGINT NOT NULL, log_index BIGINT NOT NULL, timestamp BIGINT NOT NULL,"
         " created BIGINT NOT NULL, UNIQUE (ns, id), UNIQUE (ns, protocol_id));"
         "CREATE INDEX chain_events_tx ON chain_events (ns, tx);"
         "CREATE TABLE chain_heads (ns BIGINT PRIMARY KEY, block BIGINT NOT NULL, hash BLOB NOT NULL);"}};
}

const std::string chain_event_columns =
    "seq, id, author, action, tx, batch, batch_hash, payload_ref, contexts, tx_hash, block, block_hash, tx_index, "
    "log_index,"
    " timestamp, created";

ChainEventRow chain_event_row(const store::Statement& row) {
    ChainEventRow out;
    out.seq = row.integer(0);
    out.id = row.uuid(1);
    auto& event = out.event;
    event.author = row.string(2);
    event.action = row.string(3);
    event.pin.tx = row.uuid(4);
    event.pin.batch = row.uuid(5);
    event.pin.batch_hash = row.hash(6);
    event.pin.payload_ref = row.string(7);
    auto const contexts = row.blob(8);
    if (contexts.size() % 32 != 0) throw store::DamagedRow("a list of contexts", to_hex(contexts));
    for (std::size_t at = 0; at < contexts.size(); at += 32)
        event.pin.contexts.push_back(*Hash::from(contexts.subspan(at, 32)));
    event.tx_hash = row.hash(9);
    event.block = BlockNumber{row.integer(10)};
    event.block_hash = row.hash(11);
    event.tx_index = row.integer(12);
    event.log_index = row.integer(13);
    event.timestamp = row.time(14);
    out.created = row.time(15);
    return out;
}

bool insert(store::Transaction& tx, NamespaceId ns, ChainEventRow& row) {
    auto const& event = row.event;
    auto const protocol_id = event.protocol_id();
    Bytes contexts;
    contexts.reserve(event.pin.contexts.size() * 32);
    for (auto const& context : event.pin.contexts)
        contexts.insert(contexts.end(), context.bytes.begin(), context.bytes.end());
    auto const changed = tx.run(
        "INSERT INTO chain_events (ns, id, protocol_id, author, action, tx, batch, batch_hash, payload_ref, contexts, "
        "tx_hash, block,"
        " block_hash, tx_index, log_index, timestamp, created)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17) ON CONFLICT (ns, "
        "protocol_id) DO NOTHING",
        ns, row.id, protocol_id, event.author, event.action, event.pin.tx, event.pin.batch, event.pin.batch_hash,
        event.pin.payload_ref, contexts, event.tx_hash, event.block, event.block_hash, event.tx_index, event.log_index,
        event.timestamp, row.created);
    if (changed == 0) return false;
    row.seq = tx.last_id();
    return true;
}

namespace {
template <class... Args>
std::optional<ChainEventRow> one(store::Session& session, const std::string& where, const Args&... args) {
    auto rows = session.query("SELECT " + chain_event_columns + " FROM chain_events WHERE " + where, args...);
    auto const* row = rows.first();
    if (!row) return std::nullopt;
    return chain_event_row(*row);
}
}  // namespace

std::optional<ChainEventRow> find_event(store::Session& session, NamespaceId ns, std::int64_t seq) {
    return one(session, "ns = ?1 AND seq = ?2", ns, seq);
}

std::optional<ChainEventRow> find_event(store::Session& session, NamespaceId ns, const Uuid& id) {
    return one(session, "ns = ?1 AND id = ?2", ns, id);
}

std::vector<ChainEventRow> events_of_transaction(store::Session& session, NamespaceId ns, const Uuid& transaction) {
    std::vector<ChainEventRow> out;
    for (auto& row :
         session.query("SELECT " + chain_event_columns + " FROM chain_events WHERE ns = ?1 AND tx = ?2 ORDER BY seq",
                       ns, transaction)) {
        out.push_back(chain_event_row(row));
    }
    return out;
}

TxType tx_type_of(const ledger::PinEvent& event) {
    return event.action == "firefly:contract_invoke_pin" ? TxType::contract_invoke_pin : TxType::batch_pin;
}

// The action is shown as output.namespace, as the original does (firefly-core.md 6.1).
std::string chain_event_json(const ChainEventRow& row, std::string_view namespace_name, const ledger::Info& ledger) {
    auto const& event = row.event;
    json::Writer writer;
    writer.begin_object()
        .field("id", row.id.text())
        .field("source", ledger.plugin_type)
        .field("namespace", namespace_name);
    writer.field("name", "BatchPin").field("protocolId", event.protocol_id()).key("output").begin_object();
    writer.field("author", event.author)
        .field("batchHash", "0x" + event.pin.batch_hash.text())
        .key("contexts")
        .begin_array();
    for (auto const& context : event.pin.contexts) writer.string("0x" + context.text());
    writer.end_array().field("namespace", event.action).field("payloadRef", event.pin.payload_ref);
    writer.field("timestamp", std::to_string(event.timestamp.ns / 1'000'000'000));
    writer.field("uuids", "0x" + to_hex(event.pin.tx.view()) + to_hex(event.pin.batch.view())).end_object();
    writer.key("info")
        .begin_object()
        .field("address", ledger.contract)
        .field("blockHash", "0x" + event.block_hash.text());
    writer.field("blockNumber", std::to_string(event.block.value)).field("chainId", ledger.chain_id);
    writer.field("logIndex", std::to_string(event.log_index));
    writer.field("signature", "BatchPin(address,uint256,string,bytes32,bytes32,string,bytes32[])");
    writer.field("transactionHash", "0x" + event.tx_hash.text())
        .field("transactionIndex", "0x" + fmt::format("{:x}", event.tx_index));
    writer.end_object()
        .field("timestamp", event.timestamp.text())
        .key("tx")
        .begin_object()
        .field("type", word(tx_type_of(event)));
    writer.field("id", event.pin.tx.text())
        .field("blockchainId", "0x" + event.tx_hash.text())
        .end_object()
        .end_object();
    return writer.take();
}

}  // namespace lockstep::chain
