// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Identities below others, and updates (firefly-core.md 9.3).
#include "registry/errors.hpp"
#include "registry/test_world.hpp"

namespace lockstep::registry {
namespace {

Claim a_child(IdMaker& ids, const std::string& name, char key_digit, const Claim& parent, IdentityType type) {
    auto claim = an_org(ids, name, key_digit);
    claim.identity.type = type;
    claim.identity.did = claim.header.author = did_of(type, name);
    claim.identity.parent = parent.identity.id;
    return claim;
}

struct Children {
    Children() { EXPECT_EQ(world.outcome(acme), "registered"); }

    std::string shown(const ClaimOutcome& outcome) {
        if (outcome.kind == ClaimOutcome::Kind::rejected) return outcome.reason.substr(0, outcome.reason.find(':'));
        if (outcome.kind == ClaimOutcome::Kind::waits) return "waits";
        return outcome.fresh ? "registered" : outcome.changed ? "changed" : "confirmed";
    }
    std::string verify(const Claim& claim, const Claim& by) {
        auto const hash = RegistryWorld::message_of(claim.header, claim.value()).hash;
        auto const text = verification_json({claim.header.id, hash, claim.identity});
        MessageHeader header;
        header.id = last = world.ids().next();
        header.author = by.identity.did;
        header.key = by.header.key;
        auto const message = RegistryWorld::message_of(header, text);
        return shown(world.write([&](store::Transaction& tx) {
            return apply_verification(tx, test_ns, "default", message, text, world.clock().now());
        }));
    }
    std::string update(const Claim& claim, const Claim& by, const std::string& profile) {
        auto const text = update_json({claim.identity, "new", profile}, "default");
        MessageHeader header;
        header.id = last = world.ids().next();
        header.author = by.identity.did;
        auto const message = RegistryWorld::message_of(header, text);
        return shown(world.write(
            [&](store::Transaction& tx) { return apply_update(tx, test_ns, message, text, world.clock().now()); }));
    }
    RegistryWorld world;
    Claim acme = an_org(world.ids(), "acme", 'a');
    Uuid last;
};

TEST(Children, are_registered_by_whichever_half_comes_second) {
    for (auto const type : {IdentityType::org, IdentityType::custom}) {
        for (auto const claim_first : {true, false}) {
            Children here;
            auto const child = a_child(here.world.ids(), "child", 'b', here.acme, type);

            EXPECT_EQ(claim_first ? here.world.outcome(child) : here.verify(child, here.acme), "confirmed");
            EXPECT_EQ(here.world.find(child.identity.did), std::nullopt);
            EXPECT_EQ(claim_first ? here.verify(child, here.acme) : here.world.outcome(child), "registered");

            auto const found = here.world.find(child.identity.did);
            ASSERT_TRUE(found);
            EXPECT_EQ(found->claim, child.header.id);
            EXPECT_EQ(found->verification, here.last);
            EXPECT_EQ(here.world.find_by_key("ethereum_address", key_of('b'))->id, child.identity.id);
            EXPECT_EQ(here.world.count("open_claims") + here.world.count("open_verifications"), 0);
        }
    }
}

TEST(Children, wait_for_their_parent_and_are_of_its_kind) {
    Children here;
    auto const late = an_org(here.world.ids(), "late", 'c');
    auto const child = a_child(here.world.ids(), "child", 'b', late, IdentityType::org);
    EXPECT_EQ(here.world.outcome(child), "waits");
    ASSERT_EQ(here.world.outcome(late), "registered");
    EXPECT_EQ(here.world.outcome(child), "confirmed");
    EXPECT_EQ(here.verify(child, late), "registered");

    auto const custom = a_child(here.world.ids(), "custom", 'd', child, IdentityType::custom);
    EXPECT_EQ(here.world.outcome(custom), "confirmed");
    EXPECT_EQ(here.verify(custom, child), "registered");
    auto const below = a_child(here.world.ids(), "below", 'e', custom, IdentityType::custom);
    EXPECT_EQ(here.world.outcome(below), "confirmed");
    EXPECT_EQ(here.world.outcome(a_child(here.world.ids(), "org", 'f', custom, IdentityType::org)), "FF10365");
    auto self = a_child(here.world.ids(), "self", 'f', custom, IdentityType::custom);
    self.identity.parent = self.identity.id;
    EXPECT_EQ(here.world.outcome(self), "FF10364");
}

TEST(Children, of_others_are_not_verified) {
    Children here;
    auto const other = an_org(here.world.ids(), "other", 'c');
    ASSERT_EQ(here.world.outcome(other), "registered");
    auto const child = a_child(here.world.ids(), "child", 'b', here.acme, IdentityType::custom);
    ASSERT_EQ(here.world.outcome(child), "confirmed");

    EXPECT_EQ(here.verify(child, other), "FF10409");
    auto mine = child;
    mine.identity.parent = other.identity.id;
    EXPECT_EQ(here.verify(mine, other), "FF10410") << "its claim has another hash then";

    EXPECT_EQ(here.verify(child, here.acme), "registered");
    EXPECT_EQ(here.verify(child, here.acme), "confirmed") << "once more";
}

TEST(Children, have_a_key_of_their_own) {
    Children here;
    auto const child = a_child(here.world.ids(), "child", 'a', here.acme, IdentityType::custom);

    EXPECT_EQ(here.world.outcome(child), "FF10407");
}

TEST(Updates, replace_description_and_profile) {
    Children here;

    EXPECT_EQ(here.update(here.acme, here.acme, R"({"x":1})"), "changed");

    auto const found = here.world.find(here.acme.identity.did);
    EXPECT_EQ(found->description, "new");
    EXPECT_EQ(found->profile, R"({"x":1})");
    EXPECT_EQ(found->update, here.last);
    EXPECT_EQ(here.update(here.acme, here.acme, ""), "changed");
    EXPECT_EQ(here.world.find(here.acme.identity.did)->profile, "");
}

TEST(Updates, are_by_the_identity_or_by_the_parent_of_a_node) {
    Children here;
    auto const node = a_node(here.world.ids(), "node1", here.acme);
    auto const other = an_org(here.world.ids(), "other", 'c');
    ASSERT_EQ(here.world.outcome(node), "registered");
    ASSERT_EQ(here.world.outcome(other), "registered");

    EXPECT_EQ(here.update(here.acme, other, "{}"), "FF10402");
    EXPECT_EQ(here.update(node, other, "{}"), "FF10402");
    EXPECT_EQ(here.update(node, here.acme, R"({"id":"peer of node1","x":2})"), "changed");
    EXPECT_EQ(here.update(an_org(here.world.ids(), "nobody", 'd'), here.acme, "{}"), "FF10408");
    auto renamed = here.acme;
    renamed.identity.id = here.world.ids().next();
    EXPECT_EQ(here.update(renamed, here.acme, "{}"), "FF10404");
}

}  // namespace
}  // namespace lockstep::registry
