// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// FireFly's transactions (units of work) and operations (one tracked call to the outside each), as rows
// and as JSON (firefly-core.md 18.6, 18.7, 19). Status words are the wire's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/message.hpp"
#include "core/positions.hpp"
#include "store/database.hpp"

namespace lockstep::operations {

struct TransactionRow {
    std::int64_t seq = 0;
    Uuid id;
    TxType type = TxType::batch_pin;
    Time created;
    std::string idempotency_key;
    std::vector<std::string> blockchain_ids;  // lower case, sorted
};

enum class OperationType {
    blockchain_pin_batch,
    blockchain_network_action,
    blockchain_deploy,
    blockchain_invoke,
    sharedstorage_upload_batch,
    sharedstorage_upload_blob,
    sharedstorage_upload_value,
    sharedstorage_download_batch,
    sharedstorage_download_blob,
    dataexchange_send_batch,
    dataexchange_send_blob,
    token_create_pool,
    token_activate_pool,
    token_transfer,
    token_approval,
};
enum class OperationStatus { Initialized, Pending, Succeeded, Failed };
std::string_view word(OperationType type);
std::string_view word(OperationStatus status);

struct OperationRow {
    std::int64_t seq = 0;
    Uuid id, tx;
    OperationType type = OperationType::blockchain_pin_batch;
    OperationStatus status = OperationStatus::Initialized;
    std::string plugin;
    std::string input, output;  // JSON objects, empty when there is none
    std::string error;
    Time created, updated;
    std::optional<Uuid> retry;
};

void insert(store::Transaction& tx, NamespaceId ns, const TransactionRow& row);
// Finds or makes the transaction and adds the ledger's name of it.
void add_blockchain_id(
    store::Transaction& tx, NamespaceId ns, const Uuid& id, TxType type, std::string_view blockchain_id, Time now);
void insert(store::Transaction& tx, NamespaceId ns, const OperationRow& row);
// Sets status and, where given, output and error of the operation of `type` in the transaction. One that
// has ended is not pending again: such news is late (19.1).
void update(store::Transaction& tx,
            NamespaceId ns,
            const Uuid& transaction,
            OperationType type,
            OperationStatus status,
            std::string_view output,
            std::string_view error,
            Time now);

// The one operation, of several of its type.
void succeed(store::Transaction& tx, NamespaceId ns, const Uuid& operation, Time now);

std::optional<OperationRow> find_operation(store::Session& session, NamespaceId ns, const Uuid& id);
// firefly-core.md 19.3: a copy of the newest of the retries of `id`, named `fresh`, to which that one links. What had
// succeeded has nothing left to do and its copy has succeeded too; all else is Pending. Empty when there is no `id`.
std::optional<OperationRow> retry(store::Transaction& tx, NamespaceId ns, const Uuid& id, const Uuid& fresh, Time now);

std::optional<TransactionRow> find_transaction(store::Session& session, NamespaceId ns, const Uuid& id);
std::vector<OperationRow> operations_of(store::Session& session, NamespaceId ns, const Uuid& transaction);

// The columns that row() reads, in order: "SELECT " + columns + " FROM transactions WHERE …".
extern const std::string transaction_columns;
extern const std::string operation_columns;
TransactionRow transaction_row(const store::Statement& row);
OperationRow operation_row(const store::Statement& row);

std::string transaction_json(const TransactionRow& row, std::string_view namespace_name);
std::string operation_json(const OperationRow& row, std::string_view namespace_name);

store::Migrations schema();

}  // namespace lockstep::operations
