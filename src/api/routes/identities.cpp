// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/identities.hpp"
#include "api/errors.hpp"
#include "api/list.hpp"
#include "core/json.hpp"
#include "delivery/errors.hpp"
#include "identity/ledger_key.hpp"
#include "messaging/errors.hpp"
#include "registry/errors.hpp"
#include "registry/registry.hpp"

namespace lockstep::api {

namespace {

using errors::not_found;

void print_verifier(std::string& out, store::Session&, const Facts& facts, const store::Statement& row) {
    out = registry::verifier_json(registry::verifier_row(row), facts.namespace_name);
}

Task<Result<Answer>> list_identities(const Call& call) { return list_identities(call, {}); }

Task<Result<Answer>> get_by_did(const Call& call) {
    auto const& did = call.parameter("did");
    if (!did.starts_with("did:firefly:")) co_return refuse(errors::unknown_did_method, {{"did", did}});
    auto find = [did](store::Session& session, NamespaceId ns) {
        return registry::find_identity_by_did(session, ns, did);
    };
    co_return co_await get_identity(call, std::move(find));
}

Task<Result<Answer>> get_by_id(const Call& call) {
    CO_TRY(auto const id, call.uuid("iid"));
    auto find = [id](store::Session& session, NamespaceId ns) { return registry::find_identity(session, ns, id); };
    co_return co_await get_identity(call, std::move(find));
}

Task<Result<Answer>> did_document_of_id(const Call& call) {
    CO_TRY(auto const id, call.uuid("iid"));
    auto look = [facts = call.facts, id](store::Snapshot& snapshot) -> std::optional<std::string> {
        auto const identity = registry::find_identity(snapshot, facts->ns, id);
        if (!identity) return std::nullopt;
        return registry::did_document_json(*identity, registry::verifiers_of(snapshot, facts->ns, id));
    };
    co_return co_await read_one(call, std::move(look), not_found);
}

Task<Result<Answer>> verifiers_of(const Call& call) {
    CO_TRY(auto const id, call.uuid("iid"));
    Restriction restriction{" AND identity = ?2", {id}};
    co_return co_await list(call, verifiers_table(), print_verifier, std::move(restriction));
}

Task<Result<Answer>> list_verifiers(const Call& call) { return list(call, verifiers_table(), print_verifier); }

Task<Result<Answer>> get_verifier(const Call& call) {
    auto const& text = call.parameter("hash");
    auto const hash = Hash::parse(text);
    if (!hash) co_return refuse(errors::wrong_hash_length, {{"length", std::to_string(text.size())}});
    auto look = [facts = call.facts, hash = *hash](store::Snapshot& snapshot) -> std::optional<std::string> {
        static const std::string sql =
            "SELECT " + registry::verifier_columns + " FROM verifiers WHERE ns = ?1 AND hash = ?2";
        auto rows = snapshot.query(sql, facts->ns, hash);
        auto const* row = rows.first();
        if (!row) return std::nullopt;
        return registry::verifier_json(registry::verifier_row(*row), facts->namespace_name);
    };
    co_return co_await read_one(call, std::move(look), not_found);
}

Task<Result<Answer>> resolve_verifier(const Call& call) {
    json::Value const body{call.body};
    auto const type = body["type"].as_string().value_or("");
    auto const value = body["value"].as_string().value_or("");
    auto const& known = call.facts->ledger.verifier_type;
    if (!type.empty() && type != known) co_return refuse(errors::unknown_verifier_type, {{"type", type}});
    if (value.empty()) co_return refuse(errors::no_signing_key);
    CO_TRY(auto const address, identity::normalise_address(value));
    json::Writer writer;
    writer.begin_object().field("type", known).field("value", address).end_object();
    co_return Answer{200, writer.take()};
}

}  // namespace

Routes identity_routes() {
    return join({
        under("Identities",
              {
                  route("GET", "identities", "Looks for identities", list_identities)
                      .lists("Identity", identity_fields)
                      .with({fetchverifiers}),
                  route("GET", "identities/{did:did:.*}", "Gets an identity by its DID", get_by_did)
                      .gives("Identity")
                      .with({fetchverifiers}),
                  route("GET", "identities/{iid}", "Gets an identity by its id", get_by_id)
                      .gives("Identity")
                      .with({fetchverifiers}),
                  route("GET", "identities/{iid}/did", "Gets the DID document of an identity", did_document_of_id)
                      .gives("DidDocument"),
                  route("GET", "identities/{iid}/verifiers", "Looks for the verifiers of an identity", verifiers_of)
                      .lists("Verifier", verifier_fields),
                  route("GET", "verifiers", "Looks for verifiers: the keys and peers that identities have",
                        list_verifiers)
                      .lists("Verifier", verifier_fields),
                  route("GET", "verifiers/{hash}", "Gets a verifier", get_verifier).gives("Verifier"),
                  route("POST", "verifiers/resolve", "Brings a key into the form in which it is compared",
                        resolve_verifier)
                      .takes("VerifierRef")
                      .gives("VerifierRef"),
              }),
        under("Network",
              {
                  route("GET", "network/identities", "Looks for identities", list_identities)
                      .lists("Identity", identity_fields)
                      .with({fetchverifiers}),
                  route("GET", "network/identities/{did:.*}", "Gets an identity by its DID", get_by_did)
                      .gives("Identity")
                      .with({fetchverifiers}),
              }),
    });
}

}  // namespace lockstep::api
