// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Messages that no pin speaks for: who may send them, and what they wait for.
#include "sequencer/sequencer.hpp"
#include "sequencer/test_arrivals.hpp"

namespace lockstep::sequencer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class UnpinnedTest : public testing::Test {
  protected:
    // What travels when alice tells the group something.
    std::string unpinned(const std::string& name, const std::function<void(Batch&)>& change = {}) {
        Note note;
        note.name = name;
        note.change = [](Message& message) { message.header.txtype = TxType::unpinned; };
        auto pinned = book.pin_private(alice, group, {note}, {}, [&](Batch& batch) {
            batch.tx.type = TxType::unpinned;
            if (change) change(batch);
        });
        pinned.batch.messages[0].pins.clear();
        return private_document_json({group, pinned.batch});
    }
    std::string peer_of(const Author& author) { return "peer of node of " + author.org.name; }
    void know_both() {
        world.knows(alice);
        world.knows(bob);
    }

    Book book;
    World world{book};
    Author alice = book.author("alice"), bob = book.author("bob"), carol = book.author("carol");
    Group group = book.group("gold", {alice, bob});
};

TEST_F(UnpinnedTest, AMessageIsConfirmedWhenItArrivesAndOnce) {
    know_both();
    auto const text = unpinned("m1");

    world.document(text, peer_of(alice));
    world.document(text, peer_of(alice));

    EXPECT_THAT(world.settled(), ElementsAre("m1 confirmed on orders"));
    EXPECT_EQ(world.count("payloads"), 0);
}

TEST_F(UnpinnedTest, WhatAnotherNodeSendsOrSignsIsDropped) {
    know_both();
    world.knows(carol);

    world.document(unpinned("m1"), peer_of(bob));
    world.document(unpinned("m2",
                            [&](Batch& batch) {
                                batch.key = batch.messages[0].header.key = bob.key;
                                seal(batch.messages[0]);
                            }),
                   peer_of(alice));
    world.document(unpinned("m3", [&](Batch& batch) { batch.node = carol.node.id; }), peer_of(carol));

    EXPECT_THAT(world.settled(), IsEmpty());
    EXPECT_EQ(world.count("payloads"), 0);
    EXPECT_EQ(world.count("unpinned_waits"), 0);
}

// Its claim comes by the ledger, which may be slower than the peer link.
TEST_F(UnpinnedTest, AMessageWaitsForWhoIsNotRegisteredYetAlsoThroughACrash) {
    world.knows(bob);
    world.document(unpinned("m1"), peer_of(alice));
    EXPECT_THAT(world.settled(), IsEmpty());
    EXPECT_EQ(world.count("unpinned_waits"), 1);
    world.crash();

    auto const told = world.blocked();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].topic, "orders");
    EXPECT_EQ(told[0].group, group.hash);
    EXPECT_EQ(told[0].reason, WaitFor::identity);
    EXPECT_EQ(told[0].missing, alice.org.did);
    EXPECT_EQ(told[0].detail, "nobody is registered as " + alice.org.did);
    EXPECT_FALSE(told[0].since.is_zero());
    auto const again = world.rewind_of(told[0].context);
    ASSERT_TRUE(again);
    EXPECT_THAT(again->unpinned, ElementsAre(*told[0].payload));

    auto const org = book.pin(alice, {book.claim_of(alice)});
    world.payload(org);
    world.pin(org);
    EXPECT_EQ(world.count("unpinned_waits"), 1) << "now for its node";
    auto const node = book.pin(alice, {book.node_claim_of(alice)});
    world.payload(node);
    world.pin(node);

    EXPECT_EQ(world.settled().back(), "m1 confirmed on orders");
    EXPECT_THAT(world.blocked(), IsEmpty());
    EXPECT_EQ(world.count("unpinned_waits"), 0);
    EXPECT_EQ(world.count("payloads"), 0);
}

}  // namespace
}  // namespace lockstep::sequencer
