// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Who may claim what (firefly-core.md 9.2, 9.3). The numbers of invariants are those of the README.
#include "registry/errors.hpp"
#include "registry/test_world.hpp"

namespace lockstep::registry {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

// ---- what is accepted ----

TEST(Claims, OfAnOrganisationRegisterItAndTheKeyThatSigned) {
    RegistryWorld world;
    auto claim = an_org(world.ids(), "acme", 'a');
    claim.identity.description = "makes everything";
    claim.identity.profile = R"({"b":1,"a":[2]})";

    auto const outcome = world.apply(claim);

    ASSERT_EQ(outcome.kind, ClaimOutcome::Kind::confirmed) << outcome.reason;
    ASSERT_TRUE(outcome.fresh);
    EXPECT_EQ(outcome.fresh->id, claim.identity.id);
    auto const found = world.find("did:firefly:org/acme");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->seq, outcome.fresh->seq);
    EXPECT_EQ(found->id, claim.identity.id);
    EXPECT_EQ(found->type, IdentityType::org);
    EXPECT_EQ(found->name, "acme");
    EXPECT_EQ(found->description, "makes everything");
    EXPECT_EQ(found->profile, R"({"b":1,"a":[2]})");
    EXPECT_EQ(found->parent, std::nullopt);
    EXPECT_EQ(found->claim, claim.header.id);
    EXPECT_EQ(found->verification, std::nullopt);
    EXPECT_EQ(found->created, world.clock().now());
    EXPECT_EQ(world.find_by_key("ethereum_address", key_of('a'))->id, claim.identity.id);
}

TEST(Claims, OfANodeRegisterItAndThePeerThatItsProfileNames) {
    RegistryWorld world;
    auto const org = an_org(world.ids(), "acme", 'a');
    auto const node = a_node(world.ids(), "node1", org);
    ASSERT_EQ(world.outcome(org), "registered");

    EXPECT_EQ(world.outcome(node), "registered");

    auto const found = world.find("did:firefly:node/node1");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->parent, org.identity.id);
    EXPECT_EQ(world.find_by_key("dx_peer_id", "peer of node1")->id, node.identity.id);
    EXPECT_EQ(world.find_by_key("ethereum_address", key_of('a'))->id, org.identity.id) << "the key stays its parent's";
    EXPECT_THAT(world.verifiers(node.identity.id), SizeIs(1));
}

TEST(Claims, OfAnOrganisationAndANodeMayHaveOneName) {
    RegistryWorld world;
    auto const org = an_org(world.ids(), "acme", 'a');
    EXPECT_EQ(world.outcome(org), "registered");
    EXPECT_EQ(world.outcome(a_node(world.ids(), "acme", org)), "registered");
}

// ---- the first wins (invariant 2) ----

TEST(Claims, OfATakenNameAreRejected) {
    RegistryWorld world;
    auto const first = an_org(world.ids(), "acme", 'a');
    auto const second = an_org(world.ids(), "acme", 'b');
    ASSERT_EQ(world.outcome(first), "registered");

    EXPECT_EQ(world.outcome(second), "FF10407");

    EXPECT_EQ(world.find("did:firefly:org/acme")->id, first.identity.id);
    EXPECT_EQ(world.find_by_key("ethereum_address", key_of('b')), std::nullopt) << "nothing is left of it";
    EXPECT_EQ(world.count("identities"), 1);
}

TEST(Claims, OfATakenNodeNameAreRejectedAlsoUnderAnotherParent) {
    RegistryWorld world;
    auto const acme = an_org(world.ids(), "acme", 'a');
    auto const other = an_org(world.ids(), "other", 'b');
    ASSERT_EQ(world.outcome(acme), "registered");
    ASSERT_EQ(world.outcome(other), "registered");
    ASSERT_EQ(world.outcome(a_node(world.ids(), "node1", acme)), "registered");

    EXPECT_EQ(world.outcome(a_node(world.ids(), "node1", other)), "FF10407");
    EXPECT_EQ(world.find("did:firefly:node/node1")->parent, acme.identity.id);
}

TEST(Claims, OfATakenIdAreRejected) {
    RegistryWorld world;
    auto const first = an_org(world.ids(), "acme", 'a');
    auto second = an_org(world.ids(), "other", 'b');
    second.identity.id = first.identity.id;
    ASSERT_EQ(world.outcome(first), "registered");

    EXPECT_EQ(world.outcome(second), "FF10407");
    EXPECT_EQ(world.find("did:firefly:org/other"), std::nullopt);
}

