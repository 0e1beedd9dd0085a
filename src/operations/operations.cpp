// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "operations/operations.hpp"

#include <algorithm>
#include <array>

#include "base/must.hpp"
#include "core/json.hpp"

namespace lockstep::operations {

namespace {

constexpr std::array<std::string_view, 15> type_words{"blockchain_pin_batch",
                                                      "blockchain_network_action",
                                                      "blockchain_deploy",
                                                      "blockchain_invoke",
                                                      "sharedstorage_upload_batch",
                                                      "sharedstorage_upload_blob",
                                                      "sharedstorage_upload_value",
                                                      "sharedstorage_download_batch",
                                                      "sharedstorage_download_blob",
                                                      "dataexchange_send_batch",
                                                      "dataexchange_send_blob",
                                                      "token_create_pool",
                                                      "token_activate_pool",
                                                      "token_transfer",
                                                      "token_approval"};
constexpr std::array<std::string_view, 4> status_words{"Initialized", "Pending", "Succeeded", "Failed"};

template <class Enum, std::size_t N>
Enum parse(const std::array<std::string_view, N>& words, std::string_view what, std::string_view text) {
    auto const found = std::find(words.begin(), words.end(), text);
    if (found == words.end()) throw store::DamagedRow(what, text);
    return static_cast<Enum>(found - words.begin());
}

std::vector<std::string> split(std::string_view list) {
    std::vector<std::string> out;
    while (!list.empty()) {
        auto const end = std::min(list.find(','), list.size());
        out.emplace_back(list.substr(0, end));
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return out;
}

std::string join(const std::vector<std::string>& list) {
    std::string out;
    for (auto const& item : list) {
        if (!out.empty()) out += ',';
        out += item;
    }
    return out;
}

}  // namespace

std::string_view word(OperationType type) { return type_words[static_cast<std::size_t>(type)]; }
std::string_view word(OperationStatus status) { return status_words[static_cast<std::size_t>(status)]; }

store::Migrations schema() {
    return {
        "operations",
        {"CREATE TABLE transactions (seq INTEGER PRIMARY KEY, ns BIGINT NOT NULL, id BLOB NOT NULL, type TEXT NOT NULL,"
         " created BIGINT NOT NULL, idempotency_key TEXT, blockchain_ids TEXT NOT NULL, UNIQUE (ns, id));"
         "CREATE UNIQUE INDEX transactions_idempotency ON transactions (ns, idempotency_key) WHERE idempotency_key IS "
         "NOT NULL;"
         "CREATE TABLE operations (seq INTEGER PRIMARY KEY, ns BIGINT NOT NULL, id BLOB NOT NULL, tx BLOB NOT NULL,"
         " type TEXT NOT NULL, status TEXT NOT NULL, plugin TEXT NOT NULL, input TEXT NOT NULL, output TEXT NOT NULL,"
         " error TEXT NOT NULL, created BIGINT NOT NULL, updated BIGINT NOT NULL, retry BLOB, UNIQUE (ns, id));"
         "CREATE INDEX operations_tx ON operations (ns, tx);"}};
}

const std::string transaction_columns = "seq, id, type, created, idempotency_key, blockchain_ids";
const std::string operation_columns =
    "seq, id, tx, type, status, plugin, input, output, error, created, updated, retry";

TransactionRow transaction_row(const store::Statement& row) {
    return {
        row.integer(0), row.uuid(1),   store::meaning(parse_tx_type(row.text(2)), "a transaction's type", row.text(2)),
        row.time(3),    row.string(4), split(row.text(5))};
}

OperationRow operation_row(const store::Statement& row) {
    return {row.integer(0),
            row.uuid(1),
            row.uuid(2),
            parse<OperationType>(type_words, "an operation's type", row.text(3)),
            parse<OperationStatus>(status_words, "an operation's status", row.text(4)),
            row.string(5),
            row.string(6),
            row.string(7),
            row.string(8),
            row.time(9),
            row.time(10),
            row.uuid_or_null(11)};
}

void insert(store::Transaction& tx, NamespaceId ns, const TransactionRow& row) {
    std::optional<std::string> key;
    if (!row.idempotency_key.empty()) key = row.idempotency_key;
    auto const ids = join(row.blockchain_ids);
    tx.run(
        "INSERT INTO transactions (ns, id, type, created, idempotency_key, blockchain_ids) VALUES (?1, ?2, ?3, ?4, ?5, "
        "?6)",
        ns, row.id, word(row.type), row.created, key, ids);
}

void add_blockchain_id(
    store::Transaction& tx, NamespaceId ns, const Uuid& id, TxType type, std::string_view blockchain_id, Time now) {
    auto known = find_transaction(tx, ns, id);
    if (!known) {
        insert(tx, ns, {0, id, type, now, "", {std::string(blockchain_id)}});
        return;
    }
    auto& ids = known->blockchain_ids;
    auto const place = std::lower_bound(ids.begin(), ids.end(), blockchain_id);
    if (place != ids.end() && *place == blockchain_id) return;
    ids.emplace(place, blockchain_id);
    auto const joined = join(ids);
    tx.run("UPDATE transactions SET blockchain_ids = ?3 WHERE ns = ?1 AND id = ?2", ns, id, joined);
}

void insert(store::Transaction& tx, NamespaceId ns, const OperationRow& row) {
    tx.run(
        "INSERT INTO operations (ns, id, tx, type, status, plugin, input, output, error, created, updated, retry)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        ns, row.id, row.tx, word(row.type), word(row.status), row.plugin, row.input, row.output, row.error, row.created,
        row.updated, row.retry);
}

void update(store::Transaction& tx,
            NamespaceId ns,
            const Uuid& transaction,
            OperationType type,
            OperationStatus status,
            std::string_view output,
            std::string_view error,
            Time now) {
    tx.run(
        "UPDATE operations SET status = ?4, updated = ?5, output = CASE WHEN ?6 = '' THEN output ELSE ?6 END,"
        " error = CASE WHEN ?7 = '' THEN error ELSE ?7 END WHERE ns = ?1 AND tx = ?2 AND type = ?3"
        " AND NOT (?4 = 'Pending' AND status IN ('Succeeded', 'Failed'))",
        ns, transaction, word(type), word(status), now, output, error);
}

void succeed(store::Transaction& tx, NamespaceId ns, const Uuid& operation, Time now) {
    tx.run("UPDATE operations SET status = ?3, updated = ?4 WHERE ns = ?1 AND id = ?2 AND status <> ?3", ns, operation,
           word(OperationStatus::Succeeded), now);
}

std::optional<OperationRow> find_operation(store::Session& session, NamespaceId ns, const Uuid& id) {
    static const std::string sql = "SELECT " + operation_columns + " FROM operations WHERE ns = ?1 AND id = ?2";
    auto rows = session.query(sql, ns, id);
    auto const* row = rows.first();
    if (!row) return std::nullopt;
    return operation_row(*row);
}

std::optional<OperationRow> retry(store::Transaction& tx, NamespaceId ns, const Uuid& id, const Uuid& fresh, Time now) {
    auto row = find_operation(tx, ns, id);
    if (!row) return std::nullopt;
    while (row->retry) {
        auto next = find_operation(tx, ns, *row->retry);
        MUST(next, "an operation links to its retry in the commit that makes it");
        row = std::move(next);
    }
    tx.run("UPDATE operations SET retry = ?3, updated = ?4 WHERE ns = ?1 AND id = ?2", ns, row->id, fresh, now);
    row->id = fresh;
    row->created = row->updated = now;
    if (row->status != OperationStatus::Succeeded) {
        row->status = OperationStatus::Pending;
        row->output.clear();
        row->error.clear();
    }
    insert(tx, ns, *row);
    return row;
}

std::optional<TransactionRow> find_transaction(store::Session& session, NamespaceId ns, const Uuid& id) {
    static const std::string sql = "SELECT " + transaction_columns + " FROM transactions WHERE ns = ?1 AND id = ?2";
    auto rows = session.query(sql, ns, id);
    auto const* row = rows.first();
    if (!row) return std::nullopt;
    return transaction_row(*row);
}

std::vector<OperationRow> operations_of(store::Session& session, NamespaceId ns, const Uuid& transaction) {
    static const std::string sql =
        "SELECT " + operation_columns + " FROM operations WHERE ns = ?1 AND tx = ?2 ORDER BY seq";
    std::vector<OperationRow> out;
    for (auto& row : session.query(sql, ns, transaction)) out.push_back(operation_row(row));
    return out;
}

std::string transaction_json(const TransactionRow& row, std::string_view namespace_name) {
    json::Writer writer;
    writer.begin_object().field("id", row.id.text()).field("namespace", namespace_name).field("type", word(row.type));
    writer.field("created", row.created.text()).field_if("idempotencyKey", row.idempotency_key);
    if (!row.blockchain_ids.empty()) {
        writer.key("blockchainIds").begin_array();
        for (auto const& id : row.blockchain_ids) writer.string(id);
        writer.end_array();
    }
    writer.end_object();
    return writer.take();
}

std::string operation_json(const OperationRow& row, std::string_view namespace_name) {
    json::Writer writer;
    writer.begin_object().field("id", row.id.text()).field("namespace", namespace_name).field("tx", row.tx.text());
    writer.field("type", word(row.type)).field("status", word(row.status)).field("plugin", row.plugin);
    if (!row.input.empty()) writer.key("input").raw(row.input);
    if (!row.output.empty()) writer.key("output").raw(row.output);
    writer.field_if("error", row.error).field("created", row.created.text()).field("updated", row.updated.text());
    if (row.retry) writer.field("retry", row.retry->text());
    writer.end_object();
    return writer.take();
}

}  // namespace lockstep::operations
