// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What each collection can be filtered and sorted by (firefly-core.md 15.7), and, where it is a table, by
// which columns. The one place of this module that knows columns of other modules' tables.
#pragma once

#include <string>
#include <vector>

#include "api/filter/sql.hpp"

namespace lockstep::api {

struct Table {
    std::string_view name;
    const std::string& columns;  // that the module's row function reads
    filter::Fields fields;
    std::vector<filter::Order> order;  // newest first
    // The same order in words that no index serves, for queries whose rows another index finds.
    std::vector<filter::Order> order_of_few;
};

extern const filter::Fields message_fields, batch_fields, transaction_fields, data_fields, operation_fields,
    subscription_fields, event_fields, pin_fields, identity_fields, verifier_fields, chain_event_fields, group_fields,
    next_pin_fields, datatype_fields, dead_letter_fields;
// Of collections that are always empty in this version.
extern const filter::Fields interface_fields, listener_fields, contract_api_fields, pool_fields, transfer_fields,
    approval_fields, balance_fields, account_fields;

const Table& messages_table();
const Table& batches_table();
const Table& transactions_table();
const Table& data_table();
const Table& operations_table();
const Table& subscriptions_table();
const Table& dead_letters_table();
const Table& identities_table();
const Table& verifiers_table();
const Table& chain_events_table();
const Table& groups_table();
const Table& next_pins_table();
const Table& datatypes_table();

}  // namespace lockstep::api
