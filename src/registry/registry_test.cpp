// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Identities and verifiers: how they are found and shown (firefly-core.md 9.2, 9.5, 18.9).
#include "registry/registry.hpp"

#include "registry/errors.hpp"
#include "registry/test_world.hpp"

namespace lockstep::registry {
namespace {

using testing::ElementsAre;

TEST(IdentityTypes, HaveTheWordsOfTheWireAndTheirDids) {
    EXPECT_EQ(word(IdentityType::org), "org");
    EXPECT_EQ(word(IdentityType::node), "node");
    EXPECT_EQ(word(IdentityType::custom), "custom");
    for (auto const type : {IdentityType::org, IdentityType::node, IdentityType::custom})
        EXPECT_EQ(parse_identity_type(word(type)), type);
    EXPECT_EQ(parse_identity_type(""), std::nullopt);
    EXPECT_EQ(parse_identity_type("Org"), std::nullopt);

    EXPECT_EQ(did_of(IdentityType::org, "a"), "did:firefly:org/a");
    EXPECT_EQ(did_of(IdentityType::node, "a"), "did:firefly:node/a");
    EXPECT_EQ(did_of(IdentityType::custom, "a"), "did:firefly:a");
}

// Two organisations with a node each.
class RegistryTest : public testing::Test {
  protected:
    RegistryTest()
        : acme_(an_org(world_.ids(), "acme", 'a')),
          other_(an_org(world_.ids(), "other", 'b')),
          node1_(a_node(world_.ids(), "node1", acme_)),
          node2_(a_node(world_.ids(), "node2", other_)) {
        for (auto const* claim : {&acme_, &other_, &node2_, &node1_}) EXPECT_EQ(world_.outcome(*claim), "registered");
    }
    Result<Identity> resolve(const std::string& lookup) {
        return world_.read([&](store::Snapshot& snapshot) { return registry::resolve(snapshot, test_ns, lookup); });
    }

