// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What the network agreed on: identities and their verifiers, as rows and as JSON (firefly-core.md 9,
// 18.9). They change only when the sequencer applies a definition message, in timeline order; reading
// needs no more than a session.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/message.hpp"
#include "core/positions.hpp"
#include "store/database.hpp"

namespace lockstep::registry {

enum class IdentityType { org, node, custom };
std::string_view word(IdentityType type);
std::optional<IdentityType> parse_identity_type(std::string_view text);

struct Identity {
    std::int64_t seq = 0;
    Uuid id;
    std::string did;
    IdentityType type = IdentityType::org;
    std::optional<Uuid> parent;
    std::string name, description;
    std::string profile;                              // JSON object; empty when there is none
    std::optional<Uuid> claim, verification, update;  // messages
    Time created, updated;
};

struct Verifier {
    std::int64_t seq = 0;
    Hash hash;
    Uuid identity;
    std::string type, value;
    Time created;
};

// did:firefly:org/<name>, did:firefly:node/<name>, did:firefly:<name>.
std::string did_of(IdentityType type, std::string_view name);

std::optional<Identity> find_identity(store::Session& session, NamespaceId ns, const Uuid& id);
std::optional<Identity> find_identity_by_did(store::Session& session, NamespaceId ns, std::string_view did);
std::optional<Identity> find_identity_by_verifier(store::Session& session,
                                                  NamespaceId ns,
                                                  std::string_view type,
                                                  std::string_view value);
// A DID, a UUID or the name of an organisation: FF10349 for another DID method, FF10277 when unknown.
Result<Identity> resolve(store::Session& session, NamespaceId ns, std::string_view lookup);
std::vector<Verifier> verifiers_of(store::Session& session, NamespaceId ns, const Uuid& identity);
// Every node, in the order of registration.
std::vector<Identity> nodes(store::Session& session, NamespaceId ns);

extern const std::string identity_columns;
extern const std::string verifier_columns;
Identity identity_row(const store::Statement& row);
Verifier verifier_row(const store::Statement& row);

// `verifiers`, when given, are added as the member of that name (IdentityWithVerifiers).
std::string identity_json(const Identity& identity,
                          std::string_view namespace_name,
                          const std::vector<Verifier>* verifiers = nullptr);
std::string verifier_json(const Verifier& verifier, std::string_view namespace_name);
std::string did_document_json(const Identity& identity, const std::vector<Verifier>& verifiers);  // 9.5

// ---- claims ----

// The data value of an identity claim: {"identity": {…}} with namespace "" and the messages null.
std::string claim_json(const Identity& identity);
Result<Identity> parse_claim(std::string_view data_value);

// What the sequencer makes of a claim (9.3). Waits name the identity or key that is missing.
struct ClaimOutcome {
    enum class Kind { confirmed, rejected, waits } kind = Kind::confirmed;
    std::string reason;  // of a rejection: "FFnnnnn: …"
    std::string missing;
    std::optional<Identity> fresh;  // the identity that came to be
};
ClaimOutcome apply_claim(store::Transaction& tx,
                         NamespaceId ns,
                         std::string_view namespace_name,
                         const MessageHeader& header,
                         std::string_view data_value,
                         Time now);

store::Migrations schema();

}  // namespace lockstep::registry
