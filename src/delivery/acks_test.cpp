// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What comes back: acknowledgements, autoack, nack.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "delivery/test_world.hpp"

namespace lockstep::delivery {
namespace {

using testing::ElementsAre;

const Uuid stranger = *Uuid::parse("00000000-0000-4000-8000-000000000000");

TEST(Ack, OfNothingIsRefused) {
    World world;
    auto& consumer = world.connect();
    EXPECT_EQ(code_of(consumer.connection().ack({stranger, {}})), "FF10175");
    EXPECT_EQ(code_of(consumer.connection().ack({})), "FF10175");
}

TEST(Ack, OfWhatIsNotUnderWayIsRefused) {
    World world;
    auto& consumer = world.connect();
    world.start_ephemeral(consumer);
    world.append({"a"});
    EXPECT_EQ(code_of(consumer.connection().ack({stranger, {}})), "FF10175");
    EXPECT_EQ(code_of(consumer.ack(0)), "none");
    EXPECT_EQ(code_of(consumer.ack(0)), "FF10175");
}

TEST(Ack, WithoutIdIsForTheOldestThatIsUnderWay) {
    World world;
    auto& consumer = world.connect();
    world.start_ephemeral(consumer, "", R"({"readAhead":9})");
    world.start_ephemeral(consumer, R"({"topic":"b"})", R"({"readAhead":9})");
    world.append({"a"});
    world.append({"b"});
    auto const in_flight = [&] {
        auto const starts = world.delivery().connections().at(0).starts;
        return std::vector<std::size_t>{starts.at(0).in_flight, starts.at(1).in_flight};
    };
    EXPECT_THAT(in_flight(), ElementsAre(2, 1));

    EXPECT_TRUE(consumer.connection().ack({}));
    EXPECT_THAT(in_flight(), ElementsAre(1, 1));
    EXPECT_TRUE(consumer.connection().ack({}));
    EXPECT_TRUE(consumer.connection().ack({}));
    EXPECT_THAT(in_flight(), ElementsAre(0, 0));
    EXPECT_EQ(code_of(consumer.connection().ack({})), "FF10175");
}

TEST(Ack, NeedsTheSubscriptionWhenThereAreSeveral) {
    World world;
    auto const row = world.create(R"({"name":"app"})");
    auto& consumer = world.connect_to("app");
    world.start_ephemeral(consumer);
    world.append({"a"});
    auto const id = consumer.id_of(0);
    auto const ack = [&](SubscriptionRef ref) { return code_of(consumer.connection().ack({id, std::move(ref)})); };

    EXPECT_EQ(code_of(consumer.connection().ack({id, {}})), "FF10175");
    EXPECT_EQ(ack({stranger, "", ""}), "FF10175");
    EXPECT_EQ(ack({{}, "other", "app"}), "FF10175");
    EXPECT_EQ(ack({{}, "default", "app"}), "none");
    EXPECT_EQ(ack({row.id, "", ""}), "FF10175") << "it is acknowledged by now";
    auto const other = world.delivery().connections().at(0).starts.at(1).name;
    EXPECT_EQ(ack({*Uuid::parse(other), "default", other}), "none");
}

TEST(Ack, ByIdOfTheSubscriptionOrByItsName) {
    World world;
    auto const row = world.create(R"({"name":"app","options":{"readAhead":9}})");
    auto& consumer = world.connect_to("app");
    world.append({"a", "b", "c"});
    EXPECT_TRUE(consumer.connection().ack({consumer.id_of(0), SubscriptionRef{row.id, "", ""}}));
    EXPECT_TRUE(consumer.connection().ack({consumer.id_of(1), SubscriptionRef{{}, "default", "app"}}));
    EXPECT_TRUE(consumer.connection().ack({consumer.id_of(2), SubscriptionRef{row.id, "default", "app"}}));
}

TEST(Autoack, CountsAFrameAsAcknowledgedWhenTheNextIsPulled) {
    World world;
    auto const row = world.create(R"({"name":"app"})");
    auto& consumer = world.connect(false);
    world.start(consumer, {"default", "app", false, true, "", ""});
    world.append({"a", "b"});

    auto const first = world.await(consumer.connection().next());
    EXPECT_EQ(world.delivery().connections().at(0).starts.at(0).position.value, -1);
    auto const second = world.await(consumer.connection().next());
    EXPECT_EQ(world.delivery().connections().at(0).starts.at(0).position.value, 0);
    EXPECT_NE(first, second);
}

TEST(Autoack, RefusesEveryAcknowledgement) {
    World world;
    auto& consumer = world.connect();
    world.start_ephemeral(consumer, "", "", true);
    world.append({"a"});
    EXPECT_EQ(code_of(consumer.ack(0)), "FF10180");
    EXPECT_EQ(code_of(consumer.connection().ack({})), "FF10180");
    EXPECT_EQ(code_of(consumer.connection().nack({})), "FF10180");
}

TEST(Autoack, DeliversEverythingOneByOne) {
    World world;
    world.append_many(1200);
    auto& consumer = world.connect();
    world.start_ephemeral(consumer, "", R"({"firstEvent":"oldest"})", true);
    EXPECT_EQ(consumer.frames.size(), 1200u);
}

TEST(Nack, BringsEverythingBehindThePositionAgain) {
    World world;
    world.create(R"({"name":"app","options":{"readAhead":3}})");
    auto& consumer = world.connect_to("app");
    world.append({"a", "b", "c", "d", "e"});
    ASSERT_TRUE(consumer.ack(0));
    ASSERT_TRUE(consumer.ack(2));
    world.settle();
    ASSERT_THAT(consumer.sequences(), ElementsAre(0, 1, 2, 3, 4));
    consumer.frames.erase(consumer.frames.begin(), consumer.frames.begin() + 1);

    ASSERT_TRUE(consumer.connection().nack({consumer.id_of(0), {}}));
    world.settle();

    EXPECT_THAT(consumer.sequences(), ElementsAre(1, 2, 3, 4, 1, 2, 3, 4));
}

TEST(Nack, DoesNotStallOnLateAcknowledgements) {
    World world;
    world.create(R"({"name":"app"})");
    auto& consumer = world.connect_to("app");
    world.append({"a", "b"});

    ASSERT_TRUE(consumer.connection().nack({}));
    ASSERT_TRUE(consumer.ack(0)) << "before it went out again: late, and ignored";
    world.settle();
    ASSERT_THAT(consumer.sequences(), ElementsAre(0, 0));
    ASSERT_TRUE(consumer.ack(1));
    world.settle();
    EXPECT_THAT(consumer.sequences(), ElementsAre(0, 0, 1));
}

TEST(Nack, OfNothingIsRefused) {
    World world;
    auto& consumer = world.connect();
    world.start_ephemeral(consumer);
    EXPECT_EQ(code_of(consumer.connection().nack({})), "FF10175");
    EXPECT_EQ(code_of(consumer.connection().nack({stranger, {}})), "FF10175");
}

}  // namespace
}  // namespace lockstep::delivery