TEST(Claims, WithATakenKeyAreRejected) {
    RegistryWorld world;
    auto const org = an_org(world.ids(), "acme", 'a');
    auto const node = a_node(world.ids(), "node1", org);
    auto impostor = a_node(world.ids(), "node2", org);
    impostor.identity.profile = node.identity.profile;
    ASSERT_EQ(world.outcome(org), "registered");
    ASSERT_EQ(world.outcome(node), "registered");

    EXPECT_EQ(world.outcome(an_org(world.ids(), "other", 'a')), "FF10407");
    EXPECT_EQ(world.outcome(impostor), "FF10407");

    EXPECT_EQ(world.count("identities"), 2);
    EXPECT_EQ(world.find_by_key("dx_peer_id", "peer of node1")->name, "node1");
}

TEST(Claims, ThatAreRepeatedAreConfirmedAndChangeNothing) {
    RegistryWorld world;
    auto const org = an_org(world.ids(), "acme", 'a');
    auto const node = a_node(world.ids(), "node1", org);
    ASSERT_EQ(world.outcome(org), "registered");
    ASSERT_EQ(world.outcome(node), "registered");
    auto const before = *world.find("did:firefly:org/acme");
    world.pass(1h);

    auto again = org;
    again.header.id = world.ids().next();
    again.identity.description = "told differently";
    EXPECT_EQ(world.outcome(again), "confirmed");
    EXPECT_EQ(world.outcome(node), "confirmed");

    auto const after = *world.find("did:firefly:org/acme");
    EXPECT_EQ(after.claim, before.claim);
    EXPECT_EQ(after.description, before.description);
    EXPECT_EQ(after.updated, before.updated);
    EXPECT_EQ(world.count("identities"), 2);
    EXPECT_EQ(world.count("verifiers"), 2);
}

// ---- who claims (invariant 3) ----

TEST(Claims, OfAnOrganisationAreItsOwn) {
    RegistryWorld world;
    auto const acme = an_org(world.ids(), "acme", 'a');
    ASSERT_EQ(world.outcome(acme), "registered");
    auto other = an_org(world.ids(), "other", 'b');
    other.header.author = acme.identity.did;
    other.header.key = acme.header.key;

    EXPECT_EQ(world.outcome(other), "FF10402");
    EXPECT_EQ(world.count("identities"), 1);
}

TEST(Claims, OfANodeAreItsParents) {
    RegistryWorld world;
    auto const acme = an_org(world.ids(), "acme", 'a');
    auto const other = an_org(world.ids(), "other", 'b');
    ASSERT_EQ(world.outcome(acme), "registered");
    ASSERT_EQ(world.outcome(other), "registered");
    auto const node = a_node(world.ids(), "node1", acme);

    auto by_another = node;
    by_another.header.author = other.identity.did;
    by_another.header.key = other.header.key;
    EXPECT_EQ(world.outcome(by_another), "FF10402");
    auto by_itself = node;
    by_itself.header.author = node.identity.did;
    EXPECT_EQ(world.outcome(by_itself), "FF10402");

    EXPECT_EQ(world.outcome(node), "registered") << "a claim by the wrong one takes nothing away";
}

TEST(Claims, OfANodeWaitForTheirParent) {
    RegistryWorld world;
    auto const org = an_org(world.ids(), "acme", 'a');
    auto const node = a_node(world.ids(), "node1", org);

    auto const waits = world.apply(node);

    EXPECT_EQ(waits.kind, ClaimOutcome::Kind::waits);
    EXPECT_EQ(waits.missing, org.identity.id.text());
    EXPECT_FALSE(waits.fresh);
    EXPECT_EQ(world.count("identities"), 0);
    EXPECT_EQ(world.outcome(org), "registered");
    EXPECT_EQ(world.outcome(node), "registered");
}

TEST(Claims, OfANodeWaitForTheOrganisationOfTheKeyThatSigned) {
    RegistryWorld world;
    auto const org = an_org(world.ids(), "acme", 'a');
    ASSERT_EQ(world.outcome(org), "registered");
    auto node = a_node(world.ids(), "node1", org);
    node.header.key = key_of('b');

    auto const waits = world.apply(node);

    EXPECT_EQ(waits.kind, ClaimOutcome::Kind::waits);
    EXPECT_EQ(waits.missing, key_of('b'));
    EXPECT_EQ(world.count("identities"), 1);
}

