// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "core/json.hpp"
#include "core/names.hpp"
#include "registry/errors.hpp"
#include "registry/registry.hpp"

namespace lockstep::registry {

std::string claim_json(const Identity& identity) {
    auto bare = identity;
    bare.claim = bare.verification = bare.update = std::nullopt;
    bare.created = bare.updated = Time{};
    return R"({"identity":)" + identity_json(bare, "") + "}";
}

Result<Identity> parse_claim(std::string_view data_value) {
    auto const value = json::Value{data_value}["identity"];
    auto const text = [&](std::string_view name) { return value[name].as_string().value_or(""); };
    auto const malformed = [](std::string_view what) {
        return refuse(errors::definition_not_valid, {{"id", "of an identity"}, {"reason", what}});
    };
    if (value.kind() != json::Kind::object) return malformed("identity");
    Identity identity;
    auto const id = Uuid::parse(text("id"));
    if (!id || id->is_nil()) return malformed("identity.id");
    identity.id = *id;
    auto const type = parse_identity_type(text("type"));
    if (!type) return malformed("identity.type");
    identity.type = *type;
    if (!value["parent"].is_null()) {
        identity.parent = Uuid::parse(text("parent"));
        if (!identity.parent) return malformed("identity.parent");
    }
    identity.name = text("name");
    TRY_VOID(check_name(identity.name, "identity.name"));
    identity.did = text("did");
    if (identity.did != did_of(identity.type, identity.name)) return malformed("identity.did");
    identity.description = text("description");
    if (identity.description.size() > 4096) return malformed("identity.description");
    if (auto const profile = value["profile"]; profile.kind() == json::Kind::object) identity.profile = profile.text();
    return identity;
}

namespace {

using Kind = ClaimOutcome::Kind;

ClaimOutcome rejected(const Error& error) { return {Kind::rejected, error.message(), "", {}}; }

bool same_claim(const Identity& a, const Identity& b) {
    return a.id == b.id && a.did == b.did && a.type == b.type && a.parent == b.parent && a.name == b.name;
}

}  // namespace

// Decided by shared data only: the claim, what is registered, and the order on the ledger.
ClaimOutcome apply_claim(store::Transaction& tx,
                         NamespaceId ns,
                         std::string_view namespace_name,
                         const MessageHeader& header,
                         std::string_view data_value,
                         Time now) {
    auto parsed = parse_claim(data_value);
    if (!parsed) return rejected(parsed.error());
    auto& identity = *parsed;
    auto const id_text = identity.id.text();
    auto const invalid = [&](std::string_view reason) {
        return refuse(errors::definition_not_valid, {{"id", id_text}, {"reason", reason}});
    };

    // Who may claim: an organisation for itself, the organisation for its node.
    auto claimant = identity.did;
    if (identity.type == IdentityType::node) {
        if (!identity.parent) return rejected(invalid("a node needs a parent"));
        auto const parent = find_identity(tx, ns, *identity.parent);
        if (!parent) return {Kind::waits, "", identity.parent->text(), {}};
        if (parent->type != IdentityType::org)
            return rejected(
                refuse(errors::parent_of_wrong_type, {{"parent", parent->did}, {"identity", identity.did}}));
        claimant = parent->did;
        // The author of a message is its signer's identity; who has none speaks for nobody but itself.
        if (!find_identity_by_verifier(tx, ns, "ethereum_address", header.key))
            return {Kind::waits, "", header.key, {}};
    } else if (identity.type == IdentityType::custom || identity.parent) {
        // Children need the parent's verification, which this version does not process.
        return rejected(invalid("identities with a parent are not supported by this version"));
    }
    if (header.author != claimant) return rejected(refuse(errors::definition_by_wrong_author, {{"id", id_text}}));

    for (auto const& known : {find_identity_by_did(tx, ns, identity.did), find_identity(tx, ns, identity.id)}) {
        if (!known) continue;
        if (same_claim(*known, identity)) return {};  // a replay of the claim that was taken
        return rejected(refuse(errors::definition_conflicts, {{"id", id_text}}));
    }
    Verifier verifier;
    if (identity.type == IdentityType::node) {
        verifier.type = "dx_peer_id";
        verifier.value = json::Value{identity.profile}["id"].as_string().value_or("");
        if (verifier.value.empty()) return rejected(invalid("a node's profile needs an id"));
    } else {
        verifier.type = "ethereum_address";
        verifier.value = header.key;
    }
    if (find_identity_by_verifier(tx, ns, verifier.type, verifier.value))
        return rejected(refuse(errors::definition_conflicts, {{"id", id_text}}));

    identity.claim = header.id;
    identity.created = identity.updated = now;
    tx.run(
        "INSERT INTO identities (ns, id, did, type, parent, name, description, profile, claim, created, updated)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        ns, identity.id, identity.did, word(identity.type), identity.parent, identity.name, identity.description,
        identity.profile, identity.claim, identity.created, identity.updated);
    identity.seq = tx.last_id();
    auto const hash = verifier_hash(namespace_name, verifier.type, verifier.value);
    tx.run("INSERT INTO verifiers (ns, hash, identity, type, value, created) VALUES (?1, ?2, ?3, ?4, ?5, ?6)", ns, hash,
           identity.id, verifier.type, verifier.value, now);
    return {Kind::confirmed, "", "", std::move(identity)};
}

}  // namespace lockstep::registry
