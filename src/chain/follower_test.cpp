// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Confirmed blocks into the inbox, in chain order, each event once. The numbers of invariants are those of
// the README.
#include "chain/follower.hpp"

#include "chain/test_world.hpp"

namespace lockstep::chain {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

TEST(RowKey, IsEightBytesThatSortAsTheNumbersDo) {
    EXPECT_EQ(row_key(0x0102030405060708), (Bytes{1, 2, 3, 4, 5, 6, 7, 8}));
    for (auto const seq : {std::int64_t{0}, std::int64_t{1}, std::int64_t{255}, std::int64_t{256}, INT64_MAX})
        EXPECT_EQ(row_of(row_key(seq)), seq);
    EXPECT_LT(row_key(255), row_key(256));
}

TEST(Follower, BringsPinsIntoTheInboxInChainOrder) {
    ChainWorld world;
    world.ledger.grow({{"a", "b"}, {}, {"c"}});
    world.follow();
    EXPECT_THAT(world.inbox_pins(), ElementsAre("a", "b", "c"));

    world.ledger.grow({{"d"}});
    world.settle();

    EXPECT_THAT(world.inbox_pins(), ElementsAre("a", "b", "c", "d"));
    EXPECT_EQ(world.follower->status().block, 3);
    EXPECT_EQ(world.follower->status().head, 3);
    EXPECT_EQ(world.follower->status().blocks, 4U);
    EXPECT_EQ(world.follower->status().events, 4U);
    EXPECT_EQ(world.age(), Duration::zero()) << "it is told and does not poll";
}

TEST(Follower, KeepsWhereAnEventStandsOnTheChain) {
    ChainWorld world;
    world.ledger.grow({{}, {"a", "b"}});
    world.follow();

    auto const row = world.read([](store::Snapshot& snapshot) { return find_event(snapshot, flow::test_ns, 2); });

    ASSERT_TRUE(row);
    EXPECT_EQ(row->event.pin.payload_ref, "b");
    EXPECT_EQ(row->event.block, BlockNumber{1});
    EXPECT_EQ(row->event.block_hash, world.ledger.chain[1].hash);
    EXPECT_EQ(row->event.tx_index, 1);
    EXPECT_EQ(row->created, world.clock().now());
}

TEST(Follower, RingsTheInboxForEventsAndItselfForBlocks) {
    ChainWorld world;
    world.follow();
    auto const inbox = world.inbox->tap().rings();
    auto const moved = world.follower->moved().rings();

    world.ledger.grow_empty(1);
    world.settle();
    EXPECT_EQ(world.inbox->tap().rings(), inbox);
    EXPECT_EQ(world.follower->moved().rings(), moved + 1);
    world.ledger.grow({{"a"}});
    world.settle();
    EXPECT_EQ(world.inbox->tap().rings(), inbox + 1);
    EXPECT_EQ(world.follower->moved().rings(), moved + 2);
}

TEST(Follower, TakesPagesAndAsksAgainForWhatALedgerHeldBack) {
    ChainWorld world({.page_blocks_max = 4});
    world.ledger.page_blocks_max = 3;
    world.ledger.grow_empty(8);
    world.follow();

    EXPECT_THAT(world.ledger.asked, ElementsAre(Pair(0, 3), Pair(3, 6), Pair(6, 7)));
    EXPECT_EQ(world.cursor().block, 7);
}

// ---- confirmations and forks (invariant 1) ----

TEST(Follower, TakesABlockWhenItsConfirmationsStandOnIt) {
    ChainWorld world({.confirmations = 2});
    world.ledger.grow({{"a"}, {"b"}});
    world.follow();
    EXPECT_THAT(world.inbox_pins(), IsEmpty());
    EXPECT_THAT(world.ledger.asked, IsEmpty()) << "what is above is never looked at";

    world.ledger.grow_empty(1);
    world.settle();
    EXPECT_THAT(world.inbox_pins(), ElementsAre("a"));
    world.ledger.grow_empty(1);
    world.settle();
    EXPECT_THAT(world.inbox_pins(), ElementsAre("a", "b"));
    EXPECT_THAT(world.ledger.asked, ElementsAre(Pair(0, 0), Pair(1, 1)));
}

TEST(Follower, SeesNothingOfAForkThatIsNoDeeperThanTheConfirmations) {
    ChainWorld world({.confirmations = 2});
    world.ledger.grow({{"a"}, {"b"}, {"c"}});
    world.follow();
    EXPECT_THAT(world.inbox_pins(), ElementsAre("a"));

    world.ledger.fork(2, {{"c"}, {"x"}, {"b"}});
    world.settle();
    world.ledger.grow_empty(2);
    world.settle();

    EXPECT_THAT(world.inbox_pins(), ElementsAre("a", "c", "x", "b"));
    EXPECT_EQ(world.follower->status().retries, 0U);
    EXPECT_EQ(world.follower->status().repeated, 0U);
}

TEST(Follower, StandsStillWhileAForkIsShorterThanWhatWasThere) {
    ChainWorld world({.confirmations = 1});
    world.ledger.grow({{"a"}, {"b"}, {"c"}});
    world.follow();
    EXPECT_EQ(world.cursor().block, 1);

    world.ledger.fork(1, {{}});
    world.settle();
    EXPECT_EQ(world.cursor().block, 1);
    world.ledger.grow({{"d"}, {}});
    world.settle();

    EXPECT_THAT(world.inbox_pins(), ElementsAre("a", "b", "d"));
}

// ---- the ledger breaks its promise (invariant 4) ----

TEST(Follower, StopsAtAForkDeeperThanTheConfirmationsAndNamesTheBlock) {
    ChainWorld world({.confirmations = 1});
    world.ledger.grow({{"a"}, {"b"}, {"c"}});
    world.follow();
    auto const before = world.cursor();

    world.ledger.fork(2, {{"x"}, {"y"}, {"z"}, {}});
    world.pass(1min);

    EXPECT_THAT(world.inbox_pins(), ElementsAre("a", "b"));
    EXPECT_EQ(world.cursor().block, before.block);
    EXPECT_EQ(world.cursor().hash, before.hash);
    EXPECT_THAT(world.follower->status().last_error, HasSubstr("block 2 does not follow"));
    EXPECT_GT(world.follower->status().retries, 10U) << "it keeps looking";
    EXPECT_LT(world.follower->status().retries, 40U) << "but not all the time";
}

TEST(Follower, KnowsADeepForkAlsoAfterARestart) {
    ChainWorld world;
    world.ledger.grow({{"a"}, {"b"}});
    world.follow();
    world.restart();
    world.ledger.fork(1, {{"x"}, {"y"}});
    world.follow();

    EXPECT_THAT(world.inbox_pins(), ElementsAre("a", "b"));
    EXPECT_THAT(world.follower->status().last_error, HasSubstr("block 2 does not follow"));
}

TEST(Follower, DoesNotStepOverAGapInThePage) {
    ChainWorld world;
    world.ledger.grow({{"a"}, {"b"}, {"c"}});
    world.ledger.chain.erase(world.ledger.chain.begin() + 1);
    world.follow();

    EXPECT_THAT(world.inbox_pins(), IsEmpty());
    EXPECT_THAT(world.follower->status().last_error, HasSubstr("block 2 does not follow"));
}

TEST(Follower, DoesNotBeginAfterTheFirstBlock) {
    ChainWorld world;
    world.ledger.grow({{"a"}, {"b"}});
    world.ledger.chain.erase(world.ledger.chain.begin());
    world.follow();

    EXPECT_EQ(world.cursor().block, -1);
    EXPECT_THAT(world.follower->status().last_error, HasSubstr("block 1 does not follow"));
}

TEST(Follower, DoesNotStepOverAGapInWhatIsRepeated) {
    ChainWorld world;
    world.ledger.grow({{"a"}, {"b"}, {"c"}});
    world.follow();
    world.ledger.chain.erase(world.ledger.chain.begin() + 1);
    world.ledger.replay_from(1);
    world.settle();

    EXPECT_EQ(world.follower->status().repeated, 0U);
    EXPECT_THAT(world.follower->status().last_error, HasSubstr("block 2 does not follow"));
}

TEST(Follower, WaitsForALedgerThatHasLessThanItSaid) {
    ChainWorld world;
    world.ledger.grow({{"a"}});
    auto held_back = world.ledger.chain;
    world.ledger.chain.clear();
    world.follow();
    EXPECT_EQ(world.cursor().block, -1);

    world.ledger.chain = held_back;
    world.ledger.grow({{"b"}});
    world.settle();

    EXPECT_THAT(world.inbox_pins(), ElementsAre("a", "b"));
}

// ---- repetition (invariant 3) ----

TEST(Follower, DropsWhatALedgerRepeats) {
    ChainWorld world;
    world.ledger.grow({{"a"}, {"b"}, {"c", "d"}});
    world.follow();
    auto const rings = world.inbox->tap().rings();

    world.ledger.replay_from(1);
    world.settle();

    EXPECT_THAT(world.ledger.asked, ElementsAre(Pair(0, 2), Pair(1, 2)));
    EXPECT_EQ(world.follower->status().repeated, 3U);
    EXPECT_THAT(world.inbox_pins(), ElementsAre("a", "b", "c", "d"));
    EXPECT_EQ(world.inbox->tap().rings(), rings) << "nothing is new";
    EXPECT_EQ(world.cursor().block, 2);
    world.ledger.grow({{"e"}});
    world.settle();
    EXPECT_THAT(world.inbox_pins(), ElementsAre("a", "b", "c", "d", "e"));
}

TEST(Follower, ReadsTheWholeChainAgainWhenToldSo) {
    ChainWorld world;
    world.ledger.grow({{"a"}, {"b"}});
    world.follow();
    world.ledger.replay_from(0);
    world.settle();

    EXPECT_THAT(world.ledger.asked, ElementsAre(Pair(0, 1), Pair(0, 1)));
    EXPECT_EQ(world.follower->status().repeated, 2U);
    EXPECT_THAT(world.inbox_pins(), ElementsAre("a", "b"));
}

TEST(Follower, NeverMovesItsCursorBackForARepetition) {
    ChainWorld world({.page_blocks_max = 1});
    world.ledger.grow({{"a"}, {"b"}, {"c"}});
    world.follow();

    world.die_at(1, true);  // after the first of the pages that come again
    world.ledger.replay_from(0);
    world.settle();
    ASSERT_TRUE(world.died());
    world.crash();

    EXPECT_EQ(world.cursor().block, 2);
    world.follow();
    world.ledger.grow({{"d"}});
    world.settle();
    EXPECT_THAT(world.inbox_pins(), ElementsAre("a", "b", "c", "d"));
}

TEST(Follower, IgnoresARepetitionOfWhatItHasNotTakenYet) {
    ChainWorld world({.confirmations = 2});
    world.ledger.grow({{"a"}, {"b"}, {"c"}});
    world.follow();
    world.ledger.replay_from(1);
    world.settle();
    world.ledger.grow_empty(2);
    world.settle();

    EXPECT_EQ(world.follower->status().repeated, 0U);
    EXPECT_THAT(world.inbox_pins(), ElementsAre("a", "b", "c"));
}

// ---- a ledger that is away ----

TEST(Follower, TriesAgainWhenTheLedgerCannotBeReached) {
    ChainWorld world;
    world.ledger.grow({{"a"}});
    world.ledger.failures = 5;
    world.follow();
    EXPECT_THAT(world.inbox_pins(), IsEmpty());
    EXPECT_EQ(world.follower->status().last_error, "the ledger is away");

    world.pass(2s);

    EXPECT_THAT(world.inbox_pins(), ElementsAre("a"));
    EXPECT_EQ(world.follower->status().retries, 5U);
}

TEST(Follower, TriesAgainWhenTheDiskIsFull) {
    ChainWorld world;
    world.ledger.grow({{"a"}});
    world.disk().set_capacity(world.disk().bytes_used());
    world.follow();
    world.pass(10s);
    EXPECT_EQ(world.follower->status().block, -1);

    world.disk().set_capacity(std::nullopt);
    world.pass(5s);

    EXPECT_THAT(world.inbox_pins(), ElementsAre("a"));
}

// ---- deaths (invariant 2) ----

TEST(Follower, BeginsWhereItEnded) {
    ChainWorld world;
    world.ledger.grow({{"a"}, {"b"}});
    world.follow();
    world.restart();
    EXPECT_EQ(world.cursor().block, 1);
    EXPECT_EQ(world.cursor().hash, world.ledger.chain[1].hash);

    world.ledger.grow({{"c"}});
    world.follow();

    EXPECT_THAT(world.ledger.asked, ElementsAre(Pair(0, 1), Pair(2, 2)));
    EXPECT_THAT(world.inbox_pins(), ElementsAre("a", "b", "c"));
}

TEST(Follower, DyingAtACommitRepeatsAllOfThePageOrNothing) {
    for (bool const after : {false, true}) {
        for (int commit = 0; commit < 3; ++commit) {
            SCOPED_TRACE(testing::Message() << (after ? "after" : "before") << " commit " << commit);
            ChainWorld world({.page_blocks_max = 2});
            world.ledger.grow({{"0"}, {"1"}, {"2"}, {"3"}, {"4"}, {"5"}});

            world.die_at(commit, after);
            world.follow();
            ASSERT_TRUE(world.died());
            world.crash();

            auto const blocks = 2 * (after ? commit + 1 : commit);
            EXPECT_EQ(std::ssize(world.inbox_pins()), blocks);
            EXPECT_EQ(world.cursor().block, blocks - 1);
            world.follow();
            EXPECT_THAT(world.inbox_pins(), ElementsAre("0", "1", "2", "3", "4", "5"));
            EXPECT_EQ(world.follower->status().repeated, 0U);
        }
    }
}

TEST(Follower, TakesEachEventOnceOnADiskThatLosesUnsyncedWrites) {
    int deaths = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE(testing::Message() << "seed " << seed);
        ChainWorld world({.page_blocks_max = 2}, seed);
        std::vector<std::string> wanted;
        for (int life = 0; life < 6; ++life) {
            for (int i = 0; i < 5; ++i) {
                wanted.push_back(std::to_string(wanted.size()));
                world.ledger.grow({{wanted.back()}});
            }
            world.disk().freeze_after(world.chance().below(20));
            world.follow();
            deaths += world.disk().is_frozen() ? 1 : 0;
            world.crash();
            auto const pins = world.inbox_pins();
            ASSERT_EQ(world.cursor().block, std::ssize(pins) - 1);
            ASSERT_TRUE(std::equal(pins.begin(), pins.end(), wanted.begin()));
        }
        world.follow();
        ASSERT_EQ(world.inbox_pins(), wanted);
    }
    EXPECT_GT(deaths, 50) << "otherwise this shows nothing";
}

TEST(Follower, OfEachNamespaceHasItsOwnPlace) {
    ChainWorld world;
    world.ledger.grow({{"a"}});
    world.follow();
    flow::Feed inbox("inbox", NamespaceId{2});
    Follower other(NamespaceId{2}, world.ledger, world.database(), inbox, world.clock(), world.chance(), world.ids(),
                   {});
    world.spawn(other.run());

    EXPECT_EQ(other.status().events, 1U) << "one that the first has taken as well";
    EXPECT_EQ(world.count("chain_events"), 2);
    EXPECT_EQ(world.count("chain_heads"), 2);
    EXPECT_THAT(world.inbox_pins(), ElementsAre("a"));
    world.restart();  // before `other` goes
}

}  // namespace
}  // namespace lockstep::chain
