// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "delivery/test_world.hpp"

namespace lockstep::delivery {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Batches, AFullOneGoesAtOnce) {
    World world;
    auto const row = world.create(R"({"name":"app","options":{"batch":true,"readAhead":3,"batchTimeout":"1h"}})");
    auto& consumer = world.connect_to("app");

    world.append({"a", "b"});
    EXPECT_THAT(consumer.frames, IsEmpty());
    world.append({"c", "d"});

    ASSERT_EQ(consumer.frames.size(), 1u);
    EXPECT_THAT(consumer.sequences(), ElementsAre(0, 1, 2));
    auto const& frame = consumer.frames[0];
    auto const reference = R"({"id":")" + row.id.text() + R"(","namespace":"default","name":"app"})";
    EXPECT_TRUE(frame.starts_with(R"({"type":"event_batch","id":")" + consumer.id_of(0).text() +
                                  R"(","subscription":)" + reference + R"(,"events":[{"id":")"))
        << frame;
    EXPECT_TRUE(frame.ends_with(R"(,"subscription":)" + reference + "}]}\n")) << frame;
    EXPECT_TRUE(json::compact(frame)) << "it is JSON";
}

TEST(Batches, AnIncompleteOneGoesWhenItsFirstEventHasWaitedSoLong) {
    World world;
    world.create(R"({"name":"app","options":{"batch":true}})");
    auto& consumer = world.connect_to("app");
    world.pass(1s);

    world.append({"a"});
    world.pass(30ms);
    world.append({"b"});
    world.pass(19ms);
    EXPECT_THAT(consumer.frames, IsEmpty());
    world.pass(1ms);

    EXPECT_EQ(consumer.frames.size(), 1u);
    EXPECT_THAT(consumer.sequences(), ElementsAre(0, 1));
}

TEST(Batches, WithoutATimeoutWhatIsThereGoesAtOnce) {
    World world;
    world.create(R"({"name":"app","options":{"batch":true,"batchTimeout":"0"}})");
    auto& consumer = world.connect_to("app");
    world.append({"a", "b"});
    EXPECT_THAT(consumer.sequences(), ElementsAre(0, 1));
}

TEST(Batches, OneIsUnderWayAtATimeWhileTheNextGathers) {
    World world;
    world.create(R"({"name":"app","options":{"batch":true,"readAhead":2}})");
    auto& consumer = world.connect_to("app");
    world.append({"a", "b", "c", "d", "e"});
    world.pass(1s);
    EXPECT_THAT(consumer.sequences(), ElementsAre(0, 1));

    ASSERT_TRUE(consumer.ack(0));
    world.settle();
    EXPECT_THAT(consumer.sequences(), ElementsAre(0, 1, 2, 3));
    ASSERT_TRUE(consumer.ack(1));
    world.pass(50ms);
    EXPECT_THAT(consumer.sequences(), ElementsAre(0, 1, 2, 3, 4));
}

TEST(Batches, AreFiftyEventsUnlessToldOtherwise) {
    World world;
    world.append_many(120);
    world.create(R"({"name":"app","options":{"batch":true,"firstEvent":"oldest"}})");
    auto& consumer = world.connect_to("app");
    world.settle();
    EXPECT_EQ(consumer.sequences().size(), 50u);
}

TEST(Batches, OneAcknowledgementSettlesAllOfItAndWhatTheFilterDropped) {
    World world;
    auto const row =
        world.create(R"({"name":"app","filter":{"topic":"keep"},"options":{"batch":true,"batchTimeout":"0"}})");
    auto& consumer = world.connect_to("app");
    world.append({"drop", "keep", "drop", "keep", "drop"});
    ASSERT_THAT(consumer.sequences(), ElementsAre(1, 3));
    world.pass(2s);
    EXPECT_EQ(world.stored_position(row.id), 0) << "right before its first event";

    ASSERT_TRUE(consumer.ack(0));
    world.settle();

    EXPECT_EQ(world.stored_position(row.id), 4);
}

TEST(Batches, EventsOfOneAreNotAcknowledgedAlone) {
    World world;
    world.create(R"({"name":"app","options":{"batch":true,"batchTimeout":"0"}})");
    auto& consumer = world.connect_to("app");
    world.append({"a"});
    auto const event =
        json::Value{std::string_view(consumer.frames.at(0))}["events"].elements().at(0)["id"].as_string();
    EXPECT_FALSE(consumer.connection().ack({Uuid::parse(*event), {}}));
    EXPECT_FALSE(consumer.connection().ack({}));
    EXPECT_TRUE(consumer.connection().ack({consumer.id_of(0), {}}));
}

TEST(Batches, TheIdOfOneSaysEnoughAmongSeveralStarts) {
    World world;
    auto& consumer = world.connect();
    world.start_ephemeral(consumer, "", R"({"batch":true,"batchTimeout":"0"})");
    world.start_ephemeral(consumer, R"({"topic":"none"})");
    world.append({"a"});
    EXPECT_TRUE(consumer.connection().ack({consumer.id_of(0), {}}));
}

TEST(Batches, WhatWasNotAcknowledgedComesAgainInAnother) {
    World world;
    world.create(R"({"name":"app","options":{"batch":true,"batchTimeout":"0"}})");
    auto& first = world.connect_to("app");
    world.append({"a", "b"});
    ASSERT_EQ(first.frames.size(), 1u);
    auto const id = first.id_of(0);
    world.drop(first);

    auto& second = world.connect_to("app");
    world.settle();

    EXPECT_THAT(second.sequences(), ElementsAre(0, 1));
    EXPECT_NE(second.id_of(0), id);
}

TEST(Batches, ANackedOneComesAgain) {
    World world;
    world.create(R"({"name":"app","options":{"batch":true,"batchTimeout":"0"}})");
    auto& consumer = world.connect_to("app");
    world.append({"a", "b"});

    ASSERT_TRUE(consumer.connection().nack({consumer.id_of(0), {}}));
    world.settle();

    EXPECT_THAT(consumer.sequences(), ElementsAre(0, 1, 0, 1));
    EXPECT_TRUE(consumer.ack(0)) << "late";
    EXPECT_TRUE(consumer.ack(1));
}

TEST(Batches, AreAcknowledgedByThePullWithAutoack) {
    World world;
    world.append_many(500);
    auto& consumer = world.connect();
    world.start_ephemeral(consumer, "", R"({"batch":true,"firstEvent":"oldest"})", true);
    EXPECT_EQ(consumer.frames.size(), 10u);
    EXPECT_EQ(consumer.sequences().size(), 500u);
}

TEST(Batches, EndWhereTheyWouldBecomeTooLarge) {
    class Bulky final : public Enricher {
        std::vector<EnrichedEvent> enrich(store::Snapshot&, std::vector<log::Event> events) const override {
            std::vector<EnrichedEvent> out;
            for (auto& event : events) {
                auto& enriched = out.emplace_back();
                log::append_event_json(enriched.json, event, "default");
                enriched.json += R"(,"bulk":")" + std::string(100'000, 'x') + "\"";
                enriched.event = std::move(event);
            }
            return out;
        }
    };
    World world;
    world.use(std::make_unique<Bulky>());
    world.append_many(100);
    world.create(R"({"name":"app","options":{"batch":true,"readAhead":1000,"firstEvent":"oldest"}})");
    auto& consumer = world.connect_to("app");
    world.settle();

    ASSERT_EQ(consumer.frames.size(), 1u);
    EXPECT_EQ(consumer.sequences().size(), 42u) << "4 MiB and the event that passes them";
}

}  // namespace
}  // namespace lockstep::delivery
