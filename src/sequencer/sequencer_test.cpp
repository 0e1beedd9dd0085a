// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What the stage does step by step: who waits for what, what wakes it, and what a restart keeps.
#include "sequencer/sequencer.hpp"

#include "sequencer/test_arrivals.hpp"

namespace lockstep::sequencer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SequencerTest : public testing::Test {
  protected:
    SequencerTest() : world(book), alice(book.author("alice")), bob(book.author("bob")) { world.knows(alice); }

    Book book;
    World world;
    Author alice, bob;
};

TEST_F(SequencerTest, APinWaitsForItsPayloadWhichIsWanted) {
    auto const m1 = book.pin(alice, {{"m1"}});

    world.pin(m1);
    EXPECT_THAT(world.settled(), IsEmpty());
    EXPECT_THAT(world.waiting(), ElementsAre("batch of m1 waits for its payload"));
    EXPECT_TRUE(world.wants(m1));

    world.payload(m1);
    EXPECT_THAT(world.settled(), ElementsAre("m1 confirmed on orders"));
    EXPECT_THAT(world.waiting(), IsEmpty());
    EXPECT_FALSE(world.wants(m1));
    EXPECT_EQ(world.count("payloads"), 0);
}

TEST_F(SequencerTest, APayloadThatWasSentAheadWaitsForItsPinAndIsThenTakenOut) {
    auto const m1 = book.pin(alice, {{"m1"}});

    world.payload(m1);
    EXPECT_THAT(world.settled(), IsEmpty());
    EXPECT_EQ(world.count("payloads"), 1);

    world.pin(m1);
    EXPECT_THAT(world.settled(), ElementsAre("m1 confirmed on orders"));
    EXPECT_EQ(world.wanted(), 0u);
    EXPECT_EQ(world.count("payloads"), 0);
}

TEST_F(SequencerTest, OnlyTheContextsOfAParkedPinWaitBehindIt) {
    auto const m1 = book.pin(alice, {{"m1", {"a"}}});
    auto const m2 = book.pin(alice, {{"m2", {"b"}}, {"m3", {"a"}}, {"m4", {"c"}}});

    world.pin(m1);
    world.payload(m2);
    world.pin(m2);
    EXPECT_THAT(world.settled(), ElementsAre("m2 confirmed on b", "m4 confirmed on c"));
    EXPECT_THAT(world.waiting(), ElementsAre("m3 waits for pin", "batch of m1 waits for its payload"));

    world.payload(m1);
    EXPECT_THAT(world.settled(),
                ElementsAre("m2 confirmed on b", "m4 confirmed on c", "m1 confirmed on a", "m3 confirmed on a"));
    EXPECT_EQ(world.count("parked_pins"), 0);
}

TEST_F(SequencerTest, TwoTopicsOfAMessageWaitEachForTheirs) {
    auto const first_a = book.pin(alice, {{"m1", {"a"}}});
    auto const first_b = book.pin(alice, {{"m2", {"b"}}});
    auto const both = book.pin(alice, {{"m3", {"a", "b"}}});
    auto const later_a = book.pin(alice, {{"m4", {"a"}}});
    for (auto const* pinned : {&first_a, &first_b, &both, &later_a}) world.pin(*pinned);
    world.payload(both);
    world.payload(later_a);
    EXPECT_THAT(world.settled(), IsEmpty());

    world.payload(first_b);
    EXPECT_THAT(world.settled(), ElementsAre("m2 confirmed on b"));
    EXPECT_THAT(world.waiting(),
                ElementsAre("m3 waits for pin", "m4 waits for pin", "batch of m1 waits for its payload"));

    world.payload(first_a);
    EXPECT_THAT(world.settled(), ElementsAre("m2 confirmed on b", "m1 confirmed on a", "m3 confirmed on a",
                                             "m3 confirmed on b", "m4 confirmed on a"));
}

TEST_F(SequencerTest, AnUnknownSignerWaitsForItsClaimAndHoldsItsTopicMeanwhile) {
    auto const early = book.pin(bob, {{"m1"}});
    auto const behind = book.pin(alice, {{"m2"}, {"m3", {"other"}}});
    auto const claim = book.pin(bob, {book.claim_of(bob)});
    for (auto const* pinned : {&early, &behind}) {
        world.payload(*pinned);
        world.pin(*pinned);
    }
    EXPECT_THAT(world.settled(), ElementsAre("m3 confirmed on other"));
    EXPECT_THAT(world.waiting(), ElementsAre("m1 waits for identity", "m2 waits for pin"));

    world.payload(claim);
    world.pin(claim);

    auto const topic = identity_topic(bob.did);
    EXPECT_THAT(world.settled(), ElementsAre("m3 confirmed on other", "claim of bob confirmed on " + topic,
                                             "m1 confirmed on orders", "m2 confirmed on orders"));
    EXPECT_THAT(world.waiting(), IsEmpty());
}

