// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "swarm/detail/pulls.hpp"

#include <gtest/gtest.h>

#include "core/sha256.hpp"

namespace lockstep::swarm {
namespace {

class PullsTest : public testing::Test {
  protected:
    using Verdict = Pulls::Verdict;

    static Pulls::Options options() {
        Pulls::Options options;
        options.payload_bytes_max = 100'000;
        options.at_once_max = 3;
        options.at_once_per_peer_max = 2;
        options.partial_bytes_max = 20'000;
        options.answer_timeout = 10s;
        options.answer_timeouts_max = 3;
        options.retry = {.first = 1s, .most = 8s};
        return options;
    }
    Verdict chunk(const std::string& peer, std::size_t offset, std::size_t size) {
        return chunk(peer, offset, size, document);
    }
    Verdict chunk(const std::string& peer, std::size_t offset, std::size_t size, const std::string& text) {
        ChunkFrame const frame{hash, static_cast<std::uint32_t>(text.size()), static_cast<std::uint32_t>(offset),
                               as_bytes(text).subspan(offset, size)};
        auto taken = pulls.chunk(peer, frame, now);
        arrived = as_text(taken.document);
        return taken.verdict;
    }
    // Whom it asks, and from where: "a 5000".
    std::string asks() {
        auto const ask = pulls.next(now);
        if (!ask) return "nobody";
        if (ask->offset == 0) return ask->peer;
        return ask->peer + " " + std::to_string(ask->offset);
    }

