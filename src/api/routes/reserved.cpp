// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Subjects that are not there yet. Clients list them when they start, so their collections answer, and are
// empty.
#include "api/errors.hpp"
#include "api/list.hpp"
#include "core/errors.hpp"
#include "core/json.hpp"
#include "core/names.hpp"

namespace lockstep::api {

namespace {

Task<Result<Answer>> no_result(const Call&) { co_return refuse(lockstep::errors::no_result); }
Task<Result<Answer>> not_found(const Call&) { co_return refuse(lockstep::errors::not_found); }

Task<Result<Answer>> get_group(const Call& call) {
    auto const& text = call.parameter("hash");
    if (!Hash::parse(text)) co_return refuse(lockstep::errors::wrong_hash_length, {{"length", std::to_string(text.size())}});
    co_return refuse(lockstep::errors::no_result);
}

Task<Result<Answer>> refuse_datatype(const Call& call) {
    json::Value const body{call.body};
    CO_TRY_VOID(check_name(body["name"].as_string().value_or(""), "name"));
    CO_TRY_VOID(check_name(body["version"].as_string().value_or(""), "version"));
    if (body["value"].is_null()) co_return refuse(lockstep::errors::required_field, {{"field", "value"}});
    co_return refuse(errors::datatypes_missing);
}

Route empty_collection(std::string_view path, std::string_view tag, std::string_view summary, std::string_view response, filter::Fields fields,
                       bool reserved = true) {
    return {"GET", path, tag, summary, list_nothing, "", response, {200}, {}, fields, Scope::namespaced, reserved};
}
Route absent(std::string_view path, std::string_view tag, std::string_view summary, Handle handle, bool reserved = true) {
    return {"GET", path, tag, summary, handle, "", "Any", {200}, {}, {}, Scope::namespaced, reserved};
}

}  // namespace

Routes reserved_routes() {
    return {
        {"POST", "datatypes", "Datatypes", "Defines a datatype (not there yet)", refuse_datatype, "Any", "Any", {202, 200}},
        empty_collection("datatypes", "Datatypes", "Looks for datatypes (none yet)", "[Any]", datatype_fields, false),
        absent("datatypes/{name}/{version}", "Datatypes", "Gets a datatype (none yet)", no_result, false),
        empty_collection("groups", "Groups", "Looks for groups (none yet)", "[Any]", group_fields, false),
        absent("groups/{hash}", "Groups", "Gets a group (none yet)", get_group, false),
        empty_collection("nextpins", "Groups", "Looks for the next pins of private contexts (none yet)", "[Any]", next_pin_fields, false),
        empty_collection("contracts/interfaces", "Contracts", "Looks for contract interfaces (none yet)", "[Any]", interface_fields),
        absent("contracts/interfaces/{interfaceId}", "Contracts", "Gets a contract interface (none yet)", no_result),
        empty_collection("contracts/listeners", "Contracts", "Looks for contract listeners (none yet)", "[Any]", listener_fields),
        absent("contracts/listeners/{nameOrId}", "Contracts", "Gets a contract listener (none yet)", not_found),
        empty_collection("apis", "Contracts", "Looks for contract APIs (none yet)", "[Any]", contract_api_fields),
        absent("apis/{apiName}", "Contracts", "Gets a contract API (none yet)", no_result),
        empty_collection("tokens/connectors", "Tokens", "Lists token connectors (none yet)", "[Any]", {}),
        empty_collection("tokens/pools", "Tokens", "Looks for token pools (none yet)", "[Any]", pool_fields),
        absent("tokens/pools/{nameOrId}", "Tokens", "Gets a token pool (none yet)", not_found),
        empty_collection("tokens/transfers", "Tokens", "Looks for token transfers (none yet)", "[Any]", transfer_fields),
        empty_collection("tokens/approvals", "Tokens", "Looks for token approvals (none yet)", "[Any]", approval_fields),
        empty_collection("tokens/balances", "Tokens", "Looks for token balances (none yet)", "[Any]", balance_fields),
        empty_collection("tokens/accounts", "Tokens", "Looks for token accounts (none yet)", "[Any]", account_fields),
        empty_collection("tokens/accounts/{key}/pools", "Tokens", "Looks for the token pools of an account (none yet)", "[Any]", account_fields),
    };
}

}  // namespace lockstep::api
