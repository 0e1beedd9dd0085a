// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "operations/operations.hpp"

#include "api/list.hpp"
#include "api/transaction_status.hpp"
#include "chain/chain_events.hpp"
#include "core/json.hpp"
#include "delivery/errors.hpp"
#include "registry/registry.hpp"

namespace lockstep::api {

namespace {

void print_transaction(std::string& out, store::Session&, const Facts& facts, const store::Statement& row) {
    out = operations::transaction_json(operations::transaction_row(row), facts.namespace_name);
}
void print_operation(std::string& out, store::Session&, const Facts& facts, const store::Statement& row) {
    out = operations::operation_json(operations::operation_row(row), facts.namespace_name);
}
void print_chain_event(std::string& out, store::Session&, const Facts& facts, const store::Statement& row) {
    out = chain::chain_event_json(chain::chain_event_row(row), facts.namespace_name, facts.ledger);
}

Task<Result<Answer>> list_transactions(const Call& call) { return list(call, transactions_table(), print_transaction); }
Task<Result<Answer>> list_operations(const Call& call) { return list(call, operations_table(), print_operation); }
Task<Result<Answer>> list_chain_events(const Call& call) { return list(call, chain_events_table(), print_chain_event); }

Task<Result<Answer>> get_transaction(const Call& call) {
    CO_TRY(auto const id, call.uuid("txnid"));
    auto look = [facts = call.facts, id](store::Snapshot& snapshot) -> std::optional<std::string> {
        auto const row = operations::find_transaction(snapshot, facts->ns, id);
        if (!row) return std::nullopt;
        return operations::transaction_json(*row, facts->namespace_name);
    };
    co_return co_await read_one(call, std::move(look));
}

Task<Result<Answer>> operations_of_transaction(const Call& call) {
    CO_TRY(auto const id, call.uuid("txnid"));
    Restriction restriction{" AND tx = ?2", {id}};
    co_return co_await list(call, operations_table(), print_operation, std::move(restriction));
}

Task<Result<Answer>> chain_events_of_transaction(const Call& call) {
    CO_TRY(auto const id, call.uuid("txnid"));
    Restriction restriction{" AND tx = ?2", {id}};
    co_return co_await list(call, chain_events_table(), print_chain_event, std::move(restriction));
}

Task<Result<Answer>> transaction_status_of(const Call& call) {
    CO_TRY(auto const id, call.uuid("txnid"));
    auto look = [facts = call.facts, id](store::Snapshot& snapshot) {
        return transaction_status(snapshot, *facts, id);
    };
    auto json = co_await call.services.database.read(std::move(look));
    if (!json) co_return json.error();
    co_return Answer{200, std::move(*json)};
}

Task<Result<Answer>> get_operation(const Call& call) {
    CO_TRY(auto const id, call.uuid("opid"));
    auto look = [facts = call.facts, id](store::Snapshot& snapshot) -> std::optional<std::string> {
        auto const row = operations::find_operation(snapshot, facts->ns, id);
        if (!row) return std::nullopt;
        return operations::operation_json(*row, facts->namespace_name);
    };
    co_return co_await read_one(call, std::move(look));
}

// What the operation waits for is tried now.
void hurry(const Services& services, const operations::OperationRow& row, const std::string& peer) {
    using Type = operations::OperationType;
    auto const input = row.input.empty() ? std::string("{}") : row.input;
    switch (row.type) {
        case Type::blockchain_pin_batch: return services.submitter.resend();
        case Type::dataexchange_send_batch:
        case Type::dataexchange_send_blob: services.exchange.reconnect(peer); return;
        case Type::sharedstorage_download_batch:
            if (auto const payload = Hash::parse(json::Value{input}["payloadRef"].as_string().value_or("")))
                services.exchange.hurry(*payload);
            return;
        default: return;
    }
}

Task<Result<Answer>> retry_operation(const Call& call) {
    CO_TRY(auto const id, call.uuid("opid"));
    struct Retried {
        operations::OperationRow row;
        std::string peer;  // that it sends to
    };
    auto copy = [facts = call.facts, id, fresh = call.services.sender.new_id(),
                 now = call.services.clock.now()](store::Transaction& tx) -> std::optional<Retried> {
        auto row = operations::retry(tx, facts->ns, id, fresh, now);
        if (!row) return std::nullopt;
        Retried out{std::move(*row), ""};
        auto const input = out.row.input.empty() ? std::string("{}") : out.row.input;
        auto const node = Uuid::parse(json::Value{input}["node"].as_string().value_or(""));
        auto const identity = node ? registry::find_identity(tx, facts->ns, *node) : std::nullopt;
        if (identity) out.peer = json::Value{identity->profile}["id"].as_string().value_or("");
        return out;
    };
    auto const retried = co_await call.services.database.write(std::move(copy));
    if (!retried) co_return refuse(errors::not_found);
    if (retried->row.status == operations::OperationStatus::Pending) hurry(call.services, retried->row, retried->peer);
    co_return Answer{202, operations::operation_json(retried->row, call.facts->namespace_name)};
}

Task<Result<Answer>> get_chain_event(const Call& call) {
    CO_TRY(auto const id, call.uuid("id"));
    auto look = [facts = call.facts, id](store::Snapshot& snapshot) -> std::optional<std::string> {
        auto const row = chain::find_event(snapshot, facts->ns, id);
        if (!row) return std::nullopt;
        return chain::chain_event_json(*row, facts->namespace_name, facts->ledger);
    };
    co_return co_await read_one(call, std::move(look));
}

}  // namespace

Routes operation_routes() {
    // What the connector could add is in the operation's output already.
    constexpr QueryParameter fetchstatus{"fetchstatus", "Ask the connector for more; it has nothing to add"};
    return join({
        under("Transactions",
              {
                  route("GET", "transactions", "Looks for transactions", list_transactions)
                      .lists("Transaction", transaction_fields),
                  route("GET", "transactions/{txnid}", "Gets a transaction", get_transaction).gives("Transaction"),
                  route("GET", "transactions/{txnid}/operations", "Looks for the operations of a transaction",
                        operations_of_transaction)
                      .lists("Operation", operation_fields)
                      .with({fetchstatus}),
                  route("GET", "transactions/{txnid}/blockchainevents",
                        "Looks for the blockchain events of a transaction", chain_events_of_transaction)
                      .lists("BlockchainEvent", chain_event_fields),
                  route("GET", "transactions/{txnid}/status",
                        "Tells how far a transaction is, with all that belongs to it", transaction_status_of)
                      .gives("TransactionStatus"),
              }),
        under("Operations",
              {
                  route("GET", "operations", "Looks for operations", list_operations)
                      .lists("Operation", operation_fields),
                  route("GET", "operations/{opid}", "Gets an operation", get_operation)
                      .gives("Operation")
                      .with({fetchstatus}),
                  route("POST", "operations/{opid}/retry", "Tries what an operation waits for again, now",
                        retry_operation)
                      .takes("Any")
                      .gives("Operation", {202}),
              }),
        under("Blockchain events",
              {
                  route("GET", "blockchainevents", "Looks for blockchain events", list_chain_events)
                      .lists("BlockchainEvent", chain_event_fields),
                  route("GET", "blockchainevents/{id}", "Gets a blockchain event", get_chain_event)
                      .gives("BlockchainEvent"),
              }),
    });
}

}  // namespace lockstep::api
