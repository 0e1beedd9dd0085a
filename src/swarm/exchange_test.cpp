// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "swarm/exchange.hpp"

#include <algorithm>

#include "swarm/test_members.hpp"

namespace lockstep::swarm {
namespace {

class ExchangeTest : public MembersTest {};

TEST_F(ExchangeTest, ASealedDocumentArrivesOnceAndLeavesTheOutbox) {
    Member a(world, "a"), b(world, "b");
    introduce({&a, &b});

    auto const hash = a.seal("a document");
    EXPECT_EQ(a.status("b").queued, 1u);
    EXPECT_EQ(a.outbox(b), 1u);

    ASSERT_TRUE(world.until([&] { return a.outbox(b) == 0; }));
    EXPECT_EQ(b.staged(hash), "a document");
    EXPECT_EQ(b.arrivals(), std::vector{hash});
    EXPECT_EQ(a.status("b").sent, 1u);
    EXPECT_EQ(a.status("b").queued, 0u);
    EXPECT_EQ(b.status("a").received, 1u);
    EXPECT_TRUE(a.arrivals().empty());
}

TEST_F(ExchangeTest, TheInboxIsRungWhenADocumentIsThere) {
    Member a(world, "a"), b(world, "b");
    introduce({&a, &b});
    auto const seen = b.inbox().tap().rings();

    a.seal("a document");

    EXPECT_TRUE(world.until([&] { return b.inbox().tap().rings() > seen; }));
}

TEST_F(ExchangeTest, ALongDocumentIsOfferedAndComesWhole) {
    Member a(world, "a"), b(world, "b");
    introduce({&a, &b});
    auto const text = long_text('x');

    auto const hash = a.seal(text);
    auto const small = a.seal("a short one behind it");

    ASSERT_TRUE(world.until([&] { return a.outbox(b) == 0; }));
    EXPECT_EQ(b.staged(hash), text);
    EXPECT_EQ(b.arrivals(), (std::vector{hash, small}));
}

TEST_F(ExchangeTest, EveryConnectedMemberGetsIt) {
    Member a(world, "a"), b(world, "b"), c(world, "c");
    introduce({&a, &b, &c});

    auto const hash = b.seal("a document");

    EXPECT_TRUE(world.until([&] { return a.has(hash) && c.has(hash); }));
}

TEST_F(ExchangeTest, AcknowledgementsOfManyGoInFewCommits) {
    Member a(world, "a"), b(world, "b");
    introduce({&a, &b});
    constexpr int documents = 50;
    for (int i = 0; i < documents; ++i) a.seal("document " + std::to_string(i));
    auto const before = a.database().stats().closures;

    ASSERT_TRUE(world.until([&] { return a.outbox(b) == 0; }));

    EXPECT_LE(a.database().stats().closures - before, 3u);
    EXPECT_EQ(b.arrivals().size(), std::size_t{documents});
}

TEST_F(ExchangeTest, WhatIsQueuedSurvivesACutAndGoesAfterwards) {
    Member a(world, "a"), b(world, "b");
    introduce({&a, &b});
    a.exchange().set_withhold(true);
    auto const hash = a.seal("a document");
    world.net.cut("a", "b");
    ASSERT_TRUE(world.until([&] { return !a.is_connected("b"); }));
    a.exchange().set_withhold(false);
    world.pass(5s);
    EXPECT_EQ(a.outbox(b), 1u);
    EXPECT_FALSE(b.has(hash));

    world.net.heal("a", "b");

    EXPECT_TRUE(world.until([&] { return b.has(hash) && a.outbox(b) == 0; }));
}

TEST_F(ExchangeTest, NothingIsQueuedForWhoIsNotConnectedButItCanBePulled) {
    Member a(world, "a"), b(world, "b");
    a.knows({b.peer()});
    b.knows({});
    world.pass(5s);
    auto const hash = a.seal("a document");
    EXPECT_EQ(a.outbox(b), 0u);

    introduce({&a, &b});
    b.exchange().want(hash);
    EXPECT_EQ(b.exchange().wanted(), 1u);

    ASSERT_TRUE(world.until([&] { return b.exchange().wanted() == 0; }));
    EXPECT_EQ(b.staged(hash), "a document");
    EXPECT_EQ(b.arrivals(), std::vector{hash});
    EXPECT_EQ(a.status("b").served, 1u);
}

TEST_F(ExchangeTest, APullAsksTheNextPeerWhenOneHasItNot) {
    Member a(world, "a"), b(world, "b"), c(world, "c");
    b.knows({});
    auto const hash = b.seal("a document");
    introduce({&a, &b, &c});

    c.exchange().want(hash);  // asks a first

    ASSERT_TRUE(world.until([&] { return c.has(hash); }, 5s));
    EXPECT_EQ(a.status("c").served, 0u);
    EXPECT_EQ(b.status("c").served, 1u);
}

TEST_F(ExchangeTest, WhatIsStagedOrTakenAtAnotherMemberCanBePulledFromThere) {
    Member a(world, "a"), b(world, "b"), c(world, "c");
    introduce({&a, &b});
    auto const staged = a.seal("staged at b"), taken = a.seal("taken at b");
    ASSERT_TRUE(world.until([&] { return b.has(staged) && b.has(taken); }));
    b.take(taken);
    a.stop();

    b.knows({c.peer()});
    c.knows({b.peer()});
    c.exchange().want(staged);
    c.exchange().want(taken);

    EXPECT_TRUE(world.until([&] { return c.has(staged) && c.has(taken); }));
}

TEST_F(ExchangeTest, APullWaitsUntilSomebodyHasIt) {
    Member a(world, "a"), b(world, "b");
    introduce({&a, &b});
    a.exchange().set_withhold(true);
    auto const hash = a.seal("a document");
    b.exchange().want(hash);
    world.pass(60s);
    EXPECT_FALSE(b.has(hash));
    EXPECT_EQ(b.exchange().wanted(), 1u);

    a.exchange().set_withhold(false);

    EXPECT_TRUE(world.until([&] { return b.has(hash); }));
    EXPECT_EQ(b.arrivals(), std::vector{hash});
    EXPECT_EQ(b.exchange().wanted(), 0u);
}

TEST_F(ExchangeTest, WhoConnectsLaterIsAskedAtOnce) {
    Member a(world, "a"), b(world, "b"), c(world, "c");
    c.knows({});
    auto const hash = c.seal("a document");
    introduce({&a, &b});
    b.exchange().want(hash);
    world.pass(120s);

    b.knows({a.peer(), c.peer()});
    c.knows({b.peer()});

    EXPECT_TRUE(world.until([&] { return b.has(hash); }, 1s));
}

TEST_F(ExchangeTest, APullGoesOnAtAnotherPeerWhereACutStoppedIt) {
    std::string const text = long_text('x', 800'000);
    auto const hash = sha256(text);
    std::vector<std::uint32_t> asked;
    Member b(world, "b");
    Puppet first(world, "first", [&](const Frame& frame) -> std::vector<Frame> {
        auto const* want = std::get_if<WantFrame>(&frame);
        if (!want || want->offset > 0) return {};
        return {ChunkFrame{hash, 800'000, 0, as_bytes(text).first(300'000)}};
    });
    Puppet second(world, "second", [&](const Frame& frame) -> std::vector<Frame> {
        auto const* want = std::get_if<WantFrame>(&frame);
        if (!want) return {};
        asked.push_back(want->offset);
        return {ChunkFrame{hash, 800'000, want->offset, as_bytes(text).subspan(want->offset)}};
    });
    b.knows({first.peer()});
    b.exchange().want(hash);
    ASSERT_TRUE(world.until([&] { return !first.heard().empty(); }));
    world.pass(1s);
    b.knows({first.peer(), second.peer()});
    ASSERT_TRUE(world.until([&] { return b.is_connected("second"); }));

    world.net.cut("b", "first");

    ASSERT_TRUE(world.until([&] { return b.has(hash); }, 5s));
    EXPECT_EQ(asked, std::vector<std::uint32_t>{300'000});
    EXPECT_EQ(b.staged(hash), text);
}

TEST_F(ExchangeTest, APushGoesOnWhereACutStoppedIt) {
    Member a(world, "a"), b(world, "b");
    auto const text = long_text('x', 900'000);
    introduce({&a, &b});
    a.exchange().set_delay("b", 1s);  // a chunk each second
    auto const hash = a.seal(text);
    world.pass(4s);
    world.net.cut("a", "b");
    world.pass(2s);
    auto const frames = world.net.stats().frames;

    a.exchange().set_delay("b", 0s);
    world.net.heal("a", "b");

    ASSERT_TRUE(world.until([&] { return a.outbox(b) == 0; }));
    EXPECT_EQ(b.staged(hash), text);
    // Two connections with two hellos each, offer, want, ack, and 7 chunks if none had come before.
    EXPECT_LT(world.net.stats().frames - frames, 4u + 3u + 7u);
}

TEST_F(ExchangeTest, ALinkThatBreaksAgainAndAgainIsTriedSoonAsLongAsItCarries) {
    Member a(world, "a");
    // Acknowledges one document, and then a frame that has no place here ends the connection.
    Puppet brittle(world, "brittle", [&](const Frame& frame) -> std::vector<Frame> {
        auto const* push = std::get_if<PushFrame>(&frame);
        if (!push) return {};
        return {AckFrame{push->hash}, PushFrame{push->hash, {}}};
    });
    a.knows({brittle.peer()});
    for (auto round = 0; round < 20; ++round) {
        ASSERT_TRUE(world.until([&] { return a.is_connected("brittle"); }, 1s)) << "round " << round;
        a.seal("document " + std::to_string(round));
        ASSERT_TRUE(world.until([&] { return !a.is_connected("brittle"); }));
    }
    EXPECT_EQ(a.status("brittle").sent, 20u);
}

}  // namespace
}  // namespace lockstep::swarm
