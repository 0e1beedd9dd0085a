// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "delivery/enricher.hpp"

#include "core/json.hpp"
#include "messaging/rows.hpp"
#include "operations/operations.hpp"
#include "registry/datatypes.hpp"
#include "registry/registry.hpp"

namespace lockstep::delivery {

namespace {

// What an event refers to, as the member that is added, with what filters look at.
struct Reference {
    std::string member;  // ,"message":{…}; empty when the object is not here
    std::string tag, author, group;
    std::string transaction_type;
    std::string chain_event_name;
};

enum class Kind { none, message, transaction, chain_event, identity, datatype, operation };

Kind kind_of(log::EventType type) {
    using enum log::EventType;
    switch (type) {
        case message_confirmed:
        case message_rejected: return Kind::message;
        case transaction_submitted: return Kind::transaction;
        case blockchain_event_received: return Kind::chain_event;
        case identity_confirmed:
        case identity_updated: return Kind::identity;
        case blockchain_invoke_op_succeeded:
        case blockchain_invoke_op_failed:
        case blockchain_contract_deploy_op_succeeded:
        case blockchain_contract_deploy_op_failed:
        case token_pool_op_failed:
        case token_transfer_op_failed:
        case token_approval_op_failed: return Kind::operation;
        case datatype_confirmed: return Kind::datatype;
        case token_pool_confirmed:
        case token_transfer_confirmed:
        case token_approval_confirmed:
        case contract_interface_confirmed:
        case contract_api_confirmed: return Kind::none;
    }
    return Kind::none;
}

std::string member(std::string_view name, std::string_view object) {
    std::string out;
    out.reserve(name.size() + object.size() + 4);
    return out.append(",\"").append(name).append("\":").append(object);
}

std::string operation_text(store::Snapshot& snapshot, NamespaceId ns, const Uuid& id, std::string_view namespace_name) {
    static const std::string sql =
        "SELECT " + operations::operation_columns + " FROM operations WHERE ns = ?1 AND id = ?2";
    auto rows = snapshot.query(sql, ns, id);
    auto const* row = rows.first();
    return row ? member("operation", operations::operation_json(operations::operation_row(*row), namespace_name))
               : std::string();
}

Reference find(store::Snapshot& snapshot,
               NamespaceId ns,
               std::string_view namespace_name,
               const ledger::Info& ledger,
               Kind kind,
               const Uuid& id) {
    Reference out;
    switch (kind) {
        case Kind::none: break;
        case Kind::message:
            if (auto row = messaging::find_message(snapshot, ns, id)) {
                out.member = member("message", messaging::message_json(*row, namespace_name));
                auto& header = row->message.header;
                out.tag = std::move(header.tag);
                out.author = std::move(header.author);
                if (header.group) out.group = header.group->text();
            }
            break;
        case Kind::transaction:
            if (auto const row = operations::find_transaction(snapshot, ns, id)) {
                out.member = member("transaction", operations::transaction_json(*row, namespace_name));
                out.transaction_type = word(row->type);
            }
            break;
        case Kind::chain_event:
            if (auto const row = chain::find_event(snapshot, ns, id)) {
                auto const text = chain::chain_event_json(*row, namespace_name, ledger);
                out.chain_event_name = json::Value{text}["name"].as_string().value_or("");
                out.member = member("blockchainEvent", text);
            }
            break;
        case Kind::identity:
            if (auto const row = registry::find_identity(snapshot, ns, id)) {
                out.member = member("identity", registry::identity_json(*row, namespace_name));
            }
            break;
        case Kind::datatype:
            if (auto const row = registry::find_datatype(snapshot, ns, id)) {
                out.member = member("datatype", registry::datatype_json(*row, namespace_name));
            }
            break;
        case Kind::operation: out.member = operation_text(snapshot, ns, id, namespace_name); break;
    }
    return out;
}

}  // namespace

std::vector<EnrichedEvent> RowEnricher::enrich(store::Snapshot& snapshot, std::vector<log::Event> events) const {
    std::vector<EnrichedEvent> out;
    out.reserve(events.size());
    Reference reference;
    auto kind = Kind::none;
    Uuid id;
    for (auto& event : events) {
        if (kind_of(event.type) != kind || event.reference != id) {
            kind = kind_of(event.type);
            id = event.reference;
            reference = find(snapshot, ns_, namespace_, ledger_, kind, id);
        }
        auto& enriched = out.emplace_back();
        enriched.json.reserve(320 + reference.member.size());
        log::append_event_json(enriched.json, event, namespace_);
        enriched.json += reference.member;
        enriched.event = std::move(event);
        enriched.tag = reference.tag;
        enriched.author = reference.author;
        enriched.group = reference.group;
        enriched.transaction_type = reference.transaction_type;
        enriched.chain_event_name = reference.chain_event_name;
    }
    return out;
}

}  // namespace lockstep::delivery
