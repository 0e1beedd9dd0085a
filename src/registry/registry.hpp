// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What the network agreed on: identities and their verifiers, as rows and as JSON (firefly-core.md 9,
// 18.9); datatypes and groups have headers of their own. They change only when the sequencer applies a definition
// message, in timeline order; reading needs no more than a session.
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

// ---- definitions of identities (9.1, 9.3) ----

// By their types: below an organisation anything may be, below a custom identity custom ones.
bool may_be_parent(const Identity& parent, const Identity& child);

inline constexpr std::string_view claim_tag = "ff_identity_claim", verification_tag = "ff_identity_verification",
                                  update_tag = "ff_identity_update";

// The data value of an identity claim: {"identity": {…}} with namespace "" and the messages null.
std::string claim_json(const Identity& identity);
Result<Identity> parse_claim(std::string_view data_value);

// By the parent of a child: which claim it stands for.
struct Verification {
    Uuid claim;  // the message, and its hash
    Hash hash;
    Identity identity;  // id, DID, type, parent and name alone
};
std::string verification_json(const Verification& verification);
Result<Verification> parse_verification(std::string_view data_value);

struct IdentityUpdate {
    Identity identity;  // as above
    std::string description;
    std::string profile;  // JSON object; empty when there is none
};
std::string update_json(const IdentityUpdate& update, std::string_view namespace_name);
Result<IdentityUpdate> parse_update(std::string_view data_value);

// What the sequencer makes of them. Waits name the identity or key that is missing. Each is on the topic of the DID
// that it is about, so that all that is said about one identity has one order.
struct ClaimOutcome {
    enum class Kind { confirmed, rejected, waits } kind = Kind::confirmed;
    std::string reason;  // of a rejection: "FFnnnnn: …"
    std::string missing;
    std::optional<Identity> fresh;    // the identity that came to be
    std::string key;                  // its account, if it has one
    std::optional<Identity> changed;  // by an update
};
// A root organisation or a node is registered by its claim; a child when its claim is here and its parent's
// verification, whichever comes second.
ClaimOutcome apply_claim(store::Transaction& tx,
                         NamespaceId ns,
                         std::string_view namespace_name,
                         const Message& message,
                         std::string_view data_value,
                         Time now);
ClaimOutcome apply_verification(store::Transaction& tx,
                                NamespaceId ns,
                                std::string_view namespace_name,
                                const Message& message,
                                std::string_view data_value,
                                Time now);
ClaimOutcome apply_update(
    store::Transaction& tx, NamespaceId ns, const Message& message, std::string_view data_value, Time now);

store::Migrations schema();

}  // namespace lockstep::registry