    std::unique_ptr<Chance> chance = make_seeded_chance(1);
    Pulls pulls{options(), *chance};
    Instant now;
    const std::string document = std::string(12'000, 'x') + "y";
    const Hash hash = sha256(document);
    std::string arrived;
};

TEST_F(PullsTest, ADocumentIsAskedForAndComesInChunks) {
    pulls.peer_up("a");
    pulls.want(hash);

    EXPECT_EQ(asks(), "a");
    EXPECT_EQ(asks(), "nobody");
    EXPECT_EQ(chunk("a", 0, 8'000), Verdict::more);
    EXPECT_EQ(chunk("a", 8'000, 4'001), Verdict::complete);
    EXPECT_EQ(arrived, document);
    EXPECT_TRUE(pulls.wants(hash));

    pulls.arrived(hash);
    EXPECT_FALSE(pulls.wants(hash));
    EXPECT_FALSE(pulls.wake_at());
}

TEST_F(PullsTest, NobodyIsAskedUntilSomebodyConnects) {
    pulls.want(hash);
    EXPECT_EQ(asks(), "nobody");
    EXPECT_FALSE(pulls.wake_at());
    pulls.peer_up("a");
    EXPECT_EQ(asks(), "a");
}

TEST_F(PullsTest, TheNextPeerIsAskedWhenOneHasItNot) {
    pulls.peer_up("a");
    pulls.peer_up("b");
    pulls.want(hash);
    EXPECT_EQ(asks(), "a");
    pulls.have_not("b", hash);  // was not asked
    EXPECT_EQ(asks(), "nobody");
    pulls.have_not("a", hash);
    EXPECT_EQ(asks(), "b");
}

TEST_F(PullsTest, WhenNobodyHasItAllAreAskedAgainLaterAndLater) {
    pulls.peer_up("a");
    pulls.want(hash);
    Duration last{};
    for (auto const most : {1s, 2s, 4s, 8s, 8s}) {
        EXPECT_EQ(asks(), "a");
        pulls.have_not("a", hash);
        EXPECT_EQ(asks(), "nobody");
        last = *pulls.wake_at() - now;
        EXPECT_GE(last, most / 2);
        EXPECT_LE(last, most);
        now = *pulls.wake_at();
    }
}

TEST_F(PullsTest, WhoeverConnectsIsAskedAtOnce) {
    pulls.peer_up("a");
    pulls.want(hash);
    asks();
    pulls.have_not("a", hash);
    EXPECT_EQ(asks(), "nobody");

    pulls.peer_up("b");
    EXPECT_EQ(asks(), "b");
    pulls.have_not("b", hash);
    EXPECT_EQ(asks(), "nobody");

    pulls.peer_down("a");
    pulls.peer_up("a");
    EXPECT_EQ(asks(), "a");
}

TEST_F(PullsTest, TheRestIsAskedForWhenThePeerLeaves) {
    pulls.peer_up("a");
    pulls.peer_up("b");
    pulls.want(hash);
    asks();
    chunk("a", 0, 8'000);

    pulls.peer_down("a");

    EXPECT_EQ(asks(), "b 8000");
    EXPECT_EQ(chunk("b", 8'000, 4'001), Verdict::complete);
    EXPECT_EQ(arrived, document);
}

TEST_F(PullsTest, TheSamePeerGoesOnWhereItWasCut) {
    pulls.peer_up("a");
    pulls.want(hash);
    asks();
    chunk("a", 0, 8'000);
    pulls.peer_down("a");
    EXPECT_EQ(asks(), "nobody");
    pulls.peer_up("a");
    EXPECT_EQ(asks(), "a 8000");
}

TEST_F(PullsTest, DamagedBytesAreDroppedAndAnotherPeerIsAskedFromTheBeginning) {
    pulls.peer_up("a");
    pulls.peer_up("b");
    pulls.want(hash);
    asks();
    EXPECT_EQ(chunk("a", 0, 12'001, std::string(12'001, 'z')), Verdict::damaged);
    EXPECT_EQ(asks(), "b");
    EXPECT_EQ(chunk("b", 0, 12'001), Verdict::complete);
}

TEST_F(PullsTest, ADocumentBeyondTheLimitIsDamaged) {
    pulls.peer_up("a");
    pulls.want(hash);
    asks();
    EXPECT_EQ(chunk("a", 0, 5'000, std::string(100'001, 'x')), Verdict::damaged);
}

TEST_F(PullsTest, PeersThatDisagreeAboutTheLengthMakeItBeginAnew) {
    pulls.peer_up("a");
    pulls.peer_up("b");
    pulls.want(hash);
    asks();
    chunk("a", 0, 8'000, std::string(20'000, 'x'));
    pulls.peer_down("a");
    EXPECT_EQ(asks(), "b 8000");

    EXPECT_EQ(chunk("b", 8'000, 4'001), Verdict::ignored);
    EXPECT_EQ(asks(), "b");
    EXPECT_EQ(chunk("b", 0, 12'001), Verdict::complete);
}

TEST_F(PullsTest, APeerThatContradictsItselfIsNotAskedAgainSoon) {
    pulls.peer_up("a");
    pulls.want(hash);
    asks();
    chunk("a", 0, 8'000);
    EXPECT_EQ(chunk("a", 8'000, 5'000, std::string(20'000, 'x')), Verdict::damaged);
    EXPECT_EQ(asks(), "nobody");
    EXPECT_TRUE(pulls.wake_at());
}

TEST_F(PullsTest, ASilentPeerLosesItsTurnAndComesLastFromThenOn) {
    pulls.peer_up("a");
    pulls.peer_up("b");
    pulls.want(hash);
    EXPECT_EQ(asks(), "a");
    EXPECT_EQ(*pulls.wake_at(), now + 10s);

    now = now + 10s;
    EXPECT_EQ(asks(), "b");
    EXPECT_EQ(chunk("a", 0, 8'000), Verdict::ignored);  // too late

    auto const other = sha256("other");
    pulls.want(other);
    EXPECT_EQ(pulls.next(now)->peer, "b");
}

TEST_F(PullsTest, EachChunkGivesThePeerMoreTimeButNotForEver) {
    pulls.peer_up("a");
    pulls.want(hash);
    asks();
    auto const long_document = std::string(50'000, 'x');
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_EQ(chunk("a", i * 5'000, 5'000, long_document), Verdict::more);
        EXPECT_EQ(*pulls.wake_at(), std::min(now + 10s, Instant{} + 30s));
        now = now + 7s;
    }
    now = now + 7s;
    EXPECT_EQ(asks(), "nobody");
    EXPECT_EQ(chunk("a", 20'000, 5'000, long_document), Verdict::ignored);
}

TEST_F(PullsTest, APeerAndAllTogetherAreAskedForFewAtOnce) {
    std::vector<Hash> hashes;
    for (int i = 0; i < 6; ++i) hashes.push_back(sha256(std::to_string(i)));
    for (auto const& each : hashes) pulls.want(each);
    pulls.peer_up("a");
    EXPECT_EQ(pulls.next(now), (Pulls::Ask{"a", hashes[0], 0}));
    EXPECT_EQ(pulls.next(now), (Pulls::Ask{"a", hashes[1], 0}));
    EXPECT_EQ(pulls.next(now), std::nullopt);

    pulls.peer_up("b");
    EXPECT_EQ(pulls.next(now), (Pulls::Ask{"b", hashes[2], 0}));
    EXPECT_EQ(pulls.next(now), std::nullopt);

    pulls.unwant(hashes[0]);
    EXPECT_EQ(pulls.next(now)->hash, hashes[3]);
    EXPECT_EQ(pulls.size(), 5u);
}

TEST_F(PullsTest, WhatIsNoLongerWantedIsForgotten) {
    pulls.peer_up("a");
    pulls.want(hash);
    asks();
    chunk("a", 0, 8'000);
    EXPECT_TRUE(pulls.expects_answer("a"));

    pulls.unwant(hash);

    EXPECT_FALSE(pulls.expects_answer("a"));
    EXPECT_EQ(chunk("a", 8'000, 4'001), Verdict::ignored);
    EXPECT_FALSE(pulls.wake_at());
    EXPECT_EQ(pulls.size(), 0u);
}

TEST_F(PullsTest, AnAnswerThatWasNotStoredIsAskedForAgain) {
    pulls.peer_up("a");
    pulls.want(hash);
    asks();
    EXPECT_EQ(chunk("a", 0, 12'001), Verdict::complete);
    pulls.peer_down("a");
    pulls.peer_up("a");
    EXPECT_EQ(asks(), "a");
}

TEST_F(PullsTest, HalfLoadedDocumentsThatNobodyIsAskedForAreBounded) {
    std::string const text(50'000, 'x');
    auto const other = sha256("other");
    pulls.want(hash);
    pulls.want(other);
    pulls.peer_up("a");
    asks();
    asks();
    chunk("a", 0, 15'000, text);
    pulls.chunk("a", {other, 50'000, 0, as_bytes(text).first(15'000)}, now);

    pulls.peer_down("a");
    pulls.peer_up("b");

    auto const first = pulls.next(now)->offset;
    auto const second = pulls.next(now)->offset;
    EXPECT_EQ(first + second, 15'000u);
}

TEST_F(PullsTest, TheEmptyDocumentComesInOneChunk) {
    auto const nothing = sha256("");
    pulls.peer_up("a");
    pulls.want(nothing);
    asks();
    EXPECT_EQ(pulls.chunk("a", {nothing, 0, 0, {}}, now).verdict, Verdict::complete);
}

}  // namespace
}  // namespace lockstep::swarm
