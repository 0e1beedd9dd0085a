// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// New identities and changes of identities, for which the network has to hear a claim, a verification or an update.
#include "api/body.hpp"
#include "api/confirm.hpp"
#include "api/errors.hpp"
#include "api/identities.hpp"
#include "core/names.hpp"
#include "delivery/errors.hpp"

namespace lockstep::api {

namespace {

Result<messaging::IdentityInput> identity_of(std::string_view text, std::optional<registry::IdentityType> forced) {
    json::Value const body{text};
    messaging::IdentityInput input;
    TRY(input.name, text_member(body, "name"));
    TRY_VOID(check_name(input.name, "name"));
    TRY(auto const type, text_member(body, "type"));
    if (forced) {
        input.type = *forced;
    } else if (!type.empty()) {
        auto const known = registry::parse_identity_type(type);
        if (!known) return refuse(errors::unknown_identity_type, {{"type", type}});
        input.type = *known;
    }
    TRY(input.parent, text_member(body, "parent"));
    TRY(input.key, text_member(body, "key"));
    TRY(input.description, text_member(body, "description"));
    TRY(input.profile, object_member(body, "profile"));
    if (input.key.empty() && input.type != registry::IdentityType::node) return refuse(errors::key_missing);
    return input;
}

FindIdentity by_id(Uuid id) {
    return [id](store::Session& session, NamespaceId ns) { return registry::find_identity(session, ns, id); };
}

Task<Result<Answer>> register_new(const Call& call, std::optional<registry::IdentityType> forced) {
    CO_TRY(auto input, identity_of(call.body, forced));
    auto& services = call.services;
    auto const claim = services.sender.new_id();
    auto const verification = services.sender.new_id();
    sequencer::Settled::Watch claimed(services.settled, claim);
    sequencer::Settled::Watch verified(services.settled, verification);
    auto const identity = co_await services.sender.register_identity(std::move(input), claim, verification);
    if (!identity) co_return identity.error();
    if (!call.flag("confirm")) co_return Answer{202, registry::identity_json(*identity, "")};
    auto const first = co_await confirmed(call, claimed, claim);
    if (!first) co_return first.error();
    if (identity->verification) {
        auto const second = co_await confirmed(call, verified, verification);
        if (!second) co_return second.error();
    }
    co_return co_await get_identity(call, by_id(identity->id));
}

Task<Result<Answer>> create_identity(const Call& call) { return register_new(call, std::nullopt); }
Task<Result<Answer>> create_organization(const Call& call) { return register_new(call, registry::IdentityType::org); }

Task<Result<Answer>> update_identity(const Call& call) {
    CO_TRY(auto const id, call.uuid("iid"));
    auto look = [facts = call.facts, id](store::Snapshot& snapshot) {
        return registry::find_identity(snapshot, facts->ns, id).has_value();
    };
    auto const known = co_await call.services.database.read(std::move(look));
    if (!known) co_return refuse(errors::object_not_found);
    json::Value const body{call.body};
    if (body["profile"].is_null()) co_return refuse(errors::profile_missing);
    messaging::IdentityUpdateInput input;
    CO_TRY(input.description, text_member(body, "description"));
    CO_TRY(input.profile, object_member(body, "profile"));
    auto& services = call.services;
    auto const message = services.sender.new_id();
    sequencer::Settled::Watch watch(services.settled, message);
    auto const updated = co_await services.sender.update_identity(id, std::move(input), message);
    if (!updated) co_return updated.error();
    if (!call.flag("confirm")) co_return Answer{202, registry::identity_json(*updated, call.facts->namespace_name)};
    auto const row = co_await confirmed(call, watch, message);
    if (!row) co_return row.error();
    co_return co_await get_identity(call, by_id(id));
}

}  // namespace

Routes registration_routes() {
    return join({
        under("Identities",
              {
                  route("POST", "identities", "Registers a child organisation or a custom identity", create_identity)
                      .takes("IdentityInput")
                      .gives("Identity", {202, 200})
                      .with({confirm}),
                  route("PATCH", "identities/{iid}", "Replaces description and profile of an identity", update_identity)
                      .takes("IdentityUpdate")
                      .gives("Identity", {202, 200})
                      .with({confirm}),
              }),
        under("Network",
              {
                  route("POST", "network/organizations", "Registers a child organisation", create_organization)
                      .takes("IdentityInput")
                      .gives("Identity", {202, 200})
                      .with({confirm}),
              }),
    });
}

}  // namespace lockstep::api
