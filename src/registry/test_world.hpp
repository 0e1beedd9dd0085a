// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// For tests: a registry on a simulated disk, and claims as members make them.
#pragma once

#include <string>

#include "core/json.hpp"
#include "core/sha256.hpp"
#include "log/test_world.hpp"
#include "registry/registry.hpp"

namespace lockstep::registry {

inline constexpr NamespaceId test_ns{1};

inline std::string key_of(char digit) { return "0x" + std::string(40, digit); }

// An identity and the message that claims it. What a test changes is claimed as it is.
struct Claim {
    Identity identity;
    MessageHeader header;

    std::string value() const { return claim_json(identity); }
};

inline Claim an_org(IdMaker& ids, const std::string& name, char key_digit) {
    Claim claim;
    claim.identity.id = ids.next();
    claim.identity.type = IdentityType::org;
    claim.identity.name = name;
    claim.identity.did = did_of(IdentityType::org, name);
    claim.header.id = ids.next();
    claim.header.author = claim.identity.did;
    claim.header.key = key_of(key_digit);
    return claim;
}

inline Claim a_node(IdMaker& ids, const std::string& name, const Claim& org) {
    Claim claim;
    claim.identity.id = ids.next();
    claim.identity.type = IdentityType::node;
    claim.identity.name = name;
    claim.identity.did = did_of(IdentityType::node, name);
    claim.identity.parent = org.identity.id;
    claim.identity.profile = R"({"id":"peer of )" + name + R"("})";
    claim.header.id = ids.next();
    claim.header.author = org.identity.did;
    claim.header.key = org.header.key;
    return claim;
}

class RegistryWorld final : public flow::SimProcess {
  public:
    explicit RegistryWorld(std::uint64_t seed = 1) : SimProcess({schema()}, seed) { open(); }
    ~RegistryWorld() override { close(); }

    ClaimOutcome apply(const MessageHeader& header,
                       const std::string& value,
                       NamespaceId ns = test_ns,
                       const std::string& namespace_name = "default") {
        auto const message = message_of(header, value);
        return write(
            [&](store::Transaction& tx) { return apply_claim(tx, ns, namespace_name, message, value, clock().now()); });
    }
    // On the topic of the identity that it is about, unless the test says otherwise.
    static Message message_of(const MessageHeader& header, const std::string& value) {
        Message message;
        message.header = header;
        if (header.topics.empty())
            message.header.topics = {identity_topic(json::Value{value}["identity"]["did"].as_string().value_or(""))};
        message.hash = sha256(header.id.text() + value);
        return message;
    }
    ClaimOutcome apply(const Claim& claim, NamespaceId ns = test_ns) { return apply(claim.header, claim.value(), ns); }
    // Its code, when the claim is rejected; else what became of it.
    std::string outcome(const Claim& claim, NamespaceId ns = test_ns) {
        auto const outcome = apply(claim, ns);
        if (outcome.kind == ClaimOutcome::Kind::rejected) return outcome.reason.substr(0, outcome.reason.find(':'));
        if (outcome.kind == ClaimOutcome::Kind::waits) return "waits";
        return outcome.fresh ? "registered" : "confirmed";
    }
    std::optional<Identity> find(const std::string& did, NamespaceId ns = test_ns) {
        return read([&](store::Snapshot& snapshot) { return find_identity_by_did(snapshot, ns, did); });
    }
    std::optional<Identity> find_by_key(const std::string& type, const std::string& value, NamespaceId ns = test_ns) {
        return read([&](store::Snapshot& snapshot) { return find_identity_by_verifier(snapshot, ns, type, value); });
    }
    std::vector<Verifier> verifiers(const Uuid& identity) {
        return read([&](store::Snapshot& snapshot) { return verifiers_of(snapshot, test_ns, identity); });
    }
};

}  // namespace lockstep::registry
