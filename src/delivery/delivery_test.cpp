// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Who gets what, in which order, from where on.
#include "delivery/delivery.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "delivery/test_world.hpp"

namespace lockstep::delivery {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// ---- durable subscriptions ----

TEST(Delivery, BringsEventsInOrderAsTheyAreRecorded) {
    World world;
    auto const row = world.create(R"({"name":"app"})");
    auto& consumer = world.connect_to("app");

    log::Event event;
    event.type = log::EventType::transaction_submitted;
    event.reference = *Uuid::parse("d935e00b-7528-47bd-a12a-20f58877fe5e");
    event.tx = event.reference;
    event.topic = "batch_pin";
    world.append_events({event});

    ASSERT_EQ(consumer.frames.size(), 1u);
    EXPECT_EQ(consumer.frames[0],
              R"({"id":")" + consumer.id_of(0).text() +
                  R"(","sequence":0,"type":"transaction_submitted","namespace":"default",)"
                  R"("reference":"d935e00b-7528-47bd-a12a-20f58877fe5e","tx":"d935e00b-7528-47bd-a12a-20f58877fe5e",)"
                  R"("topic":"batch_pin","created":")" +
                  world.loop().clock().now().text() + R"(","subscription":{"id":")" + row.id.text() +
                  R"(","namespace":"default","name":"app"}})"
                  "\n");
}

TEST(Delivery, GoesOutWithoutAnyDelay) {
    World world;
    world.create(R"({"name":"app"})");
    auto& consumer = world.connect_to("app");
    world.pass(10min);
    auto const before = world.loop().clock().instant();

    world.append({"a"});

    EXPECT_THAT(consumer.sequences(), ElementsAre(0));
    EXPECT_EQ(world.loop().clock().instant(), before);
}

TEST(Delivery, WithoutReadAheadOneEventIsUnderWayAtATime) {
    World world;
    world.create(R"({"name":"app"})");
    auto& consumer = world.connect_to("app");

    world.append({"a", "b", "c"});
    EXPECT_THAT(consumer.sequences(), ElementsAre(0));

    ASSERT_TRUE(consumer.ack(0));
    world.settle();
    EXPECT_THAT(consumer.sequences(), ElementsAre(0, 1));
}

TEST(Delivery, WithReadAheadExactlySoManyMoreAreUnderWayWhateverTheFilterDrops) {
    World world;
    world.create(R"({"name":"app","filter":{"topic":"keep"},"options":{"readAhead":3}})");
    auto& consumer = world.connect_to("app");

    for (int i = 0; i < 40; ++i) world.append({i % 2 == 0 ? "keep" : "drop"});
    EXPECT_THAT(consumer.sequences(), ElementsAre(0, 2, 4, 6));

    ASSERT_TRUE(consumer.ack(0));
    world.settle();
    EXPECT_THAT(consumer.sequences(), ElementsAre(0, 2, 4, 6, 8));
    ASSERT_TRUE(consumer.ack(3));
    world.settle();
    EXPECT_THAT(consumer.sequences(), ElementsAre(0, 2, 4, 6, 8, 10));
}

TEST(Delivery, OfALongHistoryOnlyWhatIsUnderWayGoesOut) {
    World world;
    world.append_many(3000);
    world.create(R"({"name":"app","options":{"firstEvent":"oldest","readAhead":9}})");
    auto& consumer = world.connect_to("app");
    world.settle();
    EXPECT_EQ(consumer.frames.size(), 10u);

    for (int i = 0; i < 1000; ++i) {
        consumer.ack_all();
        world.settle();
        if (consumer.frames.size() == 3000) break;
    }
    auto const sequences = consumer.sequences();
    ASSERT_EQ(sequences.size(), 3000u);
    for (std::size_t i = 0; i < sequences.size(); ++i) ASSERT_EQ(sequences[i], static_cast<std::int64_t>(i));
}