TEST_F(SequencerTest, WhatIsRejectedLetsItsTopicGoOn) {
    auto const null = book.pin(alice, {{"m1"}}, {{}, [](std::string& document) { document = "null"; }, {}});
    auto const next = book.pin(alice, {{"m2"}});
    world.pin(null);
    world.payload(next);
    world.pin(next);
    EXPECT_THAT(world.settled(), IsEmpty());

    world.payload(null);

    EXPECT_THAT(world.settled(), ElementsAre("batch of m1 rejected on ff_batch_pin", "m2 confirmed on orders"));
    EXPECT_THAT(world.outcome().reasons.at("batch of m1"), testing::StartsWith("LS10110"));
    EXPECT_EQ(world.stage().retries, 0u);
}

TEST_F(SequencerTest, ADocumentThatIsDamagedIsAnotherAndIsNotTaken) {
    auto const m1 = book.pin(alice, {{"m1"}});
    auto damaged = m1;
    damaged.document.back() = ' ';
    damaged.payload = sha256(damaged.document);
    world.pin(m1);

    world.payload(damaged);
    EXPECT_THAT(world.settled(), IsEmpty());
    EXPECT_TRUE(world.wants(m1));

    world.payload(m1);
    EXPECT_THAT(world.settled(), ElementsAre("m1 confirmed on orders"));
}

TEST_F(SequencerTest, AnEventThatTheLedgerRepeatsChangesNothing) {
    auto const m1 = book.pin(alice, {{"m1"}});
    auto const m2 = book.pin(alice, {{"m2"}});
    world.pin(m1);
    world.pin(m2);
    world.pin(m1);
    world.payload(m2);
    EXPECT_EQ(world.count("parked_batches"), 1);

    world.payload(m1);
    world.pin(m2);
    world.pin(m1);

    EXPECT_THAT(world.settled(), ElementsAre("m1 confirmed on orders", "m2 confirmed on orders"));
    EXPECT_EQ(world.events().size(), 4u);  // and two pins that were seen
}

TEST_F(SequencerTest, APayloadThatComesTwiceChangesNothing) {
    auto const m1 = book.pin(alice, {{"m1"}});
    world.payload(m1);
    world.payload(m1);
    world.pin(m1);

    world.payload(m1);

    EXPECT_THAT(world.settled(), ElementsAre("m1 confirmed on orders"));
}

TEST_F(SequencerTest, APinThatFindsAPayloadSettlesThoseBeforeItThatWaitedForIt) {
    World one_by_one(book, {.page_entries_max = 1});
    auto const wrong = [](ledger::PinEvent& event) { event.pin.batch_hash = sha256("else"); };
    auto const first = book.pin(alice, {{"m1"}}, {{}, {}, wrong});
    auto second = first;
    book.pin_again(second, alice);
    wrong(second.event);
    one_by_one.pin(first);

    // The payload is here when the second pin is looked at, and its own entry comes only after that.
    one_by_one.give({[&](store::Transaction& tx) { one_by_one.append_pin(tx, second); },
                     [&](store::Transaction& tx) { one_by_one.append_payload(tx, first); }});

    EXPECT_THAT(one_by_one.waiting(), IsEmpty());
    EXPECT_EQ(one_by_one.outcome().batches.size(), 2u);
    EXPECT_EQ(one_by_one.wanted(), 0u);
}

TEST_F(SequencerTest, OurOwnMessageIsConfirmedByItsPinInItsPlace) {
    auto const theirs = book.pin(alice, {{"m1"}});
    auto const ours = book.pin(alice, {{"m2"}});
    world.sealed(ours);
    EXPECT_EQ(world.state_of(ours.batch.messages[0]), "sent");

    world.pin(theirs);
    world.pin(ours);
    EXPECT_EQ(world.state_of(ours.batch.messages[0]), "sent");
    EXPECT_FALSE(world.wants(ours));
    world.payload(theirs);

    EXPECT_THAT(world.settled(), ElementsAre("m1 confirmed on orders", "m2 confirmed on orders"));
    EXPECT_THAT(world.heard(), ElementsAre("m1 confirmed", "m2 confirmed, our own"));
    EXPECT_EQ(world.state_of(ours.batch.messages[0]), "confirmed");
}

TEST_F(SequencerTest, OurOwnBatchIsFoundThoughSomebodyHasPinnedItsDocumentWrongly) {
    auto const ours = book.pin(alice, {{"m1"}});
    auto wrong = ours;
    book.pin_again(wrong, bob);
    wrong.event.pin.batch = book.next_id("no batch");
    world.sealed(ours);

    world.pin(wrong);
    world.pin(ours);

    EXPECT_THAT(world.settled(), ElementsAre("no batch rejected on ff_batch_pin", "m1 confirmed on orders"));
    EXPECT_EQ(world.wanted(), 0u);
}

