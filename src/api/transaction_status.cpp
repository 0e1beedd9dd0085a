// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/transaction_status.hpp"

#include <algorithm>

#include "api/errors.hpp"
#include "chain/chain_events.hpp"
#include "core/json.hpp"
#include "delivery/errors.hpp"
#include "messaging/rows.hpp"
#include "operations/operations.hpp"

namespace lockstep::api {

namespace {

using operations::OperationStatus;

struct Detail {
    std::string_view type;
    std::string subtype;
    OperationStatus status = OperationStatus::Succeeded;
    std::optional<Time> timestamp;
    std::optional<Uuid> id;
    std::string error, info;  // info is JSON
};

// Failed outweighs everything, what is under way outweighs success.
void weigh(OperationStatus& whole, OperationStatus part) {
    if (part == OperationStatus::Failed) whole = part;
    if (part != OperationStatus::Succeeded && whole != OperationStatus::Failed) whole = part;
}

bool has_batch(TxType type) { return type == TxType::batch_pin || type == TxType::contract_invoke_pin; }

std::optional<Uuid> batch_of(const std::vector<operations::OperationRow>& operations,
                             const std::vector<chain::ChainEventRow>& events) {
    if (!events.empty()) return events.front().event.pin.batch;
    for (auto const& operation : operations) {
        auto const batch = json::Value{operation.input}["batch"].as_string();
        if (auto const id = batch ? Uuid::parse(*batch) : std::nullopt) return id;
    }
    return std::nullopt;
}

std::string status_json(OperationStatus status, const std::vector<Detail>& details) {
    json::Writer writer;
    writer.begin_object().field("status", word(status)).key("details").begin_array();
    for (auto const& detail : details) {
        writer.begin_object()
            .field("type", detail.type)
            .field_if("subtype", detail.subtype)
            .field("status", word(detail.status));
        if (detail.timestamp) writer.field("timestamp", detail.timestamp->text());
        if (detail.id) writer.field("id", detail.id->text());
        writer.field_if("error", detail.error);
        if (!detail.info.empty()) writer.key("info").raw(detail.info);
        writer.end_object();
    }
    writer.end_array().end_object();
    return writer.take();
}

}  // namespace

Result<std::string> transaction_status(store::Session& session, const Facts& facts, const Uuid& id) {
    auto const transaction = operations::find_transaction(session, facts.ns, id);
    if (!transaction) return refuse(errors::no_result);
    auto const type = transaction->type;
    if (type == TxType::none || type == TxType::unpinned || type == TxType::network_action)
        return refuse(errors::unknown_transaction_type, {{"type", word(type)}});

    auto whole = OperationStatus::Succeeded;
    std::vector<Detail> details;
    auto const operations = operations::operations_of(session, facts.ns, id);
    for (auto const& operation : operations) {
        if (!operation.retry) weigh(whole, operation.status);
        details.push_back({"Operation", std::string(word(operation.type)), operation.status, operation.updated,
                           operation.id, operation.error, operation.output});
    }
    auto const events = chain::events_of_transaction(session, facts.ns, id);
    for (auto const& event : events) {
        auto const shown = chain::chain_event_json(event, facts.namespace_name, facts.ledger);
        auto const info = std::string(json::Value{shown}["info"].text());
        details.push_back(
            {"BlockchainEvent", "BatchPin", OperationStatus::Succeeded, event.event.timestamp, event.id, "", info});
    }
    if (has_batch(type)) {
        auto const batch_id = batch_of(operations, events);
        auto const batch = batch_id ? messaging::find_batch(session, facts.ns, *batch_id) : std::nullopt;
        auto const expect = [&](bool there, std::string_view what) {
            if (there) return;
            weigh(whole, OperationStatus::Pending);
            details.push_back({what, "", OperationStatus::Pending, {}, {}, "", ""});
        };
        expect(!events.empty(), "BlockchainEvent");
        expect(batch.has_value(), "Batch");
        if (batch)
            details.push_back(
                {"Batch", std::string(word(batch->batch.type)), OperationStatus::Succeeded, {}, *batch_id, "", ""});
    }
    std::stable_sort(details.begin(), details.end(), [](const Detail& a, const Detail& b) {
        if (!a.timestamp || !b.timestamp) return !a.timestamp && b.timestamp;
        return *b.timestamp < *a.timestamp;
    });
    return status_json(whole, details);
}

}  // namespace lockstep::api
