// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "registry/registry.hpp"

#include "core/json.hpp"
#include "core/names.hpp"
#include "registry/errors.hpp"

namespace lockstep::registry {

std::string_view word(IdentityType type) {
    switch (type) {
        case IdentityType::org: return "org";
        case IdentityType::node: return "node";
        case IdentityType::custom: return "custom";
    }
    return "";
}

std::optional<IdentityType> parse_identity_type(std::string_view text) {
    for (auto const type : {IdentityType::org, IdentityType::node, IdentityType::custom}) {
        if (word(type) == text) return type;
    }
    return std::nullopt;
}

std::string did_of(IdentityType type, std::string_view name) {
    std::string did = "did:firefly:";
    if (type == IdentityType::org) did += "org/";
    if (type == IdentityType::node) did += "node/";
    return did += name;
}

store::Migrations schema() {
    return {
        "registry",
        {"CREATE TABLE identities (seq INTEGER PRIMARY KEY, ns BIGINT NOT NULL, id BLOB NOT NULL, did TEXT NOT NULL,"
         " type TEXT NOT NULL, parent BLOB, name TEXT NOT NULL, description TEXT NOT NULL, profile TEXT NOT NULL,"
         " claim BLOB, verification BLOB, update_message BLOB, created BIGINT NOT NULL, updated BIGINT NOT NULL,"
         " UNIQUE (ns, id), UNIQUE (ns, did), UNIQUE (ns, type, name));"
         "CREATE TABLE verifiers (seq INTEGER PRIMARY KEY, ns BIGINT NOT NULL, hash BLOB NOT NULL, identity BLOB NOT "
         "NULL,"
         " type TEXT NOT NULL, value TEXT NOT NULL, created BIGINT NOT NULL, UNIQUE (ns, hash), UNIQUE (ns, type, "
         "value));"
         "CREATE INDEX verifiers_identity ON verifiers (ns, identity);",
         "CREATE TABLE groups (seq INTEGER PRIMARY KEY, ns BIGINT NOT NULL, hash BLOB NOT NULL, namespace TEXT NOT "
         "NULL,"
         " name TEXT NOT NULL, members TEXT NOT NULL, created BIGINT NOT NULL, message BLOB, UNIQUE (ns, hash));",
         "CREATE TABLE datatypes (seq INTEGER PRIMARY KEY, ns BIGINT NOT NULL, id BLOB NOT NULL, message BLOB NOT NULL,"
         " name TEXT NOT NULL, version TEXT NOT NULL, hash BLOB NOT NULL, created BIGINT NOT NULL, value TEXT NOT NULL,"
         " pin BIGINT NOT NULL, UNIQUE (ns, name, version));"
         "CREATE INDEX datatypes_id ON datatypes (ns, id);",
         // Halves of a child's registration: claims without their verification, verifications without their claim. The
         // DID is in the keys because it is the topic: what is found under it has one order at every member.
         "CREATE TABLE open_claims (ns BIGINT NOT NULL, did TEXT NOT NULL, claim BLOB NOT NULL, hash BLOB NOT NULL,"
         " value TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (ns, did, claim, hash)) WITHOUT ROWID;"
         "CREATE TABLE open_verifications (ns BIGINT NOT NULL, did TEXT NOT NULL, claim BLOB NOT NULL, hash BLOB NOT "
         "NULL,"
         " parent BLOB NOT NULL, message BLOB NOT NULL, value TEXT NOT NULL,"
         " PRIMARY KEY (ns, did, claim, hash, parent)) WITHOUT ROWID;",
         // By key, the earliest pin of a claim. Whoever is registered by now has one before all that comes.
         "CREATE TABLE first_claims (ns BIGINT NOT NULL, key TEXT NOT NULL, pin BIGINT NOT NULL, PRIMARY KEY (ns, key))"
         " WITHOUT ROWID;"
         "INSERT INTO first_claims (ns, key, pin) SELECT ns, value, 0 FROM verifiers WHERE type = 'ethereum_address';"
         "CREATE TABLE key_refusals (ns BIGINT NOT NULL, key TEXT NOT NULL, pin BIGINT NOT NULL, author TEXT NOT NULL,"
         " reason TEXT NOT NULL, PRIMARY KEY (ns, key, pin)) WITHOUT ROWID;"}};
}

const std::string identity_columns =
    "seq, id, did, type, parent, name, description, profile, claim, verification, update_message, created, updated";
const std::string verifier_columns = "seq, hash, identity, type, value, created";

Identity identity_row(const store::Statement& row) {
    return {row.integer(0),       row.uuid(1),
            row.string(2),        store::meaning(parse_identity_type(row.text(3)), "an identity's type", row.text(3)),
            row.uuid_or_null(4),  row.string(5),
            row.string(6),        row.string(7),
            row.uuid_or_null(8),  row.uuid_or_null(9),
            row.uuid_or_null(10), row.time(11),
            row.time(12)};
}

Verifier verifier_row(const store::Statement& row) {
    return {row.integer(0), row.hash(1), row.uuid(2), row.string(3), row.string(4), row.time(5)};
}

namespace {

template <class... Args>
std::optional<Identity> one(store::Session& session, const std::string& where, const Args&... args) {
    auto rows = session.query("SELECT " + identity_columns + " FROM identities WHERE " + where, args...);
    auto const* row = rows.first();
    if (!row) return std::nullopt;
    return identity_row(*row);
}

}  // namespace

std::optional<Identity> find_identity(store::Session& session, NamespaceId ns, const Uuid& id) {
    return one(session, "ns = ?1 AND id = ?2", ns, id);
}

std::optional<Identity> find_identity_by_did(store::Session& session, NamespaceId ns, std::string_view did) {
    return one(session, "ns = ?1 AND did = ?2", ns, did);
}

std::optional<Identity> find_identity_by_verifier(store::Session& session,
                                                  NamespaceId ns,
                                                  std::string_view type,
                                                  std::string_view value) {
    return one(session, "ns = ?1 AND id = (SELECT identity FROM verifiers WHERE ns = ?1 AND type = ?2 AND value = ?3)",
               ns, type, value);
}

Result<Identity> resolve(store::Session& session, NamespaceId ns, std::string_view lookup) {
    std::optional<Identity> found;
    if (lookup.starts_with("did:")) {
        if (!lookup.starts_with("did:firefly:")) return refuse(errors::unknown_did_method, {{"did", lookup}});
        found = find_identity_by_did(session, ns, lookup);
    } else if (auto const id = Uuid::parse(lookup)) {
        found = find_identity(session, ns, *id);
    } else {
        found = find_identity_by_did(session, ns, did_of(IdentityType::org, lookup));
    }
    if (!found) return refuse(errors::identity_not_resolved, {{"identity", lookup}});
    return std::move(*found);
}

std::vector<Verifier> verifiers_of(store::Session& session, NamespaceId ns, const Uuid& identity) {
    std::vector<Verifier> out;
    for (auto& row :
         session.query("SELECT " + verifier_columns + " FROM verifiers WHERE ns = ?1 AND identity = ?2 ORDER BY seq",
                       ns, identity))
        out.push_back(verifier_row(row));
    return out;
}

std::vector<Identity> nodes(store::Session& session, NamespaceId ns) {
    std::vector<Identity> out;
    for (auto& row : session.query(
             "SELECT " + identity_columns + " FROM identities WHERE ns = ?1 AND type = 'node' ORDER BY seq", ns))
        out.push_back(identity_row(row));
    return out;
}

namespace {

void write_messages(json::Writer& writer, const Identity& identity) {
    auto const one = [&](std::string_view name, const std::optional<Uuid>& id) {
        writer.key(name);
        id ? writer.string(id->text()) : writer.null();
    };
    writer.key("messages").begin_object();
    one("claim", identity.claim);
    one("verification", identity.verification);
    one("update", identity.update);
    writer.end_object();
}

// The members that a claim and a shown identity have in common (18.9).
void write_base(json::Writer& writer, const Identity& identity, std::string_view namespace_name) {
    writer.field("id", identity.id.text()).field("did", identity.did).field("type", word(identity.type));
    if (identity.parent) writer.field("parent", identity.parent->text());
    writer.field("namespace", namespace_name)
        .field_if("name", identity.name)
        .field_if("description", identity.description);
    if (!identity.profile.empty()) writer.key("profile").raw(identity.profile);
    write_messages(writer, identity);
}

}  // namespace

std::string identity_json(const Identity& identity,
                          std::string_view namespace_name,
                          const std::vector<Verifier>* verifiers) {
    json::Writer writer;
    writer.begin_object();
    write_base(writer, identity, namespace_name);
    if (!identity.created.is_zero()) writer.field("created", identity.created.text());
    if (!identity.updated.is_zero()) writer.field("updated", identity.updated.text());
    if (verifiers) {
        writer.key("verifiers").begin_array();
        for (auto const& verifier : *verifiers)
            writer.begin_object().field("type", verifier.type).field("value", verifier.value).end_object();
        writer.end_array();
    }
    writer.end_object();
    return writer.take();
}

std::string verifier_json(const Verifier& verifier, std::string_view namespace_name) {
    json::Writer writer;
    writer.begin_object()
        .field("hash", verifier.hash.text())
        .field("identity", verifier.identity.text())
        .field("namespace", namespace_name);
    writer.field("type", verifier.type)
        .field("value", verifier.value)
        .field("created", verifier.created.text())
        .end_object();
    return writer.take();
}

std::string did_document_json(const Identity& identity, const std::vector<Verifier>& verifiers) {
    json::Writer writer;
    writer.begin_object().key("@context").begin_array().string("https://www.w3.org/ns/did/v1");
    writer.string("https://w3id.org/security/suites/ed25519-2020/v1").end_array().field("id", identity.did);
    writer.key("authentication").begin_array();
    for (auto const& verifier : verifiers) writer.string("#" + verifier.hash.text());
    writer.end_array().key("verificationMethod").begin_array();
    for (auto const& verifier : verifiers) {
        auto const peer = verifier.type == "dx_peer_id";
        writer.begin_object().field("id", verifier.hash.text());
        writer.field("type", peer ? "FireFlyDataExchangePeerIdentity" : "EcdsaSecp256k1VerificationKey2019")
            .field("controller", identity.did);
        if (peer) {
            writer.field("dataExchangePeerID", verifier.value);
        } else {
            // The original misspells the member and clients read it so; the right spelling stands beside.
            writer.field("blockchainAcountId", verifier.value).field("blockchainAccountId", verifier.value);
        }
        writer.end_object();
    }
    writer.end_array().end_object();
    return writer.take();
}

}  // namespace lockstep::registry
