// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "registry/groups.hpp"
#include "api/list.hpp"
#include "core/json.hpp"
#include "messaging/errors.hpp"
#include "sequencer/private_pins.hpp"

namespace lockstep::api {

namespace {

void print_group(std::string& out, store::Session&, const Facts& facts, const store::Statement& row) {
    out = registry::group_row_json(registry::group_row(row), facts.namespace_name);
}

void print_next_pin(std::string& out, store::Session&, const Facts& facts, const store::Statement& row) {
    auto const next = sequencer::next_pin_row(row);
    json::Writer writer;
    writer.begin_object().field("namespace", facts.namespace_name).quoted("context", next.context);
    writer.field("identity", next.identity).quoted("hash", next.hash).key("nonce").unsigned_number(next.nonce);
    out = writer.end_object().take();
}

Task<Result<Answer>> list_groups(const Call& call) { return list(call, groups_table(), print_group); }
Task<Result<Answer>> list_next_pins(const Call& call) { return list(call, next_pins_table(), print_next_pin); }

Task<Result<Answer>> get_group(const Call& call) {
    auto const& text = call.parameter("hash");
    auto const hash = Hash::parse(text);
    if (!hash) co_return refuse(errors::wrong_hash_length, {{"length", std::to_string(text.size())}});
    auto look = [facts = call.facts, hash = *hash](store::Snapshot& snapshot) -> std::optional<std::string> {
        auto const row = registry::find_group(snapshot, facts->ns, hash);
        if (!row) return std::nullopt;
        return registry::group_row_json(*row, facts->namespace_name);
    };
    co_return co_await read_one(call, std::move(look));
}

}  // namespace

Routes group_routes() {
    return under("Groups", {
                               route("GET", "groups", "Looks for groups: who private messages go to", list_groups)
                                   .lists("Group", group_fields),
                               route("GET", "groups/{hash}", "Gets a group", get_group).gives("Group"),
                               route("GET", "nextpins",
                                     "Looks for the pins that members of private contexts write next", list_next_pins)
                                   .lists("NextPin", next_pin_fields),
                           });
}

}  // namespace lockstep::api
