// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What peers may do: damage, silence, strangers, restarts, hostile frames, and the faults that people set.
#include "swarm/exchange.hpp"

#include <algorithm>

#include "swarm/detail/neighbour.hpp"
#include "swarm/test_members.hpp"

namespace lockstep::swarm {
namespace {

class ExchangePeersTest : public MembersTest {};

TEST_F(ExchangePeersTest, DamagedBytesAreRefusedAndFetchedFromAnother) {
    Member good(world, "good"), b(world, "b");
    good.knows({});
    auto const hash = good.seal("a document");
    Puppet bad(world, "bad", [&](const Frame& frame) -> std::vector<Frame> {
        if (!std::holds_alternative<WantFrame>(frame)) return {};
        return {ChunkFrame{hash, 10, 0, as_bytes("a d0cument")}};
    });
    b.knows({bad.peer(), good.peer()});
    good.knows({b.peer()});
    ASSERT_TRUE(world.until([&] { return b.is_connected("bad") && b.is_connected("good"); }));

    b.exchange().want(hash);

    ASSERT_TRUE(world.until([&] { return b.has(hash); }, 5s));
    EXPECT_EQ(b.staged(hash), "a document");
    EXPECT_EQ(bad.heard(), std::vector<std::string>{"want"});
    EXPECT_EQ(b.status("bad").refused, 1u);
    EXPECT_EQ(b.status("good").received, 1u);
}

TEST_F(ExchangePeersTest, ADamagedPushIsRefusedAndNothingIsStored) {
    Member b(world, "b");
    Puppet bad(world, "bad", [](const Frame&) { return std::vector<Frame>{}; });
    b.knows({bad.peer()});
    auto const hash = sha256("a document");

    bad.call(b, {encode(PushFrame{hash, as_bytes("another")}), encode(PushFrame{hash, as_bytes("a document")})});

    ASSERT_TRUE(world.until([&] { return bad.heard().size() == 3; }));
    EXPECT_EQ(bad.heard(), (std::vector<std::string>{"hello", "refuse", "ack"}));
    EXPECT_EQ(b.arrivals(), std::vector{hash});
}

TEST_F(ExchangePeersTest, ASilentPeerHoldsUpNobodyElse) {
    Member good(world, "good"), b(world, "b", short_answers());
    good.knows({});
    std::vector<Hash> hashes;
    for (int i = 0; i < 12; ++i) hashes.push_back(good.seal("document " + std::to_string(i)));
    Puppet silent(world, "a-silent", [](const Frame&) { return std::vector<Frame>{}; });
    b.knows({silent.peer(), good.peer()});
    good.knows({b.peer()});
    ASSERT_TRUE(world.until([&] { return b.is_connected("a-silent") && b.is_connected("good"); }));

    for (auto const& hash : hashes) b.exchange().want(hash);

    // The silent one's own share waits for one timeout, once.
    ASSERT_TRUE(world.until([&] { return b.exchange().wanted() == 0; }, 3s));
    EXPECT_EQ(b.arrivals().size(), hashes.size());
    auto const late = good.seal("a later one");
    EXPECT_TRUE(world.until([&] { return b.has(late); }, 1s));
}

TEST_F(ExchangePeersTest, APeerThatNeverAcknowledgesIsHungUpAndTriedAgain) {
    Member a(world, "a", short_answers());
    Puppet mute(world, "mute", [](const Frame&) { return std::vector<Frame>{}; });
    a.knows({mute.peer()});
    ASSERT_TRUE(world.until([&] { return a.is_connected("mute"); }));

    a.seal("a document");

    EXPECT_TRUE(world.until([&] { return mute.heard().size() == 3; }));
    EXPECT_EQ(mute.heard(), (std::vector<std::string>{"push", "push", "push"}));
    EXPECT_EQ(a.status("mute").queued, 1u);
}

TEST_F(ExchangePeersTest, APeerThatAnswersNoQuestionIsHungUpHoweverOftenItIsAsked) {
    Member b(world, "b", short_answers());
    Puppet silent(world, "silent", [](const Frame&) { return std::vector<Frame>{}; });
    b.knows({silent.peer()});
    ASSERT_TRUE(world.until([&] { return b.is_connected("silent"); }));

    b.exchange().want(sha256("nobody has it"));

    EXPECT_TRUE(world.until([&] { return !b.is_connected("silent"); }, 6s));
    EXPECT_EQ(b.status("silent").last_error, "the peer does not answer");
    EXPECT_TRUE(world.until([&] { return b.is_connected("silent"); }));
}

TEST_F(ExchangePeersTest, NoMoreThanTheWindowGoesToAPeerThatDoesNotAcknowledge) {
    Exchange::Options options;
    options.window_bytes = 5'000;
    Member a(world, "a", options);
    Puppet mute(world, "mute", [](const Frame&) { return std::vector<Frame>{}; });
    a.knows({mute.peer()});
    ASSERT_TRUE(world.until([&] { return a.is_connected("mute"); }));

    for (char of = 'a'; of < 'z'; ++of) a.seal(long_text(of, 1'000));
    world.pass(5s);

    EXPECT_EQ(mute.heard().size(), 5u);
}

TEST_F(ExchangePeersTest, AStrangerIsRefusedAndComesInOnceItIsRegistered) {
    Member a(world, "a"), b(world, "b");
    a.knows({b.peer()});
    world.pass(3s);
    EXPECT_FALSE(a.is_connected("b"));
    EXPECT_GT(b.exchange().strangers(), 0u);
    EXPECT_LT(b.exchange().strangers(), 20u);
    EXPECT_FALSE(a.status("b").last_error.empty());

    b.knows({a.peer()});

    EXPECT_TRUE(world.until([&] { return a.is_connected("b") && b.is_connected("a"); }, 2s));
}

TEST_F(ExchangePeersTest, APeerThatIsNoLongerOneIsHungUp) {
    Member a(world, "a"), b(world, "b");
    introduce({&a, &b});

    b.knows({});
    world.pass(5s);

    EXPECT_FALSE(a.is_connected("b"));
    EXPECT_TRUE(b.exchange().status().empty());
}

TEST_F(ExchangePeersTest, APeerMayMove) {
    Member a(world, "a"), b(world, "b");
    auto elsewhere = b.peer();
    elsewhere.endpoint = "b:2";
    a.knows({elsewhere});
    b.knows({a.peer()});
    world.pass(3s);
    EXPECT_FALSE(a.is_connected("b"));

    a.knows({b.peer()});

    EXPECT_TRUE(world.until([&] { return a.is_connected("b"); }, 2s));
}

TEST_F(ExchangePeersTest, WhatAPeerMayLeaveUnaskedIsBounded) {
    Exchange::Options options;
    options.staged_bytes_max = 3'000;
    Member a(world, "a"), b(world, "b", options);
    introduce({&a, &b});
    auto const first = a.seal(long_text('1', 1'000)), second = a.seal(long_text('2', 1'000)),
               third = a.seal(long_text('3', 1'000));

    world.pass(10s);
    EXPECT_EQ(b.arrivals(), (std::vector{first, second}));
    EXPECT_EQ(a.outbox(b), 1u);
    EXPECT_GT(a.status("b").refused, 0u);

    b.take(first);  // makes room
    ASSERT_TRUE(world.until([&] { return a.outbox(b) == 0; }));
    EXPECT_EQ(b.arrivals(), (std::vector{first, second, third}));
}

TEST_F(ExchangePeersTest, TinyDocumentsTakeTheirRoomToo) {
    Exchange::Options options;
    options.staged_bytes_max = 1'000;
    Member a(world, "a"), b(world, "b", options);
    introduce({&a, &b});
    for (auto i = 0; i < 10; ++i) a.seal(std::to_string(i));

    world.pass(10s);
    EXPECT_EQ(b.arrivals().size(), 3u);
    EXPECT_EQ(a.outbox(b), 7u);
}

TEST_F(ExchangePeersTest, WhatIsWantedIsTakenThoughThereIsNoRoom) {
    Exchange::Options options;
    options.staged_bytes_max = 500;
    Member a(world, "a"), b(world, "b", options);
    introduce({&a, &b});
    auto const small = a.seal(long_text('1', 1'000)), large = a.seal(long_text('2', 400'000));
    world.pass(5s);
    EXPECT_TRUE(b.arrivals().empty());

    b.exchange().want(small);
    b.exchange().want(large);

    ASSERT_TRUE(world.until([&] { return b.has(small) && b.has(large) && a.outbox(b) == 0; }));
    EXPECT_EQ(b.arrivals().size(), 2u);
}

TEST_F(ExchangePeersTest, AWithholdingMemberHandsOutNothingUntilItIsReleased) {
    Exchange::Options options;
    options.withhold = true;
    Member a(world, "a", options), b(world, "b");
    introduce({&a, &b});
    auto const hash = a.seal("a document"), second = a.seal("another");
    b.exchange().want(hash);
    world.pass(10s);
    EXPECT_TRUE(b.arrivals().empty());
    EXPECT_EQ(a.outbox(b), 2u);

    a.exchange().set_withhold(false);

    EXPECT_TRUE(world.until([&] { return b.has(hash) && b.has(second) && a.outbox(b) == 0; }));
}

TEST_F(ExchangePeersTest, ACutPeerIsNeitherCalledNorHeard) {
    Member a(world, "a"), b(world, "b");
    introduce({&a, &b});

    a.exchange().set_cut("b", true);
    world.pass(20s);
    EXPECT_FALSE(a.is_connected("b"));
    EXPECT_FALSE(b.is_connected("a"));
    auto const hash = b.seal("a document");
    EXPECT_EQ(b.outbox(a), 0u);

    a.exchange().set_cut("b", false);
    ASSERT_TRUE(world.until([&] { return a.is_connected("b") && b.is_connected("a"); }, 1s));
    a.exchange().want(hash);
    EXPECT_TRUE(world.until([&] { return a.has(hash); }));
}

TEST_F(ExchangePeersTest, FaultsMayBeSetBeforeThePeerIsKnown) {
    Member a(world, "a"), b(world, "b");
    a.exchange().set_cut("b", true);
    a.knows({b.peer()});
    b.knows({a.peer()});
    world.pass(10s);
    EXPECT_FALSE(a.is_connected("b"));
    EXPECT_FALSE(b.is_connected("a"));
}

TEST_F(ExchangePeersTest, FramesToADelayedPeerComeLater) {
    Member a(world, "a"), b(world, "b");
    introduce({&a, &b});
    a.exchange().set_delay("b", 3s);
    auto const hash = a.seal("a document");

    world.pass(2s);
    EXPECT_FALSE(b.has(hash));
    EXPECT_TRUE(world.until([&] { return b.has(hash); }, 2s));
}

TEST_F(ExchangePeersTest, AReceiverThatDiesBetweenStoringAndAcknowledgingKeepsItOnce) {
    Member a(world, "a"), b(world, "b");
    introduce({&a, &b});
    b.exchange().set_delay("a", 10s);  // its acknowledgement
    auto const hash = a.seal("a document");
    ASSERT_TRUE(world.until([&] { return b.has(hash); }, 5s));
    EXPECT_EQ(a.outbox(b), 1u);

    b.restart();

    ASSERT_TRUE(world.until([&] { return a.outbox(b) == 0; }));
    EXPECT_EQ(b.arrivals(), std::vector{hash});
}

TEST_F(ExchangePeersTest, WhatWasTakenMeanwhileIsAcknowledgedAndDoesNotComeBack) {
    Member a(world, "a"), b(world, "b");
    introduce({&a, &b});
    b.exchange().set_delay("a", 10s);
    auto const hash = a.seal("a document");
    ASSERT_TRUE(world.until([&] { return b.has(hash); }, 5s));
    b.take(hash);

    b.restart();

    ASSERT_TRUE(world.until([&] { return a.outbox(b) == 0; }));
    EXPECT_FALSE(b.has(hash));
    EXPECT_EQ(b.arrivals(), std::vector{hash});
}

TEST_F(ExchangePeersTest, ASenderThatRestartsSendsItsRowsAgain) {
    Member a(world, "a"), b(world, "b");
    introduce({&a, &b});
    a.exchange().set_withhold(true);
    std::vector<Hash> hashes;
    for (int i = 0; i < 100; ++i) hashes.push_back(a.seal("document " + std::to_string(i)));
    auto const large = a.seal(long_text('x'));

    a.restart();  // rebuilds them from what it stored

    ASSERT_TRUE(world.until([&] { return a.outbox(b) == 0; }));
    hashes.push_back(large);
    EXPECT_EQ(b.arrivals(), hashes);
}

TEST_F(ExchangePeersTest, HowMuchIsQueuedIsKnownBeforeThePeerConnects) {
    Member a(world, "a"), b(world, "b");
    introduce({&a, &b});
    a.exchange().set_withhold(true);
    a.seal("a document");
    b.stop();

    a.restart();
    world.pass(1s);

    EXPECT_EQ(a.status("b").queued, 1u);
    EXPECT_FALSE(a.is_connected("b"));
}

TEST_F(ExchangePeersTest, HostileFramesEndTheConnectionAndNothingElse) {
    Member a(world, "a"), b(world, "b");
    Puppet bad(world, "bad", [](const Frame&) { return std::vector<Frame>{}; });
    a.knows({b.peer(), bad.peer()});
    b.knows({a.peer()});
    ASSERT_TRUE(world.until([&] { return a.is_connected("b") && b.is_connected("a"); }));

    std::vector<Bytes> const frames = {{},
                                       {9},
                                       Bytes(40, 0xff),
                                       encode(HelloFrame{}),
                                       encode(AckFrame{}),
                                       encode(HaveNotFrame{}),
                                       encode(ChunkFrame{}),
                                       encode(OfferFrame{})};
    std::size_t ended = 0;
    for (auto const& frame : frames) {
        bad.call(a, {frame});
        ASSERT_TRUE(world.until([&] { return bad.calls_ended() > ended; }, 5s)) << to_hex(frame);
        ended = bad.calls_ended();
    }
    EXPECT_FALSE(a.status("bad").last_error.empty());
    auto const hash = b.seal("a document");
    EXPECT_TRUE(world.until([&] { return a.has(hash); }, 1s));
}

TEST_F(ExchangePeersTest, WantsOfWhatIsNotHereAreAnsweredOneByOne) {
    Member a(world, "a");
    Puppet asking(world, "asking", [](const Frame&) { return std::vector<Frame>{}; });
    a.knows({asking.peer()});
    auto const hash = a.seal("a document");

    asking.call(a, {encode(WantFrame{sha256("other"), 0}), encode(WantFrame{hash, 0}), encode(WantFrame{hash, 10}),
                    encode(WantFrame{hash, 4'000'000'000})});

    ASSERT_TRUE(world.until([&] { return asking.heard().size() == 5; }));
    EXPECT_EQ(asking.heard(), (std::vector<std::string>{"hello", "have_not", "chunk", "have_not", "have_not"}));
}

TEST_F(ExchangePeersTest, WhoeverAsksInVainTooOftenIsReadMoreSlowly) {
    Member b(world, "b");
    Puppet nosy(world, "nosy", [](const Frame&) { return std::vector<Frame>{}; });
    b.knows({nosy.peer()});
    std::vector<Bytes> questions;
    for (int i = 0; i < vain_at_once + 500; ++i) questions.push_back(encode(WantFrame{sha256(std::to_string(i)), 0}));
    auto const began = world.loop.clock().instant();

    nosy.call(b, std::move(questions));

    ASSERT_TRUE(world.until([&] { return nosy.heard().size() == 1 + vain_at_once + 500; }, 10s));
    EXPECT_GE(world.loop.clock().instant() - began, 499 * vain_interval);
    EXPECT_TRUE(b.is_connected("nosy")) << "it is one of us all the same";
}

TEST_F(ExchangePeersTest, ANewerConnectionOfAPeerReplacesTheOlder) {
    Member a(world, "a");
    Puppet peer(world, "peer", [](const Frame&) { return std::vector<Frame>{}; });
    a.knows({peer.peer()});
    peer.call(a, {});
    ASSERT_TRUE(world.until([&] { return peer.heard().size() == 1; }));

    peer.call(a, {});

    ASSERT_TRUE(world.until([&] { return peer.heard().size() == 2; }));
    EXPECT_TRUE(world.until([&] { return peer.calls_ended() == 1; }));
}

TEST_F(ExchangePeersTest, AnUnwantedDocumentIsNoLongerPulled) {
    Member a(world, "a"), b(world, "b");
    a.knows({});
    auto const hash = a.seal("a document");
    b.exchange().want(hash);
    b.exchange().unwant(hash);
    introduce({&a, &b});
    world.pass(5s);
    EXPECT_FALSE(b.has(hash));
}

TEST_F(ExchangePeersTest, ItEndsOnlyWhenCancelledAndThenAtOnce) {
    Member a(world, "a"), b(world, "b");
    introduce({&a, &b});
    a.seal(long_text('x'));
    b.exchange().want(sha256("nowhere"));
    EXPECT_TRUE(a.is_running());
    auto const before = world.loop.clock().instant();
    a.stop();
    EXPECT_LT(world.loop.clock().instant() - before, 1s);
    world.pass(60s);
    EXPECT_TRUE(b.is_running());
}

TEST_F(ExchangePeersTest, TheEndpointThatIsTakenIsRefused) {
    Member a(world, "a");
    auto const network = world.net.host("other", "other");
    flow::Feed inbox("inbox", Member::ns);
    Exchange::Options options;
    options.endpoint = "a:1";
    auto const exchange = make_exchange(
        Member::ns, world.loop.executor(), world.loop.clock(), *world.chance, a.database(), *network, inbox,
        [](store::Snapshot&, const Hash&) { return std::nullopt; }, "other", options);
    ASSERT_FALSE(exchange);
    EXPECT_EQ(exchange.error().code(), "LS10010");
}

}  // namespace
}  // namespace lockstep::swarm
