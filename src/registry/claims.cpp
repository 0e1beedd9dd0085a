// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Who may be whom. Decided by shared data only: the message, what is registered, and the order on the ledger. All that
// is said about one identity is on one topic, and what a decision takes from other topics, the parent and the owner of
// a key, is waited for and never changes.
#include "core/json.hpp"
#include "registry/errors.hpp"
#include "registry/registry.hpp"

namespace lockstep::registry {

namespace {

using Kind = ClaimOutcome::Kind;

constexpr std::string_view account_type = "ethereum_address";

ClaimOutcome rejected(const Error& error) { return {Kind::rejected, error.message(), "", {}, "", {}}; }
ClaimOutcome waits_for(std::string missing) { return {Kind::waits, "", std::move(missing), {}, "", {}}; }

bool same_identity(const Identity& a, const Identity& b) {
    return a.id == b.id && a.did == b.did && a.type == b.type && a.parent == b.parent && a.name == b.name;
}

Error invalid(const Uuid& id, std::string_view reason) {
    auto const text = id.text();
    return refuse(errors::definition_not_valid, {{"id", text}, {"reason", reason}});
}

bool on_topic_of(const Message& message, const Identity& identity) {
    auto const& topics = message.header.topics;
    return topics.size() == 1 && topics[0] == identity_topic(identity.did);
}
constexpr std::string_view wrong_topic = "its topic is not that of the identity";

// What stands against it, if anything; `known` is true for one that is registered already, as it is.
Result<void> check_free(
    store::Session& session, NamespaceId ns, const Identity& identity, const Verifier& verifier, bool& known) {
    auto const id = identity.id.text();
    for (auto const& other :
         {find_identity_by_did(session, ns, identity.did), find_identity(session, ns, identity.id)}) {
        if (!other) continue;
        known = same_identity(*other, identity);
        if (known) return {};
        return refuse(errors::definition_conflicts, {{"id", id}});
    }
    if (find_identity_by_verifier(session, ns, verifier.type, verifier.value))
        return refuse(errors::definition_conflicts, {{"id", id}});
    return {};
}

void register_identity(store::Transaction& tx,
                       NamespaceId ns,
                       std::string_view namespace_name,
                       Identity& identity,
                       const Verifier& verifier,
                       Time now) {
    identity.created = identity.updated = now;
    tx.run(
        "INSERT INTO identities (ns, id, did, type, parent, name, description, profile, claim, verification, created,"
        " updated) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        ns, identity.id, identity.did, word(identity.type), identity.parent, identity.name, identity.description,
        identity.profile, identity.claim, identity.verification, identity.created, identity.updated);
    identity.seq = tx.last_id();
    auto const hash = verifier_hash(namespace_name, verifier.type, verifier.value);
    tx.run("INSERT INTO verifiers (ns, hash, identity, type, value, created) VALUES (?1, ?2, ?3, ?4, ?5, ?6)", ns, hash,
           identity.id, verifier.type, verifier.value, now);
}

// The message in which its parent has verified this claim before it came.
std::optional<Uuid> find_open_verification(store::Session& session,
                                           NamespaceId ns,
                                           const Message& claim,
                                           const Identity& identity) {
    auto rows = session.query(
        "SELECT message, value FROM open_verifications"
        " WHERE ns = ?1 AND did = ?2 AND claim = ?3 AND hash = ?4 AND parent = ?5",
        ns, identity.did, claim.header.id, claim.hash, identity.parent);
    auto const* row = rows.first();
    if (!row) return std::nullopt;
    auto const verification = parse_verification(row->text(1));
    if (!verification || !same_identity(verification->identity, identity)) return std::nullopt;
    return row->uuid(0);
}

// Who claims, and who must be there for it. Empty when it may go on.
std::optional<ClaimOutcome> judge_claimant(store::Session& session,
                                           NamespaceId ns,
                                           const Message& message,
                                           const Identity& identity) {
    auto const& header = message.header;
    auto claimant = identity.did;
    auto const is_node = identity.type == IdentityType::node;
    if (!identity.parent) {
        if (identity.type != IdentityType::org) return rejected(invalid(identity.id, "it needs a parent"));
    } else {
        if (*identity.parent == identity.id)
            return rejected(refuse(errors::identity_chain_loops, {{"identity", identity.did}}));
        auto const parent = find_identity(session, ns, *identity.parent);
        if (!parent) return waits_for(identity.parent->text());
        if (!may_be_parent(*parent, identity))
            return rejected(
                refuse(errors::parent_of_wrong_type, {{"parent", parent->did}, {"identity", identity.did}}));
        if (is_node) claimant = parent->did;
    }
    // The author of a message is its signer's identity; who has none speaks for nobody but itself.
    if (is_node && !find_identity_by_verifier(session, ns, account_type, header.key)) return waits_for(header.key);
    if (header.author == claimant) return std::nullopt;
    auto const id = identity.id.text();
    return rejected(refuse(errors::definition_by_wrong_author, {{"id", id}}));
}

}  // namespace

bool may_be_parent(const Identity& parent, const Identity& child) {
    if (parent.type == IdentityType::org) return true;
    return child.type == IdentityType::custom && parent.type == IdentityType::custom;
}

ClaimOutcome apply_claim(store::Transaction& tx,
                         NamespaceId ns,
                         std::string_view namespace_name,
                         const Message& message,
                         std::string_view data_value,
                         Time now) {
    auto const& header = message.header;
    auto parsed = parse_claim(data_value);
    if (!parsed) return rejected(parsed.error());
    auto& identity = *parsed;
    if (!on_topic_of(message, identity)) return rejected(invalid(identity.id, wrong_topic));
    if (auto outcome = judge_claimant(tx, ns, message, identity)) return std::move(*outcome);

    auto const is_node = identity.type == IdentityType::node;
    Verifier verifier;
    verifier.type = is_node ? "dx_peer_id" : account_type;
    verifier.value = is_node ? json::Value{identity.profile}["id"].as_string().value_or("") : header.key;
    auto known = false;
    auto const free = check_free(tx, ns, identity, verifier, known);
    if (!free) return rejected(free.error());
    if (known) return {};  // a replay of the claim that was taken
    if (verifier.value.empty()) return rejected(invalid(identity.id, "a node's profile needs an id"));

    identity.claim = header.id;
    if (identity.parent && !is_node) {
        identity.verification = find_open_verification(tx, ns, message, identity);
        if (!identity.verification) {
            tx.run(
                "INSERT INTO open_claims (ns, did, claim, hash, value, key) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
                " ON CONFLICT (ns, did, claim, hash) DO NOTHING",
                ns, identity.did, header.id, message.hash, data_value, header.key);
            return {};
        }
        tx.run("DELETE FROM open_verifications WHERE ns = ?1 AND did = ?2 AND claim = ?3", ns, identity.did, header.id);
    }
    register_identity(tx, ns, namespace_name, identity, verifier, now);
    auto const key = is_node ? std::string() : header.key;
    return {Kind::confirmed, "", "", std::move(identity), key, {}};
}

ClaimOutcome apply_verification(store::Transaction& tx,
                                NamespaceId ns,
                                std::string_view namespace_name,
                                const Message& message,
                                std::string_view data_value,
                                Time now) {
    auto const& header = message.header;
    auto const parsed = parse_verification(data_value);
    if (!parsed) return rejected(parsed.error());
    auto const& named = parsed->identity;
    auto const id = header.id.text();
    if (!on_topic_of(message, named)) return rejected(invalid(named.id, wrong_topic));
    // Its signer is registered, or it would not have come so far.
    auto const parent = find_identity_by_did(tx, ns, header.author);
    if (!parent)
        return rejected(refuse(errors::definition_of_unknown_identity, {{"id", id}, {"identity", header.author}}));
    if (parent->id != named.parent)
        return rejected(refuse(errors::verification_by_another, {{"id", id}, {"identity", named.did}}));

    std::string claim_value, key;
    auto other_hash = false;
    for (auto& row : tx.query("SELECT hash, value, key FROM open_claims WHERE ns = ?1 AND did = ?2 AND claim = ?3", ns,
                              named.did, parsed->claim)) {
        other_hash = true;
        if (row.hash(0) != parsed->hash) continue;
        claim_value = row.string(1);
        key = row.string(2);
    }
    if (claim_value.empty()) {
        if (other_hash) return rejected(refuse(errors::verification_of_other_claim, {{"id", id}}));
        tx.run(
            "INSERT INTO open_verifications (ns, did, claim, hash, parent, message, value)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (ns, did, claim, hash, parent) DO NOTHING",
            ns, named.did, parsed->claim, parsed->hash, parent->id, header.id, data_value);
        return {};
    }
    auto claimed = parse_claim(claim_value);
    if (!claimed) return rejected(claimed.error());
    auto& identity = *claimed;
    if (!same_identity(identity, named)) return rejected(refuse(errors::definition_of_other_id, {{"id", id}}));
    Verifier verifier;
    verifier.type = account_type;
    verifier.value = key;
    auto known = false;
    auto const free = check_free(tx, ns, identity, verifier, known);
    if (!free) return rejected(free.error());
    tx.run("DELETE FROM open_claims WHERE ns = ?1 AND did = ?2 AND claim = ?3 AND hash = ?4", ns, named.did,
           parsed->claim, parsed->hash);
    if (known) return {};
    identity.claim = parsed->claim;
    identity.verification = header.id;
    register_identity(tx, ns, namespace_name, identity, verifier, now);
    return {Kind::confirmed, "", "", std::move(identity), key, {}};
}

ClaimOutcome apply_update(
    store::Transaction& tx, NamespaceId ns, const Message& message, std::string_view data_value, Time now) {
    auto const& header = message.header;
    auto const parsed = parse_update(data_value);
    if (!parsed) return rejected(parsed.error());
    auto const& named = parsed->identity;
    auto const id = header.id.text();
    if (!on_topic_of(message, named)) return rejected(invalid(named.id, wrong_topic));
    auto identity = find_identity_by_did(tx, ns, named.did);
    if (!identity)
        return rejected(refuse(errors::definition_of_unknown_identity, {{"id", id}, {"identity", named.did}}));
    if (!same_identity(*identity, named)) return rejected(refuse(errors::definition_of_other_id, {{"id", id}}));
    auto author = identity->did;
    if (identity->type == IdentityType::node) {
        auto const parent = find_identity(tx, ns, *identity->parent);
        author = parent ? parent->did : "";
    }
    if (header.author != author) return rejected(refuse(errors::definition_by_wrong_author, {{"id", id}}));
    identity->description = parsed->description;
    identity->profile = parsed->profile;
    identity->update = header.id;
    identity->updated = now;
    tx.run(
        "UPDATE identities SET description = ?3, profile = ?4, update_message = ?5, updated = ?6"
        " WHERE ns = ?1 AND id = ?2",
        ns, identity->id, identity->description, identity->profile, identity->update, identity->updated);
    return {Kind::confirmed, "", "", {}, "", std::move(identity)};
}

}  // namespace lockstep::registry
