// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// For tests: transactions and operations on a simulated disk.
#pragma once

#include "log/test_world.hpp"
#include "operations/operations.hpp"

namespace lockstep::operations {

inline constexpr NamespaceId test_ns{1};

class OperationsWorld final : public flow::SimProcess {
  public:
    OperationsWorld() : SimProcess({schema()}) { open(); }
    ~OperationsWorld() override { close(); }

    TransactionRow a_transaction(std::string idempotency_key = "") {
        return {0, ids().next(), TxType::batch_pin, clock().now(), std::move(idempotency_key), {}};
    }
    OperationRow an_operation(const Uuid& tx,
                              OperationType type = OperationType::blockchain_pin_batch,
                              OperationStatus status = OperationStatus::Pending) {
        auto const now = clock().now();
        return {0, ids().next(), tx, type, status, "ethereum", R"({"in":1})", "", "", now, now, {}};
    }
    template <class Row>
    void store(const Row& row, NamespaceId ns = test_ns) {
        write([&](store::Transaction& tx) { insert(tx, ns, row); });
    }
    void add_id(const Uuid& id, const std::string& blockchain_id, NamespaceId ns = test_ns) {
        write([&](store::Transaction& tx) {
            add_blockchain_id(tx, ns, id, TxType::batch_pin, blockchain_id, clock().now());
        });
    }
    void set(const Uuid& tx_id,
             OperationType type,
             OperationStatus status,
             const std::string& output = "",
             const std::string& error = "",
             NamespaceId ns = test_ns) {
        write([&](store::Transaction& tx) { update(tx, ns, tx_id, type, status, output, error, clock().now()); });
    }
    std::optional<TransactionRow> find(const Uuid& id, NamespaceId ns = test_ns) {
        return read([&](store::Snapshot& snapshot) { return find_transaction(snapshot, ns, id); });
    }
    std::vector<OperationRow> of(const Uuid& tx, NamespaceId ns = test_ns) {
        return read([&](store::Snapshot& snapshot) { return operations_of(snapshot, ns, tx); });
    }
};

}  // namespace lockstep::operations