TEST(Delivery, BeginsWhereFirstEventSays) {
    World world;
    world.append({"0", "1", "2", "3"});
    world.create(R"({"name":"oldest","options":{"firstEvent":"oldest","readAhead":50}})");
    world.create(R"({"name":"newest","options":{"firstEvent":"newest","readAhead":50}})");
    world.create(R"({"name":"unsaid","options":{"readAhead":50}})");
    world.create(R"({"name":"number","options":{"firstEvent":"1","readAhead":50}})");
    world.create(R"({"name":"future","options":{"firstEvent":"5","readAhead":50}})");
    world.append({"4"});  // made before anybody connects: the position is that of the creation
    auto& oldest = world.connect_to("oldest");
    auto& newest = world.connect_to("newest");
    auto& unsaid = world.connect_to("unsaid");
    auto& number = world.connect_to("number");
    auto& future = world.connect_to("future");
    world.append({"5"});
    world.append({"6"});

    EXPECT_THAT(oldest.sequences(), ElementsAre(0, 1, 2, 3, 4, 5, 6));
    EXPECT_THAT(newest.sequences(), ElementsAre(4, 5, 6));
    EXPECT_THAT(unsaid.sequences(), ElementsAre(4, 5, 6));
    EXPECT_THAT(number.sequences(), ElementsAre(2, 3, 4, 5, 6));
    EXPECT_THAT(future.sequences(), ElementsAre(6));
}

TEST(Delivery, WhatWasNotAcknowledgedComesAgainOnTheNextConnection) {
    World world;
    world.create(R"({"name":"app","options":{"readAhead":4}})");
    auto& first = world.connect_to("app");
    world.append({"a", "b", "c", "d", "e", "f"});
    ASSERT_EQ(first.frames.size(), 5u);
    ASSERT_TRUE(first.ack(0));
    ASSERT_TRUE(first.ack(2));  // behind a gap: it counts only together with the one before
    world.drop(first);

    auto& second = world.connect_to("app");

    EXPECT_THAT(second.sequences(), ElementsAre(1, 2, 3, 4, 5));
}

TEST(Delivery, OneConnectionServesASubscriptionAndTheNextTakesOver) {
    World world;
    world.create(R"({"name":"app"})");
    auto& first = world.connect_to("app");
    auto& second = world.connect_to("app");
    auto& third = world.connect_to("app");
    world.append({"a", "b"});
    EXPECT_THAT(first.sequences(), ElementsAre(0));
    EXPECT_THAT(second.frames, IsEmpty());

    ASSERT_TRUE(first.ack(0));
    world.settle();
    world.drop(first);
    EXPECT_THAT(second.sequences(), ElementsAre(1));
    EXPECT_THAT(third.frames, IsEmpty());

    world.drop(second);
    EXPECT_THAT(third.sequences(), ElementsAre(1));
}

TEST(Delivery, AStartOfANameThatDoesNotExistBeginsWhenItIsCreated) {
    World world;
    auto& consumer = world.connect_to("later");
    world.append({"a"});
    EXPECT_THAT(consumer.frames, IsEmpty());

    world.create(R"({"name":"later"})");
    world.append({"b"});

    EXPECT_THAT(consumer.sequences(), ElementsAre(1));
}

TEST(Delivery, AReplacedFilterCountsFromThePositionOn) {
    World world;
    auto const before = world.create(R"({"name":"app","filter":{"topic":"a"},"options":{"readAhead":9}})");
    auto& consumer = world.connect_to("app");
    world.append({"a", "b", "a", "b"});
    EXPECT_THAT(consumer.sequences(), ElementsAre(0, 2));
    ASSERT_TRUE(consumer.ack(0));
    world.settle();

    world.pass(1s);
    auto const after =
        world.replace(R"({"name":"app","filter":{"topic":"b"},"options":{"readAhead":9,"firstEvent":"oldest"}})");
    world.settle();

    EXPECT_THAT(consumer.sequences(), ElementsAre(0, 2, 3)) << "1 was filtered out before the position";
    EXPECT_EQ(after.id, before.id);
    EXPECT_EQ(after.created, before.created);
    EXPECT_EQ(after.first_event(), before.first_event());
    EXPECT_EQ(after.updated, world.loop().clock().now());
    EXPECT_TRUE(consumer.ack(1)) << "a late acknowledgement of what was taken back is no error";
    EXPECT_FALSE(consumer.ack(1));
}

TEST(Delivery, AReplacementThatChangesNothingWritesNothing) {
    World world;
    auto const before = world.create(R"({"name":"app","filter":{"events":".*"}})");
    auto& consumer = world.connect_to("app");
    world.append({"a"});

    auto const after =
        world.replace(R"({"filter":{"events":".*"},"name":"app","options":{"withData":false,"firstEvent":"oldest"}})");

    EXPECT_TRUE(after.updated.is_zero());
    EXPECT_EQ(after.options, before.options);
    EXPECT_THAT(consumer.sequences(), ElementsAre(0)) << "and takes nothing back";
}

