// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Subjects that are not there yet. Clients list them when they start, so their collections answer, and are
// empty.
#include "api/errors.hpp"
#include "api/list.hpp"
#include "delivery/errors.hpp"

namespace lockstep::api {

namespace {

Task<Result<Answer>> no_result(const Call&) { co_return refuse(errors::no_result); }
Task<Result<Answer>> no_such_thing(const Call&) { co_return refuse(errors::not_found); }

Route collection(std::string_view path, std::string_view summary, filter::Fields fields) {
    return route("GET", path, summary, list_nothing).lists("Any", fields);
}

}  // namespace

Routes reserved_routes() {
    auto absent = join({
        under("Contracts",
              {
                  collection("contracts/interfaces", "Looks for contract interfaces (none yet)", interface_fields),
                  route("GET", "contracts/interfaces/{interfaceId}", "Gets a contract interface (none yet)", no_result)
                      .gives("Any"),
                  collection("contracts/listeners", "Looks for contract listeners (none yet)", listener_fields),
                  route("GET", "contracts/listeners/{nameOrId}", "Gets a contract listener (none yet)", no_such_thing)
                      .gives("Any"),
                  collection("apis", "Looks for contract APIs (none yet)", contract_api_fields),
                  route("GET", "apis/{apiName}", "Gets a contract API (none yet)", no_result).gives("Any"),
              }),
        under("Tokens",
              {
                  collection("tokens/connectors", "Lists token connectors (none yet)", {}),
                  collection("tokens/pools", "Looks for token pools (none yet)", pool_fields),
                  route("GET", "tokens/pools/{nameOrId}", "Gets a token pool (none yet)", no_such_thing).gives("Any"),
                  collection("tokens/transfers", "Looks for token transfers (none yet)", transfer_fields),
                  collection("tokens/approvals", "Looks for token approvals (none yet)", approval_fields),
                  collection("tokens/balances", "Looks for token balances (none yet)", balance_fields),
                  collection("tokens/accounts", "Looks for token accounts (none yet)", account_fields),
                  collection("tokens/accounts/{key}/pools", "Looks for the token pools of an account (none yet)",
                             account_fields),
              }),
    });
    for (auto& route : absent) route.reserved = true;
    return absent;
}

}  // namespace lockstep::api
