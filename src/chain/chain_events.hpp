// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Chain events: what contracts emitted, each once, in chain order, as rows and as JSON
// (firefly-core.md 7.1, 18.10). For now there is one kind, the batch pin.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/message.hpp"
#include "core/positions.hpp"
#include "ledger/types.hpp"
#include "store/database.hpp"

namespace lockstep::chain {

struct ChainEventRow {
    std::int64_t seq = 0;  // order of arrival, which is chain order
    Uuid id;
    ledger::PinEvent event;
    Time created;
};

// False, and nothing is stored, when the event's protocol id is known: a redelivery.
bool insert(store::Transaction& tx, NamespaceId ns, ChainEventRow& row);
std::optional<ChainEventRow> find_event(store::Session& session, NamespaceId ns, std::int64_t seq);
std::optional<ChainEventRow> find_event(store::Session& session, NamespaceId ns, const Uuid& id);
std::vector<ChainEventRow> events_of_transaction(store::Session& session, NamespaceId ns, const Uuid& transaction);

extern const std::string chain_event_columns;
ChainEventRow chain_event_row(const store::Statement& row);

// `source` is the ledger's plugin type.
std::string chain_event_json(const ChainEventRow& row, std::string_view namespace_name, const ledger::Info& ledger);
// The transaction type that the pin's action stands for.
TxType tx_type_of(const ledger::PinEvent& event);

store::Migrations schema();

}  // namespace lockstep::chain
