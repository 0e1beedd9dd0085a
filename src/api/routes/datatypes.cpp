// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "registry/datatypes.hpp"
#include "api/body.hpp"
#include "api/confirm.hpp"
#include "api/errors.hpp"
#include "api/list.hpp"
#include "core/names.hpp"
#include "messaging/errors.hpp"

namespace lockstep::api {

namespace {

Result<messaging::DatatypeInput> datatype_of(std::string_view text) {
    json::Value const body{text};
    messaging::DatatypeInput input;
    TRY(auto const validator, text_member(body, "validator"));
    if (!validator.empty() && validator != "json") return refuse(errors::unknown_validator, {{"validator", validator}});
    TRY(input.name, text_member(body, "name"));
    TRY(input.version, text_member(body, "version"));
    TRY_VOID(check_name(input.name, "name"));
    TRY_VOID(check_name(input.version, "version"));
    if (body["value"].is_null()) return refuse(errors::required_field, {{"field", "value"}});
    input.value = body["value"].text();
    return input;
}

Task<Result<Answer>> get_defined(const Call& call, DatatypeRef ref) {
    auto look = [facts = call.facts, ref = std::move(ref)](store::Snapshot& snapshot) -> std::optional<std::string> {
        auto const datatype = registry::find_datatype(snapshot, facts->ns, ref);
        if (!datatype) return std::nullopt;
        return registry::datatype_json(*datatype, facts->namespace_name);
    };
    co_return co_await read_one(call, std::move(look));
}

// A name and version that is taken is only known to be so in the order of the ledger: it is rejected there.
Task<Result<Answer>> define_datatype(const Call& call) {
    CO_TRY(auto input, datatype_of(call.body));
    DatatypeRef ref{input.name, input.version};
    auto& services = call.services;
    auto const message = services.sender.new_id();
    sequencer::Settled::Watch watch(services.settled, message);
    auto const datatype = co_await services.sender.define_datatype(std::move(input), message);
    if (!datatype) co_return datatype.error();
    if (!call.flag("confirm")) co_return Answer{202, registry::datatype_json(*datatype, call.facts->namespace_name)};
    auto const row = co_await confirmed(call, watch, message);
    if (!row) co_return row.error();
    co_return co_await get_defined(call, std::move(ref));
}

void print_datatype(std::string& out, store::Session&, const Facts& facts, const store::Statement& row) {
    out = registry::datatype_json(registry::datatype_row(row), facts.namespace_name);
}
Task<Result<Answer>> list_datatypes(const Call& call) { return list(call, datatypes_table(), print_datatype); }

Task<Result<Answer>> get_datatype(const Call& call) {
    return get_defined(call, {call.parameter("name"), call.parameter("version")});
}

}  // namespace

Routes datatype_routes() {
    return under(
        "Datatypes",
        {
            route("POST", "datatypes", "Defines a datatype: a JSON Schema for values", define_datatype)
                .takes("DatatypeInput")
                .gives("Datatype", {202, 200})
                .with({confirm}),
            route("GET", "datatypes", "Looks for datatypes", list_datatypes).lists("Datatype", datatype_fields),
            route("GET", "datatypes/{name}/{version}", "Gets a datatype", get_datatype).gives("Datatype"),
        });
}

}  // namespace lockstep::api
