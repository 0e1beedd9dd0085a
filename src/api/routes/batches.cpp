// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/list.hpp"
#include "api/scan.hpp"
#include "messaging/rows.hpp"

namespace lockstep::api {

namespace {

void print_batch(std::string& out, store::Session& session, const Facts& facts, const store::Statement& row) {
    out = messaging::batch_json(session, facts.ns, messaging::batch_row(row), facts.namespace_name);
}

Task<Result<Answer>> list_batches(const Call& call) { return list(call, batches_table(), print_batch); }

Task<Result<Answer>> get_batch(const Call& call) {
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
    return under(
        "Batches",
        {
            route("GET", "batches", "Looks for batches of messages", list_batches).lists("Batch", batch_fields),
            route("GET", "batches/{batchid}", "Gets a batch with its manifest", get_batch).gives("Batch"),
            route("GET", "pins", "Looks for pins: the marks of batches on the ledger, one for each topic", list_pins)
                .lists("Pin", pin_fields),
        });
}

}  // namespace lockstep::api
