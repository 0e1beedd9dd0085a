// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Messages whose blobs are not here: what waits for them, whom they are asked of, and every order of arrival.
#include "sequencer/sequencer.hpp"
#include "sequencer/test_arrivals.hpp"

namespace lockstep::sequencer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

Note with_blobs(const std::string& name, std::vector<std::string> blobs, std::vector<std::string> topics = {"orders"}) {
    Note note;
    note.name = name;
    note.topics = std::move(topics);
    note.blobs = std::move(blobs);
    return note;
}

class SequencerBlobsTest : public testing::Test {
  protected:
    SequencerBlobsTest() : world(book), alice(book.author("alice")), bob(book.author("bob")) {
        world.knows(alice);
        world.knows(bob);
    }

    Book book;
    World world;
    Author alice, bob;
};

TEST_F(SequencerBlobsTest, AMessageWaitsForItsBlobWithItsOwnTopicAlone) {
    auto const m1 = book.pin(alice, {with_blobs("m1", {"bytes"})});
    auto const m2 = book.pin(bob, {{"m2"}, {"m3", {"other"}}});
    for (auto const& one : {m1, m2}) {
        world.payload(one);
        world.pin(one);
    }
    EXPECT_THAT(world.settled(), ElementsAre("m3 confirmed on other"));
    EXPECT_THAT(world.waiting(), ElementsAre("m1 waits for blob", "m2 waits for pin"));
    EXPECT_EQ(world.asks_for("bytes"), std::vector<std::string>{}) << "whoever is connected";

    world.blob("bytes");
    EXPECT_THAT(world.settled(),
                ElementsAre("m3 confirmed on other", "m1 confirmed on orders", "m2 confirmed on orders"));
    EXPECT_THAT(world.waiting(), IsEmpty());
    EXPECT_EQ(world.count("blob_waits"), 0);
    EXPECT_EQ(world.count("parked_pins"), 0);
}

TEST_F(SequencerBlobsTest, EveryOrderOfArrivalHasOneOutcome) {
    auto const m1 = book.pin(alice, {with_blobs("m1", {"a", "b"}), {"m2"}});
    auto const m3 = book.pin(bob, {with_blobs("m3", {"b", "c"})});
    auto const expected =
        std::vector<std::string>{"m1 confirmed on orders", "m2 confirmed on orders", "m3 confirmed on orders"};
    // Pins come in their order; what else comes, in any.
    std::vector<int> order{0, 1, 2, 3, 4, 5, 6};
    // One in 29 of them, which still has each thing in each place.
    int number = 0;
    do {
        if (number++ % 29 != 0) continue;
        if (std::find(order.begin(), order.end(), 0) > std::find(order.begin(), order.end(), 1)) continue;
        for (auto const together : {false, true}) {
            World member(book);
            member.knows(alice);
            member.knows(bob);
            std::vector<World::Arrival> arrivals;
            for (auto const what : order) {
                arrivals.push_back([&, what](store::Transaction& tx) {
                    if (what < 2) member.append_pin(tx, what == 0 ? m1 : m3);
                    if (what == 2) member.append_payload(tx, m1);
                    if (what == 3) member.append_payload(tx, m3);
                    if (what > 3) member.append_blob(tx, std::string(1, static_cast<char>('a' + what - 4)));
                });
            }
            if (together) {
                member.give(arrivals);
            } else {
                for (auto const& one : arrivals) member.give({one});
            }
            ASSERT_EQ(member.settled(), expected) << testing::PrintToString(order) << together;
            ASSERT_EQ(member.count("blob_waits"), 0) << testing::PrintToString(order) << together;
        }
    } while (std::next_permutation(order.begin(), order.end()));
}

TEST_F(SequencerBlobsTest, AStartAsksAgainForWhatIsMissing) {
    auto const m1 = book.pin(alice, {with_blobs("m1", {"a", "b"})});
    world.payload(m1);
    world.pin(m1);
    world.blob("a");

    world.crash();

    EXPECT_EQ(world.asks_for("a"), std::nullopt);
    EXPECT_EQ(world.asks_for("b"), std::vector<std::string>{});
    world.blob("b");
    EXPECT_THAT(world.settled(), ElementsAre("m1 confirmed on orders"));
}

TEST_F(SequencerBlobsTest, WhatIsRejectedAnywayWaitsForNoBlob) {
    auto note = with_blobs("m1", {"bytes"});
    note.change = [](Message& message) { message.header.type = MessageType::transfer_broadcast; };
    auto const m1 = book.pin(alice, {note});
    world.payload(m1);
    world.pin(m1);
    EXPECT_THAT(world.settled(), ElementsAre("m1 rejected on orders"));
    EXPECT_EQ(world.asks_for("bytes"), std::nullopt);
}

TEST_F(SequencerBlobsTest, OurOwnMessageHasItsBlobs) {
    auto const m1 = book.pin(alice, {with_blobs("m1", {"bytes"})});
    world.sealed(m1);
    world.pin(m1);
    EXPECT_THAT(world.settled(), ElementsAre("m1 confirmed on orders"));
}

TEST_F(SequencerBlobsTest, APrivateBlobIsAskedOfTheGroupAndHoldsUpItsTurn) {
    auto const group = book.group("gold", {alice, bob});
    auto const m1 = book.pin_private(alice, group, {book.definition_of(group), with_blobs("m1", {"secret"})});
    auto const m2 = book.pin_private(bob, group, {{"m2"}});
    for (auto const& one : {m1, m2}) {
        world.payload(one);
        world.pin(one);
    }
    EXPECT_THAT(world.settled(), ElementsAre("group gold confirmed on " + group.hash.text()));
    EXPECT_THAT(world.waiting(), UnorderedElementsAre("m1 waits for blob", "m2 waits for pin"));
    EXPECT_TRUE(world.asks_for("secret"));

    world.crash();
    EXPECT_TRUE(world.asks_for("secret"));
    world.blob("secret");
    EXPECT_THAT(world.settled(), ElementsAre("group gold confirmed on " + group.hash.text(), "m1 confirmed on orders",
                                             "m2 confirmed on orders"));
    EXPECT_EQ(world.count("blob_waits"), 0);
}

}  // namespace
}  // namespace lockstep::sequencer