TEST(Delivery, AReplacementOfNothingCreates) {
    World world;
    auto const row = world.replace(R"({"name":"app"})");
    EXPECT_TRUE(row.updated.is_zero());
    EXPECT_EQ(world.await(world.delivery().find(row.id))->name, "app");
    EXPECT_EQ(world.await(world.delivery().find_by_name("app"))->id, row.id);
    EXPECT_EQ(world.await(world.delivery().list()).size(), 1u);
}

TEST(Delivery, ANameIsTakenOnlyOnce) {
    World world;
    world.create(R"({"name":"app"})");

    auto const again = world.await(world.delivery().create(R"({"name":"app"})"));

    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code(), "FF10193");
    EXPECT_EQ(again.error().status(), 409);
}

TEST(Delivery, AFilterThatDoesNotCompileIsRefused) {
    World world;
    auto const created = world.await(world.delivery().create(R"({"name":"app","filter":{"events":"(("}})"));
    auto const replaced = world.await(world.delivery().replace(R"({"name":"app","filter":{"topic":"(("}})"));
    EXPECT_EQ(created.error().code(), "FF10171");
    EXPECT_EQ(replaced.error().code(), "FF10171");
    EXPECT_TRUE(world.await(world.delivery().list()).empty());
}

TEST(Delivery, ADeletedSubscriptionEndsAndItsSuccessorBeginsAnew) {
    World world;
    auto const row = world.create(R"({"name":"app"})");
    auto& consumer = world.connect_to("app");
    world.append({"a", "b"});
    ASSERT_EQ(consumer.frames.size(), 1u);

    world.remove(row.id);
    EXPECT_EQ(world.stored_position(row.id), std::nullopt);
    EXPECT_TRUE(consumer.ack(0)) << "late, but it was under way";
    world.append({"c"});
    EXPECT_EQ(consumer.frames.size(), 1u);

    auto const successor = world.create(R"({"name":"app"})");
    world.append({"d"});
    EXPECT_NE(successor.id, row.id);
    EXPECT_THAT(consumer.sequences(), ElementsAre(0, 3));
}

TEST(Delivery, OnlyWhatExistsCanBeDeleted) {
    World world;
    auto const removed = world.await(world.delivery().remove(Uuid{}));
    ASSERT_FALSE(removed);
    EXPECT_EQ(removed.error().code(), "FF10109");
    EXPECT_EQ(removed.error().status(), 404);
}

// ---- ephemeral subscriptions ----

TEST(Delivery, AnEphemeralSubscriptionHearsWhatIsNewAndIsNamedByItsId) {
    World world;
    world.append({"old"});
    auto& consumer = world.connect();
    world.start_ephemeral(consumer);

    world.append({"new"});

    ASSERT_THAT(consumer.sequences(), ElementsAre(1));
    auto const subscription = json::Value{std::string_view(consumer.frames[0])}["subscription"];
    EXPECT_TRUE(Uuid::parse(*subscription["id"].as_string()));
    EXPECT_EQ(subscription["id"].as_string(), subscription["name"].as_string());
    EXPECT_TRUE(world.await(world.delivery().list()).empty());
}

TEST(Delivery, AnEphemeralSubscriptionHasFilterAndOptionsOfItsOwn) {
    World world;
    world.append({"a", "b", "a"});
    auto& consumer = world.connect();
    world.start_ephemeral(consumer, R"({"topic":"a"})", R"({"firstEvent":"oldest","readAhead":10})");
    EXPECT_THAT(consumer.sequences(), ElementsAre(0, 2));
}

TEST(Delivery, EachEphemeralStartIsOnItsOwn) {
    World world;
    auto& one = world.connect();
    auto& other = world.connect();
    world.start_ephemeral(one);
    world.start_ephemeral(other);
    world.start_ephemeral(other);

    world.append({"a"});

    EXPECT_THAT(one.sequences(), ElementsAre(0));
    EXPECT_THAT(other.sequences(), ElementsAre(0, 0));
}

// ---- starts ----

TEST(Delivery, AStartIsRefusedForWhatTheOriginalRefusesIt) {
    World world;
    auto& consumer = world.connect();
    auto const refusal = [&](StartRequest request) { return code_of(world.try_start(consumer, std::move(request))); };

    EXPECT_EQ(refusal({"", "x", false, {}, "", ""}), "FF10436");
    EXPECT_EQ(refusal({"nope", "x", false, {}, "", ""}), "FF10436");
    EXPECT_EQ(refusal({"default", "", false, {}, "", ""}), "FF10178");
    EXPECT_EQ(refusal({"default", "", true, {}, R"({"events":"(("})", ""}), "FF10171");
    EXPECT_EQ(refusal({"default", "", true, {}, "", R"({"withData":true})"}), "FF10244");
    EXPECT_EQ(refusal({"default", "", true, {}, "", R"({"firstEvent":"soon"})"}), "FF10191");
    EXPECT_EQ(refusal({"default", "x", false, true, "", ""}), "none");
    EXPECT_EQ(refusal({"default", "y", false, false, "", ""}), "FF10179");
    EXPECT_EQ(refusal({"default", "y", false, {}, "", ""}), "none");
}

TEST(Delivery, ASecondStartOfANameChangesNothing) {
    World world;
    world.create(R"({"name":"app"})");
    auto& consumer = world.connect_to("app");
    world.start(consumer, {"default", "app", false, {}, "", ""});

    world.append({"a"});

    EXPECT_THAT(consumer.sequences(), ElementsAre(0));
    EXPECT_EQ(world.delivery().connections().at(0).starts.size(), 1u);
}

TEST(Delivery, OnlySoManyStartsFitOnAConnection) {
    World world({.starts_max = 2});
    auto& consumer = world.connect();
    world.start_ephemeral(consumer);
    world.start_ephemeral(consumer);
    EXPECT_EQ(code_of(world.try_start(consumer, {"default", "", true, {}, "", ""})), "LS10002");
}

TEST(Delivery, SeveralStartsOnOneConnectionTakeTurns) {
    World world;
    world.append_many(20);
    auto& consumer = world.connect();
    world.start_ephemeral(consumer, "", R"({"firstEvent":"oldest","readAhead":50})", true);
    world.start_ephemeral(consumer, "", R"({"firstEvent":"9","readAhead":50})");
    consumer.frames.clear();
    world.append_many(10);

    // Both have ten to give; whichever begins, they alternate.
    ASSERT_EQ(consumer.frames.size(), 20u);
    std::vector<std::string> names;
    for (auto const& frame : consumer.frames)
        names.push_back(*json::Value{std::string_view(frame)}["subscription"]["name"].as_string());
    for (std::size_t i = 0; i + 2 < 10; ++i) EXPECT_EQ(names[i], names[i + 2]);
    EXPECT_NE(names[0], names[1]);
}

// ---- the end ----

TEST(Delivery, ASilentConsumerHoldsUpNobodyElse) {
    World world;
    auto& silent = world.connect(false);
    world.start_ephemeral(silent);
    auto& lively = world.connect();
    world.start_ephemeral(lively, "", "", true);

    world.append_many(5000);

    EXPECT_EQ(lively.frames.size(), 5000u);
    EXPECT_LE(world.delivery().connections().at(0).starts.at(0).in_flight, 1u);
}

TEST(Delivery, RefusingNewOnesEndsEveryConnection) {
    World world;
    auto& consumer = world.connect();
    world.delivery().refuse_new();
    auto& late = world.connect();
    world.settle();
    EXPECT_TRUE(consumer.ended);
    EXPECT_TRUE(late.ended);
}

TEST(Delivery, ConnectionsAreListedAsTheOriginalListsThem) {
    World world;
    EXPECT_EQ(world.delivery().connections_json(), R"({"enabled":true,"connections":[]})");

    auto& consumer = world.connect_to("app");
    auto const time = world.loop().clock().now().text();
    world.start_ephemeral(consumer, R"({"events":"x"})");
    auto const status = world.delivery().connections().at(0);
    EXPECT_EQ(world.delivery().connections_json(),
              R"({"enabled":true,"connections":[{"id":")" + consumer.connection().id().text() +
                  R"(","remoteAddress":"127.0.0.1:1","userAgent":"test","subscriptions":[{"startTime":")" + time +
                  R"(","ephemeral":false,"namespace":"default","name":"app","filter":{}},{"startTime":")" + time +
                  R"(","ephemeral":true,"namespace":"default","name":")" + status.starts.at(1).name +
                  R"(","filter":{"events":"x","message":{},"transaction":{},"blockchainevent":{}}}]}]})");
}

TEST(Delivery, AThousandSubscriptionsShareOneReading) {
    World world;
    for (int i = 0; i < 1000; ++i) {
        auto& consumer = world.connect();
        world.start_ephemeral(consumer, R"({"topic":"^t)" + std::to_string(i) + R"($"})");
    }
    auto const reads = world.database().stats().reads;

    for (int i = 0; i < 50; ++i) world.append({"t" + std::to_string(i)});

    EXPECT_LE(world.database().stats().reads - reads, 102u) << "one that finds the event, one that finds no more";
    EXPECT_EQ(world.enricher().enriched_events, 50u);
}

}  // namespace
}  // namespace lockstep::delivery
