// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/confirm.hpp"
#include "api/errors.hpp"
#include "api/identities.hpp"
#include "core/json.hpp"
#include "delivery/errors.hpp"
#include "registry/errors.hpp"

namespace lockstep::api {

namespace {

using registry::IdentityType;

Task<Result<Answer>> list_organizations(const Call& call) {
    return list_identities(call, {" AND type = 'org'", {}, false});
}
Task<Result<Answer>> list_nodes(const Call& call) { return list_identities(call, {" AND type = 'node'", {}, false}); }

// By UUID, DID or name.
FindIdentity find_of(IdentityType type, std::string lookup) {
    return [type, lookup = std::move(lookup)](store::Session& session, NamespaceId ns) {
        auto const id = Uuid::parse(lookup);
        auto found = id ? registry::find_identity(session, ns, *id)
                        : registry::find_identity_by_did(
                              session, ns, lookup.starts_with("did:") ? lookup : registry::did_of(type, lookup));
        if (found && found->type != type) found.reset();
        return found;
    };
}

Task<Result<Answer>> get_organization(const Call& call) {
    return get_identity(call, find_of(IdentityType::org, call.parameter("nameOrId")));
}
Task<Result<Answer>> get_node(const Call& call) {
    return get_identity(call, find_of(IdentityType::node, call.parameter("nameOrId")));
}

Task<Result<Answer>> did_document(const Call& call) {
    auto const& did = call.parameter("did");
    if (!did.starts_with("did:firefly:")) co_return refuse(errors::unknown_did_method, {{"did", did}});
    auto look = [facts = call.facts, did](store::Snapshot& snapshot) -> std::optional<std::string> {
        auto const identity = registry::find_identity_by_did(snapshot, facts->ns, did);
        if (!identity) return std::nullopt;
        return registry::did_document_json(*identity, registry::verifiers_of(snapshot, facts->ns, identity->id));
    };
    co_return co_await read_one(call, std::move(look), errors::not_found);
}

// Sends the claim of the configured organisation or node. Without confirm the answer is the identity as
// it was claimed; with it, as it was registered.
Task<Result<Answer>> claim(const Call& call, Task<Result<registry::Identity>> (messaging::Sender::*send)(Uuid)) {
    auto& services = call.services;
    auto const message = services.sender.new_id();
    if (!call.flag("confirm")) {
        auto const identity = co_await (services.sender.*send)(message);
        if (!identity) co_return identity.error();
        auto claimed = *identity;
        claimed.claim = message;
        co_return Answer{202, registry::identity_json(claimed, "")};
    }
    sequencer::Settled::Watch watch(services.settled, message);
    auto const identity = co_await (services.sender.*send)(message);
    if (!identity) co_return identity.error();
    auto const row = co_await confirmed(call, watch, message);
    if (!row) co_return row.error();
    auto find = [id = identity->id](store::Session& session, NamespaceId ns) {
        return registry::find_identity(session, ns, id);
    };
    co_return co_await get_identity(call, std::move(find));
}

Task<Result<Answer>> register_organization(const Call& call) { return claim(call, &messaging::Sender::register_org); }
Task<Result<Answer>> register_node(const Call& call) { return claim(call, &messaging::Sender::register_node); }

Task<Result<Answer>> refuse_action(const Call& call) {
    auto const action = json::Value{call.body}["type"].as_string().value_or("");
    if (action != "terminate") co_return refuse(errors::unknown_network_action, {{"action", action}});
    co_return refuse(errors::terminate_missing);
}

}  // namespace

Routes network_routes() {
    return under(
        "Network",
        {
            route("GET", "network/organizations", "Looks for organisations", list_organizations)
                .lists("Identity", identity_fields)
                .with({fetchverifiers}),
            route("POST", "network/organizations/self", "Registers the organisation of this member",
                  register_organization)
                .takes("Empty")
                .gives("Identity", {202, 200})
                .with({confirm}),
            route("GET", "network/organizations/{nameOrId}", "Gets an organisation", get_organization)
                .gives("Identity")
                .with({fetchverifiers}),
            route("GET", "network/nodes", "Looks for nodes", list_nodes)
                .lists("Identity", identity_fields)
                .with({fetchverifiers}),
            route("POST", "network/nodes/self", "Registers the node of this member", register_node)
                .takes("Empty")
                .gives("Identity", {202, 200})
                .with({confirm}),
            route("GET", "network/nodes/{nameOrId}", "Gets a node", get_node).gives("Identity").with({fetchverifiers}),
            route("GET", "network/diddocs/{did:.*}", "Gets a DID document", did_document).gives("DidDocument"),
            route("POST", "network/action", "Ends the use of the contract (not there yet)", refuse_action)
                .takes("NetworkAction")
                .gives("NetworkAction", {202}),
        });
}

}  // namespace lockstep::api
