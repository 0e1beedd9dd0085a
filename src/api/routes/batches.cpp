// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/list.hpp"
#include "api/scan.hpp"
#include "messaging/rows.hpp"

namespace lockstep::api {

namespace {

void print(std::string& out, store::Session& session, const Facts& facts, const store::Statement& row) {
    out = messaging::batch_json(session, facts.ns, messaging::batch_row(row), facts.namespace_name);
}

Task<Result<Answer>> list_batches(const Call& call) { return list(call, batches_table(), print); }

Task<Result<Answer>> get(const Call& call) {
    CO_TRY(auto const id, call.uuid("batchid"));
    auto look = [facts = call.facts, id](store::Snapshot& snapshot) -> std::optional<std::string> {
        auto const row = messaging::find_batch(snapshot, facts->ns, id);
        if (!row) return std::nullopt;
        return messaging::batch_json(snapshot, facts->ns, *row, facts->namespace_name);
    };
    co_return co_await read_one(call, std::move(look));
}

}  // namespace

Routes batch_routes() {
    return {
        {"GET", "batches", "Batches", "Looks for batches of messages", list_batches, "", "[Batch]", {200}, {}, batch_fields},
        {"GET", "batches/{batchid}", "Batches", "Gets a batch with its manifest", get, "", "Batch"},
        {"GET", "pins", "Batches", "Looks for pins: the marks of batches on the ledger, one for each topic", list_pins, "", "[Pin]", {200}, {}, pin_fields},
    };
}

}  // namespace lockstep::api
