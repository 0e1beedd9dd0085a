// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Who a group's members are (firefly-core.md 3.4), and groups as rows (18.8).
#include "registry/groups.hpp"

#include "registry/errors.hpp"
#include "registry/test_world.hpp"

namespace lockstep::registry {
namespace {

using testing::ElementsAre;

class GroupsTest : public testing::Test {
  protected:
    GroupsTest()
        : acme_(an_org(world_.ids(), "acme", 'a')),
          other_(an_org(world_.ids(), "other", 'b')),
          bare_(an_org(world_.ids(), "bare", 'c')),
          node1_(a_node(world_.ids(), "node1", acme_)),
          node2_(a_node(world_.ids(), "node2", other_)),
          node3_(a_node(world_.ids(), "node3", other_)) {
        for (auto const* claim : {&acme_, &other_, &bare_, &node1_, &node2_, &node3_})
            EXPECT_EQ(world_.outcome(*claim), "registered");
    }
    // As member acme with node1 says it.
    Result<Group> resolve(const std::vector<GroupInput::Member>& members, const std::string& name = "") {
        return world_.read([&](store::Snapshot& snapshot) {
            return resolve_group(snapshot, test_ns, "net", acme_.identity.did, node1_.identity.did, {name, members},
                                 Time{1'000});
        });
    }
    std::string refusal(const std::vector<GroupInput::Member>& members, const std::string& name = "") {
        auto const group = resolve(members, name);
        return std::string(group ? "none" : group.error().code());
    }
    GroupVerdict judge(const Group& group) {
        return world_.read([&](store::Snapshot& snapshot) { return judge_members(snapshot, test_ns, group); });
    }
    GroupMember of(const Claim& org, const Claim& node) { return {org.identity.did, node.identity.id}; }

    RegistryWorld world_;
    Claim acme_, other_, bare_, node1_, node2_, node3_;
};

TEST_F(GroupsTest, KnowsAnOrganisationByNameDidAndIdAndTakesItsFirstNode) {
    for (auto const& lookup : {std::string("other"), other_.identity.did, other_.identity.id.text()})
        EXPECT_THAT(resolve({{lookup, ""}})->members, ElementsAre(of(acme_, node1_), of(other_, node2_))) << lookup;
}

TEST_F(GroupsTest, KnowsANodeByNameDidAndId) {
    for (auto const& lookup : {std::string("node3"), node3_.identity.did, node3_.identity.id.text()}) {
        EXPECT_THAT(resolve({{"other", lookup}})->members, ElementsAre(of(acme_, node1_), of(other_, node3_)));
        EXPECT_THAT(resolve({{"", lookup}})->members, ElementsAre(of(acme_, node1_), of(other_, node3_)));
    }
}

TEST_F(GroupsTest, AddsThisMemberUnlessItIsThere) {
    auto const without = resolve({{"other", ""}});
    auto const with = resolve({{"acme", ""}, {"other", ""}, {"other", ""}});
    EXPECT_EQ(without->hash, with->hash);
    EXPECT_NE(without->hash, resolve({{"other", ""}}, "gold")->hash);
    EXPECT_THAT(resolve({{"acme", ""}})->members, ElementsAre(of(acme_, node1_)));
}

TEST_F(GroupsTest, SaysWhyThereIsNoSuchGroup) {
    EXPECT_EQ(refusal({}), "FF00115");
    EXPECT_EQ(refusal({{"nobody", ""}}), "FF10277");
    EXPECT_EQ(refusal({{"other", "nowhere"}}), "FF10224");
    EXPECT_EQ(refusal({{"other", "did:firefly:org/other"}}), "FF10224") << "no node";
    EXPECT_EQ(refusal({{"bare", ""}}), "FF10233");
    EXPECT_EQ(refusal({{"other", "node1"}}), "FF10422");
    EXPECT_EQ(refusal({{"other", ""}}, "a b"), "FF00140");
    EXPECT_EQ(refusal(std::vector<GroupInput::Member>(group_members_max, {"other", ""})), "LS10505");
}

TEST_F(GroupsTest, JudgesMembersThatOthersHaveChosen) {
    using Kind = GroupVerdict::Kind;
    auto group = *resolve({{"other", ""}});
    EXPECT_EQ(judge(group).kind, Kind::good);

    auto theirs = group;
    theirs.members[1].node = node1_.identity.id;
    EXPECT_EQ(judge(theirs).kind, Kind::bad);
    EXPECT_TRUE(judge(theirs).reason.starts_with("FF10422"));

    auto no_node = group;
    no_node.members[1].node = other_.identity.id;
    EXPECT_EQ(judge(no_node).kind, Kind::bad);

    auto early = group;
    early.members[1].identity = "did:firefly:org/later";
    EXPECT_EQ(judge(early).kind, Kind::waits);
    EXPECT_EQ(judge(early).missing, "did:firefly:org/later");
    early = group;
    early.members[1].node = world_.ids().next();
    EXPECT_EQ(judge(early).kind, Kind::waits);
    EXPECT_EQ(judge(early).missing, early.members[1].node.text());
}

TEST_F(GroupsTest, TellsWhoIsToBeSentTo) {
    auto const group = *resolve({{"other", ""}, {"other", "node3"}});
    auto const nodes =
        world_.read([&](store::Snapshot& snapshot) { return nodes_of(snapshot, test_ns, group, node1_.identity.id); });
    std::vector<std::string> peers;
    for (auto const& node : nodes) peers.push_back(node.peer);
    EXPECT_THAT(peers, testing::UnorderedElementsAre("peer of node2", "peer of node3"));
}

TEST_F(GroupsTest, KeepsAGroupAndItsFirstDefinition) {
    auto const group = *resolve({{"other", ""}}, "gold");
    auto const message = world_.ids().next();
    world_.write([&](store::Transaction& tx) {
        insert(tx, test_ns, {0, group, message});
        insert(tx, test_ns, {0, group, world_.ids().next()});
        return true;
    });
    world_.restart();
    auto const find = [&](const Hash& hash) {
        return world_.read([&](store::Snapshot& snapshot) { return find_group(snapshot, test_ns, hash); });
    };
    auto const row = find(group.hash);
    ASSERT_TRUE(row);
    EXPECT_EQ(row->message, message);
    EXPECT_EQ(group_json(row->group), group_json(group));
    auto again = row->group;
    seal(again);
    EXPECT_EQ(again.hash, group.hash);
    EXPECT_FALSE(find(Hash{}));
    EXPECT_EQ(group_row_json(*row, "here"),
              R"({"namespace":"net","name":"gold","members":[{"identity":"did:firefly:org/acme","node":")" +
                  node1_.identity.id.text() + R"("},{"identity":"did:firefly:org/other","node":")" +
                  node2_.identity.id.text() + R"("}],"localNamespace":"here","message":")" + message.text() +
                  R"(","hash":")" + group.hash.text() + R"(","created":"1970-01-01T00:00:00.000001Z"})");
}

}  // namespace
}  // namespace lockstep::registry