    RegistryWorld world_;
    Claim acme_, other_, node1_, node2_;
};

using Registry = RegistryTest;

TEST_F(Registry, ResolvesDidsIdsAndNamesOfOrganisations) {
    EXPECT_EQ(resolve("did:firefly:org/acme")->id, acme_.identity.id);
    EXPECT_EQ(resolve("did:firefly:node/node1")->id, node1_.identity.id);
    EXPECT_EQ(resolve(node2_.identity.id.text())->id, node2_.identity.id);
    EXPECT_EQ(resolve("other")->id, other_.identity.id);
}

TEST_F(Registry, SaysWhyItResolvesNothing) {
    for (auto const* unknown : {"nobody", "node1", "ACME", "did:firefly:org/nobody", "did:firefly:acme", "",
                                "019b77a0-0000-7abc-8000-000000000001"}) {
        auto const found = resolve(unknown);
        ASSERT_FALSE(found) << unknown;
        EXPECT_TRUE(found.error().is(errors::identity_not_resolved)) << unknown;
    }
    EXPECT_TRUE(resolve("did:web:example.com").error().is(errors::unknown_did_method));
}

TEST_F(Registry, FindsAnIdentityByWhatVerifiesIt) {
    EXPECT_EQ(world_.find_by_key("ethereum_address", key_of('b'))->id, other_.identity.id);
    EXPECT_EQ(world_.find_by_key("dx_peer_id", "peer of node2")->id, node2_.identity.id);
    EXPECT_EQ(world_.find_by_key("dx_peer_id", key_of('b')), std::nullopt) << "of another type";
    EXPECT_EQ(world_.find_by_key("ethereum_address", key_of('c')), std::nullopt);
    EXPECT_EQ(world_.find_by_key("ethereum_address", key_of('b'), NamespaceId{2}), std::nullopt);
}

TEST_F(Registry, ListsNodesInTheOrderOfTheirRegistration) {
    world_.restart();
    std::vector<std::string> names;
    for (auto const& node : world_.read([](store::Snapshot& snapshot) { return nodes(snapshot, test_ns); }))
        names.push_back(node.name);
    EXPECT_THAT(names, ElementsAre("node2", "node1"));
}

TEST_F(Registry, NamesAVerifierByItsHash) {
    auto const verifiers = world_.verifiers(acme_.identity.id);

    ASSERT_EQ(verifiers.size(), 1U);
    EXPECT_EQ(verifiers[0].type, "ethereum_address");
    EXPECT_EQ(verifiers[0].value, key_of('a'));
    EXPECT_EQ(verifiers[0].hash, verifier_hash("default", "ethereum_address", key_of('a')));
    EXPECT_EQ(verifiers[0].identity, acme_.identity.id);
    EXPECT_EQ(verifiers[0].created, world_.clock().now());
}

// ---- JSON ----

Identity shown_identity() {
    Identity identity;
    identity.id = *Uuid::parse("019b77a0-0000-7abc-8000-000000000001");
    identity.did = "did:firefly:node/n";
    identity.type = IdentityType::node;
    identity.parent = Uuid::parse("019b77a0-0000-7abc-8000-000000000002");
    identity.name = "n";
    identity.claim = Uuid::parse("019b77a0-0000-7abc-8000-000000000003");
    identity.created = identity.updated = Time{1'767'225'600'000'000'000};
    return identity;
}

Verifier shown_verifier(std::string type, std::string value) {
    Verifier verifier;
    verifier.hash.bytes.fill(0xab);
    verifier.identity = shown_identity().id;
    verifier.type = std::move(type);
    verifier.value = std::move(value);
    verifier.created = Time{1'767'225'600'000'000'000};
    return verifier;
}

TEST(IdentityJson, HasWhatIsKnownAndItsMessages) {
    auto identity = shown_identity();
    std::string const base = R"({"id":"019b77a0-0000-7abc-8000-000000000001","did":"did:firefly:node/n","type":"node",)"
                             R"("parent":"019b77a0-0000-7abc-8000-000000000002","namespace":"default","name":"n",)";
    std::string const rest =
        R"("messages":{"claim":"019b77a0-0000-7abc-8000-000000000003","verification":null,"update":null},)"
        R"("created":"2026-01-01T00:00:00Z","updated":"2026-01-01T00:00:00Z")";
    EXPECT_EQ(identity_json(identity, "default"), base + rest + "}");

    identity.description = "<d>";
    identity.profile = R"({"id":"p"})";
    std::vector<Verifier> const verifiers{shown_verifier("dx_peer_id", "p")};
    EXPECT_EQ(identity_json(identity, "default", &verifiers),
              base + R"("description":"\u003cd\u003e","profile":{"id":"p"},)" + rest +
                  R"(,"verifiers":[{"type":"dx_peer_id","value":"p"}]})");
}

TEST(VerifierJson, HasTheMembersOfTheWire) {
    auto const verifier = shown_verifier("ethereum_address", "0xa0");
    EXPECT_EQ(verifier_json(verifier, "default"),
              R"({"hash":")" + verifier.hash.text() +
                  R"(","identity":"019b77a0-0000-7abc-8000-000000000001","namespace":"default",)"
                  R"("type":"ethereum_address","value":"0xa0","created":"2026-01-01T00:00:00Z"})");
}

TEST(DidDocument, ListsItsVerifiersInBothSpellings) {
    std::vector<Verifier> const verifiers{shown_verifier("ethereum_address", "0xa0"),
                                          shown_verifier("dx_peer_id", "p")};
    auto const hash = verifiers[0].hash.text();
    EXPECT_EQ(did_document_json(shown_identity(), verifiers),
              R"({"@context":["https://www.w3.org/ns/did/v1","https://w3id.org/security/suites/ed25519-2020/v1"],)"
              R"("id":"did:firefly:node/n","authentication":["#)" +
                  hash + R"(","#)" + hash + R"("],"verificationMethod":[{"id":")" + hash +
                  R"(","type":"EcdsaSecp256k1VerificationKey2019","controller":"did:firefly:node/n",)"
                  R"("blockchainAcountId":"0xa0","blockchainAccountId":"0xa0"},{"id":")" +
                  hash +
                  R"(","type":"FireFlyDataExchangePeerIdentity","controller":"did:firefly:node/n",)"
                  R"("dataExchangePeerID":"p"}]})");
}

}  // namespace
}  // namespace lockstep::registry