TEST(Claims, OfANodeBelowANodeAreRejected) {
    RegistryWorld world;
    auto const org = an_org(world.ids(), "acme", 'a');
    auto const node = a_node(world.ids(), "node1", org);
    ASSERT_EQ(world.outcome(org), "registered");
    ASSERT_EQ(world.outcome(node), "registered");
    auto below = a_node(world.ids(), "node2", org);
    below.identity.parent = node.identity.id;

    EXPECT_EQ(world.outcome(below), "FF10365");
}

TEST(Claims, ThatLackWhatTheyNeedAreRejected) {
    RegistryWorld world;
    auto const org = an_org(world.ids(), "acme", 'a');
    ASSERT_EQ(world.outcome(org), "registered");

    auto custom = an_org(world.ids(), "custom", 'b');
    custom.identity.type = IdentityType::custom;
    custom.identity.did = custom.header.author = did_of(IdentityType::custom, "custom");
    EXPECT_EQ(world.outcome(custom), "FF10403");
    auto elsewhere = an_org(world.ids(), "elsewhere", 'b');
    elsewhere.header.topics = {identity_topic(org.identity.did)};
    EXPECT_EQ(world.outcome(elsewhere), "FF10403") << "what is said about one identity has one topic";
    auto orphan = a_node(world.ids(), "node1", org);
    orphan.identity.parent = std::nullopt;
    EXPECT_EQ(world.outcome(orphan), "FF10403");
    for (auto const* profile : {"", "{}", R"({"id":""})", R"({"id":7})"}) {
        auto nobody = a_node(world.ids(), "node1", org);
        nobody.identity.profile = profile;
        EXPECT_EQ(world.outcome(nobody), "FF10403") << profile;
    }
    EXPECT_EQ(world.count("identities"), 1);
}

// ---- nothing else counts (invariant 1) ----

TEST(Claims, AreDecidedByTheirOrderAlone) {
    auto const chance = make_seeded_chance(7);
    SimClock clock(Time{1'767'225'600'000'000'000});
    IdMaker ids(clock, *chance);
    auto const a = an_org(ids, "acme", 'a'), b = an_org(ids, "acme", 'b'), c = an_org(ids, "other", 'a');
    auto const node = a_node(ids, "node1", a);
    auto const decide = [](const std::vector<Claim>& claims, bool slowly) {
        RegistryWorld world(slowly ? 2 : 1);
        std::vector<std::string> out;
        for (auto const& claim : claims) {
            if (slowly) world.restart(), world.pass(1h);
            out.push_back(world.outcome(claim));
        }
        return out;
    };

    for (auto const& claims : {std::vector{node, a, b, c, node, a}, std::vector{b, a, c, node, b}}) {
        auto const outcomes = decide(claims, false);
        EXPECT_EQ(decide(claims, true), outcomes) << "at another time, in another life";
    }
    EXPECT_THAT(decide({node, a, b, c, node, a}, false),
                ElementsAre("waits", "registered", "FF10407", "FF10407", "registered", "confirmed"));
    EXPECT_THAT(decide({b, a, c, node, b}, false),
                ElementsAre("registered", "FF10407", "registered", "waits", "confirmed"));
}

TEST(Claims, OfOneNamespaceAreNothingInAnother) {
    RegistryWorld world;
    auto const org = an_org(world.ids(), "acme", 'a');
    ASSERT_EQ(world.outcome(org), "registered");

    EXPECT_EQ(world.find("did:firefly:org/acme", NamespaceId{2}), std::nullopt);
    EXPECT_EQ(world.outcome(an_org(world.ids(), "acme", 'a'), NamespaceId{2}), "registered");
}

TEST(Claims, ThatAreRolledBackLeaveNothing) {
    RegistryWorld world;
    auto const org = an_org(world.ids(), "acme", 'a');
    auto apply_and_fail = [&](store::Transaction& tx) {
        auto const message = RegistryWorld::message_of(org.header, org.value());
        apply_claim(tx, test_ns, "default", message, org.value(), world.clock().now());
        throw std::runtime_error("no");
    };
    EXPECT_THROW(world.write(apply_and_fail), std::runtime_error);

    EXPECT_EQ(world.outcome(org), "registered");
}

