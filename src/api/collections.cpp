// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/collections.hpp"

#include "chain/chain_events.hpp"
#include "delivery/dead_letters.hpp"
#include "delivery/subscription.hpp"
#include "messaging/rows.hpp"
#include "operations/operations.hpp"
#include "registry/datatypes.hpp"
#include "registry/groups.hpp"
#include "sequencer/private_pins.hpp"

namespace lockstep::api {

namespace {

using filter::Field;
using filter::Kind;
using enum filter::Nulls;

// The next two are one expression each, so that a filter on them needs no join.
constexpr std::string_view pin_tx_type =
    "(CASE WHEN action = 'firefly:contract_invoke_pin' THEN 'contract_invoke_pin' ELSE 'batch_pin' END)";
constexpr std::string_view nothing = "NULL";

constexpr Field messages[] = {
    {"id", Kind::uuid, "id", none, true},
    {"cid", Kind::uuid, "cid", null_},
    {"type", Kind::text, "type"},
    {"author", Kind::text, "author"},
    {"key", Kind::text, "key"},
    {"topics", Kind::text, "topics"},
    {"tag", Kind::text, "tag"},
    {"group", Kind::hash, "group_hash", null_},
    {"created", Kind::time, "created"},
    {"datahash", Kind::hash, "datahash"},
    {"idempotencykey", Kind::text, "idempotency_key", null_, true},
    {"hash", Kind::hash, "hash"},
    {"pins", Kind::text, "pins"},
    {"state", Kind::text, "state"},
    {"confirmed", Kind::time, "confirmed", forever},
    {"rejectreason", Kind::text, "reject_reason"},
    {"sequence", Kind::integer, "seq"},
    {"txtype", Kind::text, "txtype"},
    {"batch", Kind::uuid, "batch", null_},
    {"txid", Kind::uuid, "tx", null_},
    {"txparent.type", Kind::text, "txparent_type"},
    {"txparent.id", Kind::uuid, "txparent_id", null_},
};

constexpr Field batches[] = {
    {"id", Kind::uuid, "id", none, true},       {"type", Kind::text, "type"},
    {"author", Kind::text, "author"},           {"key", Kind::text, "key"},
    {"group", Kind::hash, "group_hash", null_}, {"hash", Kind::hash, "hash"},
    {"created", Kind::time, "created"},         {"confirmed", Kind::time, "confirmed", forever},
    {"tx.type", Kind::text, "tx_type"},         {"tx.id", Kind::uuid, "tx"},
    {"node", Kind::uuid, "node", null_},
};

constexpr Field transactions[] = {
    {"id", Kind::uuid, "id", none, true},
    {"type", Kind::text, "type"},
    {"created", Kind::time, "created"},
    {"idempotencykey", Kind::text, "idempotency_key", null_, true},
    {"blockchainids", Kind::text, "blockchain_ids"},
};

constexpr Field data[] = {
    {"id", Kind::uuid, "id", none, true},
    {"validator", Kind::text, "validator"},
    {"datatype.name", Kind::text, "datatype_name"},
    {"datatype.version", Kind::text, "datatype_version"},
    {"hash", Kind::hash, "hash"},
    {"blob.hash", Kind::hash, "blob_hash", null_},
    {"blob.public", Kind::text, "blob_public"},
    {"blob.name", Kind::text, "blob_name"},
    {"blob.path", Kind::text, "blob_path"},
    {"blob.size", Kind::integer, "blob_size"},
    {"created", Kind::time, "created"},
    {"value", Kind::text, "value"},
    {"public", Kind::text, "public_ref"},
};

constexpr Field operations_list[] = {
    {"id", Kind::uuid, "id", none, true}, {"tx", Kind::uuid, "tx", none, true},  {"type", Kind::text, "type"},
    {"status", Kind::text, "status"},     {"error", Kind::text, "error"},        {"plugin", Kind::text, "plugin"},
    {"input", Kind::text, "input"},       {"output", Kind::text, "output"},      {"created", Kind::time, "created"},
    {"updated", Kind::time, "updated"},   {"retry", Kind::uuid, "retry", null_},
};

constexpr Field subscriptions[] = {
    {"id", Kind::uuid, "id", none, true},   {"name", Kind::text, "name", none, true},
    {"transport", Kind::text, "transport"}, {"events", Kind::text, "events"},
    {"filters", Kind::text, "filters"},     {"options", Kind::text, "options"},
    {"created", Kind::time, "created"},
};

constexpr Field dead_letters[] = {
    {"id", Kind::uuid, "event"},
    {"sequence", Kind::integer, "sequence"},
    {"type", Kind::text, "type"},
    {"topic", Kind::text, "topic"},
    {"reference", Kind::uuid, "reference"},
    {"attempts", Kind::integer, "attempts"},
    {"status", Kind::integer, "status"},
    {"error", Kind::text, "error"},
    {"created", Kind::time, "created"},
    {"updated", Kind::time, "updated"},
};

// Of the timeline: no table.
constexpr Field events[] = {
    {"id", Kind::uuid},
    {"type", Kind::text},
    {"reference", Kind::uuid},
    {"correlator", Kind::uuid, {}, null_},
    {"tx", Kind::uuid, {}, null_},
    {"topic", Kind::text},
    {"sequence", Kind::integer},
    {"created", Kind::time},
};

constexpr Field pins[] = {
    {"sequence", Kind::integer}, {"masked", Kind::boolean},     {"hash", Kind::hash},    {"batch", Kind::uuid},
    {"index", Kind::integer},    {"dispatched", Kind::boolean}, {"created", Kind::time},
};

constexpr Field identities[] = {
    {"id", Kind::uuid, "id", none, true},
    {"did", Kind::text, "did", none, true},
    {"parent", Kind::uuid, "parent", null_},
    {"messages.claim", Kind::uuid, "claim", null_},
    {"messages.verification", Kind::uuid, "verification", null_},
    {"messages.update", Kind::uuid, "update_message", null_},
    {"type", Kind::text, "type"},
    {"name", Kind::text, "name"},
    {"description", Kind::text, "description"},
    {"profile", Kind::text, "profile"},
    {"created", Kind::time, "created"},
    {"updated", Kind::time, "updated"},
};

constexpr Field verifiers[] = {
    {"hash", Kind::hash, "hash", none, true},
    {"identity", Kind::uuid, "identity", none, true},
    {"type", Kind::text, "type"},
    {"value", Kind::text, "value"},
    {"created", Kind::time, "created"},
};

// There is one kind, the batch pin, without a listener; its ledger is Ethereum as far as clients can see.
constexpr Field chain_events[] = {
    {"id", Kind::uuid, "id", none, true},     {"source", Kind::text, "'ethereum'"},
    {"name", Kind::text, "'BatchPin'"},       {"protocolid", Kind::text, "protocol_id", none, true},
    {"listener", Kind::uuid, nothing, null_}, {"tx.type", Kind::text, pin_tx_type},
    {"tx.id", Kind::uuid, "tx", none, true},  {"tx.blockchainid", Kind::hash, "tx_hash"},
    {"timestamp", Kind::time, "timestamp"},
};

constexpr Field datatypes[] = {
    {"id", Kind::uuid, "id", none, true},     {"message", Kind::uuid, "message"}, {"validator", Kind::text, "'json'"},
    {"name", Kind::text, "name", none, true}, {"version", Kind::text, "version"}, {"created", Kind::time, "created"},
};
constexpr Field groups[] = {
    {"hash", Kind::hash, "hash"},    {"message", Kind::uuid, "message", null_}, {"description", Kind::text, nothing},
    {"ledger", Kind::uuid, nothing}, {"created", Kind::time, "created"},
};
constexpr Field next_pins[] = {{"context", Kind::hash, "context"},
                               {"identity", Kind::text, "identity"},
                               {"hash", Kind::hash, "hash"},
                               {"nonce", Kind::integer, "nonce"}};
constexpr Field interfaces[] = {
    {"id", Kind::uuid},      {"name", Kind::text},         {"networkname", Kind::text},
    {"version", Kind::text}, {"published", Kind::boolean},
};
constexpr Field listeners[] = {
    {"id", Kind::uuid},      {"name", Kind::text},      {"interface", Kind::uuid}, {"location", Kind::text},
    {"topic", Kind::text},   {"signature", Kind::text}, {"backendid", Kind::text}, {"created", Kind::time},
    {"updated", Kind::time}, {"state", Kind::text},     {"filters", Kind::text},
};
constexpr Field contract_apis[] = {
    {"id", Kind::uuid},        {"name", Kind::text},         {"networkname", Kind::text},
    {"interface", Kind::uuid}, {"published", Kind::boolean},
};
constexpr Field pools[] = {
    {"id", Kind::uuid},           {"type", Kind::text},      {"name", Kind::text},      {"networkname", Kind::text},
    {"standard", Kind::text},     {"locator", Kind::text},   {"symbol", Kind::text},    {"decimals", Kind::integer},
    {"message", Kind::uuid},      {"active", Kind::boolean}, {"created", Kind::time},   {"connector", Kind::text},
    {"tx.type", Kind::text},      {"tx.id", Kind::uuid},     {"interface", Kind::uuid}, {"interfaceformat", Kind::text},
    {"published", Kind::boolean},
};
constexpr Field transfers[] = {
    {"localid", Kind::uuid},   {"pool", Kind::uuid},       {"tokenindex", Kind::text}, {"uri", Kind::text},
    {"connector", Kind::text}, {"key", Kind::text},        {"from", Kind::text},       {"to", Kind::text},
    {"amount", Kind::integer}, {"protocolid", Kind::text}, {"message", Kind::uuid},    {"messagehash", Kind::hash},
    {"created", Kind::time},   {"tx.type", Kind::text},    {"tx.id", Kind::uuid},      {"blockchainevent", Kind::uuid},
    {"type", Kind::text},
};
constexpr Field approvals[] = {
    {"localid", Kind::uuid},         {"pool", Kind::uuid},        {"connector", Kind::text},   {"key", Kind::text},
    {"operator", Kind::text},        {"approved", Kind::boolean}, {"protocolid", Kind::text},  {"subject", Kind::text},
    {"active", Kind::boolean},       {"created", Kind::time},     {"tx.type", Kind::text},     {"tx.id", Kind::uuid},
    {"blockchainevent", Kind::uuid}, {"message", Kind::uuid},     {"messagehash", Kind::hash},
};
constexpr Field balances[] = {
    {"pool", Kind::uuid}, {"tokenindex", Kind::text}, {"uri", Kind::text},     {"connector", Kind::text},
    {"key", Kind::text},  {"balance", Kind::integer}, {"updated", Kind::time},
};
constexpr Field accounts[] = {{"key", Kind::text}, {"updated", Kind::time}};

const std::vector<filter::Order> by_row{{"seq", true, false}};
const std::vector<filter::Order> by_row_of_few{{"+seq", true, false}};

}  // namespace

constinit const filter::Fields message_fields = messages, batch_fields = batches, transaction_fields = transactions,
                               data_fields = data, operation_fields = operations_list,
                               subscription_fields = subscriptions, event_fields = events, pin_fields = pins,
                               identity_fields = identities, verifier_fields = verifiers,
                               chain_event_fields = chain_events, dead_letter_fields = dead_letters;
constinit const filter::Fields datatype_fields = datatypes, group_fields = groups, next_pin_fields = next_pins,
                               interface_fields = interfaces, listener_fields = listeners,
                               contract_api_fields = contract_apis, pool_fields = pools, transfer_fields = transfers,
                               approval_fields = approvals, balance_fields = balances, account_fields = accounts;

const Table& messages_table() {
    // What is not settled comes first; the index on (ns, confirmed, created) reads it backwards.
    static const Table table{"messages",
                             messaging::message_columns,
                             message_fields,
                             {{"confirmed", true, false}, {"created", true, false}},
                             {{"+confirmed", true, false}, {"+created", true, false}}};
    return table;
}
const Table& batches_table() {
    static const Table table{"batches", messaging::batch_columns, batch_fields, by_row, by_row_of_few};
    return table;
}
const Table& transactions_table() {
    static const Table table{"transactions", operations::transaction_columns, transaction_fields, by_row,
                             by_row_of_few};
    return table;
}
const Table& data_table() {
    static const Table table{"data", messaging::data_columns, data_fields, by_row, by_row_of_few};
    return table;
}
const Table& operations_table() {
    static const Table table{"operations", operations::operation_columns, operation_fields, by_row, by_row_of_few};
    return table;
}
const Table& subscriptions_table() {
    static const Table table{"subscriptions", delivery::subscription_columns, subscription_fields, by_row,
                             by_row_of_few};
    return table;
}
const Table& dead_letters_table() {
    static const Table table{"dead_letters", delivery::dead_letter_columns, dead_letter_fields, by_row, by_row_of_few};
    return table;
}
const Table& identities_table() {
    static const Table table{"identities", registry::identity_columns, identity_fields, by_row, by_row_of_few};
    return table;
}
const Table& verifiers_table() {
    static const Table table{"verifiers", registry::verifier_columns, verifier_fields, by_row, by_row_of_few};
    return table;
}
const Table& chain_events_table() {
    static const Table table{"chain_events", chain::chain_event_columns, chain_event_fields, by_row, by_row_of_few};
    return table;
}

const Table& groups_table() {
    static const Table table{"groups", registry::group_columns, group_fields, by_row, by_row_of_few};
    return table;
}
const Table& datatypes_table() {
    static const Table table{"datatypes", registry::datatype_columns, datatype_fields, by_row, by_row_of_few};
    return table;
}
const Table& next_pins_table() {
    static const Table table{"next_pins", sequencer::next_pin_columns, next_pin_fields, by_row, by_row_of_few};
    return table;
}

}  // namespace lockstep::api