TEST_F(SequencerTest, WhoWaitsForAMessageIsWokenWhenItIsSettled) {
    auto const m1 = book.pin(alice, {{"m1"}});
    Settled::Watch watch(world.settled_ids(), m1.batch.messages[0].header.id);
    world.payload(m1);
    auto const woken = [&] {
        return world.await(watch.wait_until(world.loop().clock(), world.loop().clock().instant() + 1s));
    };
    EXPECT_EQ(woken(), Woken::timed_out);

    world.pin(m1);

    EXPECT_EQ(woken(), Woken::rung);
}

TEST_F(SequencerTest, AStreamOfMessagesThatOneWasInTheWayOfGoesOnInSeveralCommits) {
    World small(book, {.settle_max = 3});
    small.knows(alice);
    auto const first = book.pin(alice, {{"first", {"a", "b"}}});
    std::vector<Note> notes;
    for (int i = 0; i < 20; ++i) notes.push_back({"m" + std::to_string(i), {i % 2 == 0 ? "a" : "b"}});
    auto const many = book.pin(alice, notes);
    small.pin(first);
    small.payload(many);
    small.pin(many);
    auto const before = small.stage().commits;

    small.payload(first);

    EXPECT_GE(small.stage().commits - before, 20u / 3);
    std::map<std::string, std::vector<std::string>> expected{{"a", {"first confirmed"}}, {"b", {"first confirmed"}}};
    for (auto const& note : notes) expected[note.topics[0]].push_back(note.name + " confirmed");
    EXPECT_EQ(small.outcome().topics, expected);
    EXPECT_EQ(small.count("parked_messages"), 0);
}

TEST_F(SequencerTest, ManyThatWaitForOneIdentityGoOnInSeveralCommits) {
    World small(book, {.settle_max = 2});
    std::vector<Note> notes;
    for (int i = 0; i < 9; ++i) notes.push_back({"m" + std::to_string(i), {"t" + std::to_string(i)}});
    auto const many = book.pin(bob, notes);
    auto const claim = book.pin(bob, {book.claim_of(bob)});
    for (auto const* pinned : {&many, &claim}) small.payload(*pinned);

    small.pin(many);
    EXPECT_EQ(small.waiting().size(), 9u);
    small.pin(claim);

    EXPECT_EQ(small.settled().size(), 10u);
    EXPECT_THAT(small.waiting(), IsEmpty());
}

TEST_F(SequencerTest, EventsAreDenseAndThePinComesBeforeWhatItBrings) {
    auto const m1 = book.pin(alice, {{"m1", {"a", "b"}}});
    world.payload(m1);
    world.pin(m1);

    std::vector<std::string> types;
    std::int64_t next = 0;
    for (auto const& event : world.events()) {
        EXPECT_EQ(event.sequence.value, next++);
        types.emplace_back(log::word(event.type));
    }

    EXPECT_THAT(types, ElementsAre("blockchain_event_received", "message_confirmed", "message_confirmed"));
}

// ---- restarts ----

TEST_F(SequencerTest, Weakness6WhatIsMissingIsWantedAgainAfterARestartByThePinsThatWait) {
    auto const m1 = book.pin(alice, {{"m1"}});
    auto const m2 = book.pin(alice, {{"m2"}});
    world.pin(m1);
    world.payload(m2);
    world.pin(m2);

    world.stop_and_start();

    EXPECT_TRUE(world.wants(m1));
    EXPECT_EQ(world.wanted(), 1u);
    EXPECT_THAT(world.waiting(), ElementsAre("m2 waits for pin", "batch of m1 waits for its payload"));
    world.payload(m1);
    EXPECT_THAT(world.settled(), ElementsAre("m1 confirmed on orders", "m2 confirmed on orders"));
}

TEST_F(SequencerTest, Weakness6NamespacesOfOneDatabaseHaveCursorsAndParkingOfTheirOwn) {
    Home home;
    World one(home, NamespaceId{1}, book, {});
    World two(home, NamespaceId{2}, book, {});
    one.knows(alice);
    two.knows(alice);
    auto const m1 = book.pin(alice, {{"m1"}});
    auto const m2 = book.pin(alice, {{"m2"}});
    one.pin(m1);
    one.pin(m2);
    one.payload(m1);
    two.payload(m2);

    two.pin(m1);
    EXPECT_THAT(two.settled(), IsEmpty());
    one.payload(m2);

    EXPECT_THAT(one.settled(), ElementsAre("m1 confirmed on orders", "m2 confirmed on orders"));
    EXPECT_THAT(two.waiting(), ElementsAre("batch of m1 waits for its payload"));
    two.pin(m2);
    two.payload(m1);
    EXPECT_EQ(two.settled(), one.settled());
}

}  // namespace
}  // namespace lockstep::sequencer