// ---- their text ----

TEST(ClaimText, IsTheIdentityWithoutWhatOnlyItsMembersKnow) {
    auto const chance = make_seeded_chance(7);
    SimClock clock(Time{1'767'225'600'000'000'000});
    IdMaker ids(clock, *chance);
    auto identity = an_org(ids, "acme", 'a').identity;
    identity.id = *Uuid::parse("019b77a0-0000-7abc-8000-000000000001");
    identity.parent = Uuid::parse("019b77a0-0000-7abc-8000-000000000002");
    identity.profile = R"({"x":1})";
    identity.claim = ids.next();
    identity.created = identity.updated = clock.now();

    EXPECT_EQ(claim_json(identity),
              R"({"identity":{"id":"019b77a0-0000-7abc-8000-000000000001","did":"did:firefly:org/acme","type":"org",)"
              R"("parent":"019b77a0-0000-7abc-8000-000000000002","namespace":"","name":"acme","profile":{"x":1},)"
              R"("messages":{"claim":null,"verification":null,"update":null}}})");
    auto const parsed = parse_claim(claim_json(identity));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->id, identity.id);
    EXPECT_EQ(parsed->did, identity.did);
    EXPECT_EQ(parsed->parent, identity.parent);
    EXPECT_EQ(parsed->profile, identity.profile);
    EXPECT_EQ(parsed->claim, std::nullopt);
}

struct Malformed {
    const char *was, *is;  // in a claim that is good
    const char* code;
};

TEST(ClaimText, ThatIsMalformedIsRefused) {
    std::string const good =
        R"({"identity":{"id":"019b77a0-0000-7abc-8000-000000000001","did":"did:firefly:node/n","type":"node",)"
        R"("parent":"019b77a0-0000-7abc-8000-000000000002","name":"n","description":"d","profile":{"id":"p"}}})";
    ASSERT_TRUE(parse_claim(good));
    for (auto const& [was, is, code] : {
             Malformed{R"({"identity":)", R"({"other":)", "FF10403"},
             Malformed{R"("id":"019b77a0-0000-7abc-8000-000000000001")", R"("id":"no")", "FF10403"},
             Malformed{R"("id":"019b77a0-0000-7abc-8000-000000000001",)", "", "FF10403"},
             Malformed{"019b77a0-0000-7abc-8000-000000000001", "00000000-0000-0000-0000-000000000000", "FF10403"},
             Malformed{R"("type":"node")", R"("type":"Node")", "FF10403"},
             Malformed{R"("type":"node",)", "", "FF10403"},
             Malformed{R"("type":"node")", R"("type":7)", "FF10403"},
             Malformed{R"("parent":"019b77a0-0000-7abc-8000-000000000002")", R"("parent":"no")", "FF10403"},
             Malformed{R"("parent":"019b77a0-0000-7abc-8000-000000000002")", R"("parent":7)", "FF10403"},
             Malformed{R"("name":"n")", R"("name":"m")", "FF10403"},
             Malformed{R"("name":"n")", R"("name":"")", "FF00140"},
             Malformed{R"("name":"n")", R"("name":"-n")", "FF00140"},
             Malformed{R"("name":"n",)", "", "FF00140"},
             Malformed{"did:firefly:node/n", "did:firefly:org/n", "FF10403"},
             Malformed{"did:firefly:node/n", "did:other:node/n", "FF10403"},
         }) {
        auto text = good;
        ASSERT_NE(text.find(was), std::string::npos) << was;
        text.replace(text.find(was), std::string_view(was).size(), is);
        auto const parsed = parse_claim(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().code(), code) << text;
    }
    for (auto const* text : {"null", "7", "[]", R"("identity")", "{}", R"({"identity":null})", R"({"identity":[]})"})
        EXPECT_FALSE(parse_claim(text)) << text;
}

TEST(ClaimText, MayHaveADescriptionOf4096Bytes) {
    auto const chance = make_seeded_chance(7);
    SimClock clock({});
    IdMaker ids(clock, *chance);
    auto claim = an_org(ids, "acme", 'a');
    claim.identity.description = std::string(4096, 'd');
    EXPECT_TRUE(parse_claim(claim.value()));

    claim.identity.description += 'd';

    EXPECT_TRUE(parse_claim(claim.value()).error().is(errors::definition_not_valid));
}

}  // namespace
}  // namespace lockstep::registry
