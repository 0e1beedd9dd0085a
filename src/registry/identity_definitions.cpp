// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The texts of definitions of identities, as they travel.
#include "core/json.hpp"
#include "core/names.hpp"
#include "registry/errors.hpp"
#include "registry/registry.hpp"

namespace lockstep::registry {

namespace {

constexpr std::size_t description_max = 4096;

Error malformed_identity(std::string_view what) {
    return refuse(errors::definition_not_valid, {{"id", "of an identity"}, {"reason", what}});
}

// id, DID, type, parent and name.
Result<Identity> read_base(json::Value value) {
    auto const text = [&](std::string_view name) { return value[name].as_string().value_or(""); };
    if (value.kind() != json::Kind::object) return malformed_identity("identity");
    Identity identity;
    auto const id = Uuid::parse(text("id"));
    if (!id || id->is_nil()) return malformed_identity("identity.id");
    identity.id = *id;
    auto const type = parse_identity_type(text("type"));
    if (!type) return malformed_identity("identity.type");
    identity.type = *type;
    if (!value["parent"].is_null()) {
        identity.parent = Uuid::parse(text("parent"));
        if (!identity.parent) return malformed_identity("identity.parent");
    }
    identity.name = text("name");
    TRY_VOID(check_name(identity.name, "identity.name"));
    identity.did = text("did");
    if (identity.did != did_of(identity.type, identity.name)) return malformed_identity("identity.did");
    return identity;
}

Result<std::string> read_description(json::Value value) {
    auto out = value.as_string().value_or("");
    if (out.size() > description_max) return malformed_identity("description");
    return out;
}

std::string read_profile(json::Value value) {
    return value.kind() == json::Kind::object ? std::string(value.text()) : std::string();
}

void write_named(json::Writer& writer, const Identity& identity, std::string_view namespace_name) {
    writer.key("identity").begin_object().field("id", identity.id.text()).field("did", identity.did);
    writer.field("type", word(identity.type));
    if (identity.parent) writer.field("parent", identity.parent->text());
    writer.field("namespace", namespace_name).field_if("name", identity.name).end_object();
}

}  // namespace

std::string claim_json(const Identity& identity) {
    auto bare = identity;
    bare.claim = bare.verification = bare.update = std::nullopt;
    bare.created = bare.updated = Time{};
    return R"({"identity":)" + identity_json(bare, "") + "}";
}

Result<Identity> parse_claim(std::string_view data_value) {
    auto const value = json::Value{data_value}["identity"];
    TRY(auto identity, read_base(value));
    TRY(identity.description, read_description(value["description"]));
    identity.profile = read_profile(value["profile"]);
    return identity;
}

std::string verification_json(const Verification& verification) {
    json::Writer writer;
    writer.begin_object().key("claim").begin_object();
    writer.field("id", verification.claim.text()).field("hash", verification.hash.text()).end_object();
    write_named(writer, verification.identity, "");
    writer.end_object();
    return writer.take();
}

Result<Verification> parse_verification(std::string_view data_value) {
    json::Value const value{data_value};
    Verification out;
    auto const id = Uuid::parse(value["claim"]["id"].as_string().value_or(""));
    auto const hash = Hash::parse(value["claim"]["hash"].as_string().value_or(""));
    if (!id || !hash) return malformed_identity("claim");
    out.claim = *id;
    out.hash = *hash;
    TRY(out.identity, read_base(value["identity"]));
    if (!out.identity.parent) return malformed_identity("identity.parent");
    return out;
}

std::string update_json(const IdentityUpdate& update, std::string_view namespace_name) {
    json::Writer writer;
    writer.begin_object();
    write_named(writer, update.identity, namespace_name);
    writer.key("updates").begin_object().field_if("description", update.description);
    if (!update.profile.empty()) writer.key("profile").raw(update.profile);
    writer.end_object().end_object();
    return writer.take();
}

Result<IdentityUpdate> parse_update(std::string_view data_value) {
    json::Value const value{data_value};
    IdentityUpdate out;
    TRY(out.identity, read_base(value["identity"]));
    auto const updates = value["updates"];
    if (updates.kind() != json::Kind::object) return malformed_identity("updates");
    TRY(out.description, read_description(updates["description"]));
    out.profile = read_profile(updates["profile"]);
    return out;
}

}  // namespace lockstep::registry
