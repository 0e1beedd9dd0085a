// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What is remembered of a subscription, when, and through what.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "delivery/test_world.hpp"

namespace lockstep::delivery {
namespace {

using testing::ElementsAre;

TEST(Positions, BeginAtFirstEvent) {
    World world;
    world.append({"a", "b"});
    EXPECT_EQ(world.stored_position(world.create(R"({"name":"newest"})").id), 1);
    EXPECT_EQ(world.stored_position(world.create(R"({"name":"oldest","options":{"firstEvent":"oldest"}})").id), -1);
    EXPECT_EQ(world.stored_position(world.create(R"({"name":"number","options":{"firstEvent":"17"}})").id), 17);
}

TEST(Positions, AreWrittenAsSoonAsTheyAreAcknowledged) {
    World world;
    auto const row = world.create(R"({"name":"app","options":{"readAhead":9}})");
    auto& consumer = world.connect_to("app");
    world.append({"a", "b", "c"});
    EXPECT_EQ(world.stored_position(row.id), -1);

    ASSERT_TRUE(consumer.ack(0));
    world.settle();
    EXPECT_EQ(world.stored_position(row.id), 0);
    ASSERT_TRUE(consumer.ack(2));
    world.settle();
    EXPECT_EQ(world.stored_position(row.id), 0) << "1 is missing";
    ASSERT_TRUE(consumer.ack(1));
    world.settle();
    EXPECT_EQ(world.stored_position(row.id), 2);
}

TEST(Positions, ThatOnlyTheFilterMovedAreWrittenNowAndThen) {
    World world;
    auto const row = world.create(R"({"name":"app","filter":{"topic":"keep"}})");
    world.connect_to("app");
    auto const commits = world.database().stats().commits;

    for (int i = 0; i < 100; ++i) world.append({"drop"});
    world.pass(900ms);
    EXPECT_EQ(world.database().stats().commits, commits + 100) << "the events' own";
    world.pass(200ms);

    EXPECT_EQ(world.database().stats().commits, commits + 101);
    EXPECT_EQ(world.stored_position(row.id), 99);
}

TEST(Positions, OfManySubscriptionsGoIntoOneCommit) {
    World world;
    std::vector<Consumer*> consumers;
    for (int i = 0; i < 100; ++i) {
        auto const name = "app" + std::to_string(i);
        world.create(R"({"name":")" + name + "\"}");
        consumers.push_back(&world.connect_to(name));
    }
    world.append({"a"});
    auto const commits = world.database().stats().commits;

    for (auto* consumer : consumers) ASSERT_TRUE(consumer->ack(0));
    world.settle();

    EXPECT_EQ(world.database().stats().commits, commits + 1);
}

TEST(Positions, AreAllWrittenByACleanStop) {
    World world;
    auto const row = world.create(R"({"name":"app","filter":{"topic":"keep"}})");
    world.connect_to("app");
    world.append({"drop", "drop"});
    EXPECT_EQ(world.stored_position(row.id), -1);

    world.await(world.delivery().flush());

    EXPECT_EQ(world.stored_position(row.id), 1);
}

TEST(Positions, SurviveACrashAndNothingAcknowledgedAndWrittenComesAgain) {
    World world;
    world.create(R"({"name":"app","options":{"readAhead":9}})");
    auto& before = world.connect_to("app");
    world.append({"a", "b", "c", "d"});
    ASSERT_TRUE(before.ack(0));
    ASSERT_TRUE(before.ack(1));
    ASSERT_TRUE(before.ack(3));
    world.settle();

    world.crash();
    auto& after = world.connect_to("app");
    world.settle();

    EXPECT_THAT(after.sequences(), ElementsAre(2, 3));
}

TEST(Positions, AreGatheredAgainWhenTheDiskRefusesThem) {
    World world;
    auto const row = world.create(R"({"name":"app","options":{"readAhead":9}})");
    auto& consumer = world.connect_to("app");
    world.append({"a", "b", "c"});

    world.disk().fail_writes(1, store::SimDisk::Fault::disk_full);
    ASSERT_TRUE(consumer.ack(0));
    world.settle();
    EXPECT_EQ(world.stored_position(row.id), -1);
    ASSERT_TRUE(consumer.ack(1));
    world.pass(1s);

    EXPECT_EQ(world.stored_position(row.id), 1);
}

TEST(Positions, AFilterThatWasReplacedDoesNotBringBackWhatWasAcknowledgedAfterARestart) {
    World world;
    world.create(R"({"name":"app","filter":{"topic":"a"},"options":{"readAhead":9}})");
    auto& before = world.connect_to("app");
    world.append({"a", "b", "a"});
    ASSERT_TRUE(before.ack(0));
    world.settle();
    world.replace(R"({"name":"app","options":{"readAhead":9}})");
    world.crash();

    auto& after = world.connect_to("app");
    world.settle();

    // The position stood right before the first unacknowledged event: 1 had been filtered out by then.
    EXPECT_THAT(after.sequences(), ElementsAre(2));
}

TEST(Positions, OfADeletedSubscriptionAreNotWritten) {
    World world;
    auto const row = world.create(R"({"name":"app"})");
    auto& consumer = world.connect_to("app");
    world.append({"a"});
    ASSERT_TRUE(consumer.ack(0));
    world.remove(row.id);
    world.pass(5s);
    EXPECT_EQ(world.stored_position(row.id), std::nullopt);
}

}  // namespace
}  // namespace lockstep::delivery
