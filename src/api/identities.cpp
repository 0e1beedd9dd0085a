// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/identities.hpp"

#include "delivery/errors.hpp"

namespace lockstep::api {

namespace {

std::string json_with_verifiers(store::Session& session, const Facts& facts, const registry::Identity& identity) {
    auto const verifiers = registry::verifiers_of(session, facts.ns, identity.id);
    return registry::identity_json(identity, facts.namespace_name, &verifiers);
}

void print(std::string& out, store::Session&, const Facts& facts, const store::Statement& row) {
    out = registry::identity_json(registry::identity_row(row), facts.namespace_name);
}
void print_with_verifiers(std::string& out, store::Session& session, const Facts& facts, const store::Statement& row) {
    out = json_with_verifiers(session, facts, registry::identity_row(row));
}

}  // namespace

Task<Result<Answer>> get_identity(const Call& call, FindIdentity find) {
    auto look = [facts = call.facts, find = std::move(find),
                 with_verifiers = call.flag("fetchverifiers")](store::Snapshot& snapshot) {
        std::optional<std::string> json;
        if (auto const identity = find(snapshot, facts->ns))
            json = with_verifiers ? json_with_verifiers(snapshot, *facts, *identity)
                                  : registry::identity_json(*identity, facts->namespace_name);
        return json;
    };
    co_return co_await read_one(call, std::move(look), errors::not_found);
}

Task<Result<Answer>> list_identities(const Call& call, Restriction restriction) {
    return list(call, identities_table(), call.flag("fetchverifiers") ? print_with_verifiers : print,
                std::move(restriction));
}

}  // namespace lockstep::api
