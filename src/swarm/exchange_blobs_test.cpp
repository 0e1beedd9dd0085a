// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What a user may expect of blobs on the link, one sentence a test.
#include <algorithm>

#include "swarm/exchange.hpp"
#include "swarm/test_members.hpp"

namespace lockstep::swarm {
namespace {

constexpr std::size_t mebibyte = 1 << 20;

class ExchangeBlobsTest : public MembersTest {
  protected:
    bool arrives(Member& at, const Hash& hash) {
        return world.until([&] { return at.has_blob(hash); });
    }
};

TEST_F(ExchangeBlobsTest, ABlobThatIsWantedComesWholeWithOneInboxEntry) {
    Member a(world, "a"), b(world, "b");
    introduce({&a, &b});
    auto const text = long_text('x', 20 * mebibyte + 5);
    auto const hash = a.bring(text);

    b.exchange().want_blob(hash, {});

    ASSERT_TRUE(arrives(b, hash));
    EXPECT_EQ(b.blob(hash), text);
    EXPECT_EQ(b.exchange().blob_bytes(), text.size());
    EXPECT_TRUE(world.until([&] { return b.exchange().wanted_blobs().empty(); }));
    auto read = [&b](store::Snapshot& snapshot) { return b.inbox().read(snapshot, Sequence{0}, 10); };
    auto const entries = world.run(b.database().read(std::move(read)));
    ASSERT_EQ(entries.size(), 1u);
    EXPECT_EQ(entries[0].kind, blob_entry);
    EXPECT_EQ(Hash::from(entries[0].key), hash);
}

TEST_F(ExchangeBlobsTest, ABlobOfNothingIsABlob) {
    Member a(world, "a"), b(world, "b");
    introduce({&a, &b});
    auto const hash = a.bring("");
    b.exchange().want_blob(hash, {});
    ASSERT_TRUE(arrives(b, hash));
    EXPECT_EQ(b.blob(hash), "");
}

TEST_F(ExchangeBlobsTest, ItIsAskedOfThoseWhoAreNamedAndOfNobodyElse) {
    Member a(world, "a"), b(world, "b"), c(world, "c");
    introduce({&a, &b, &c});
    auto const hash = c.bring("for c's friends");

    b.exchange().want_blob(hash, {"a"});
    world.pass(30s);
    EXPECT_FALSE(b.has_blob(hash));

    b.exchange().want_blob(hash, {"c"});
    ASSERT_TRUE(arrives(b, hash));
    EXPECT_EQ(c.status("b").served, 1u);
}

TEST_F(ExchangeBlobsTest, ABlobThatComesLateIsFoundAndWhoMayNotHaveItGetsNothing) {
    Exchange::Options careful;
    careful.may_have = [](store::Snapshot&, const Hash&, const std::string& peer) { return peer == "b"; };
    Member a(world, "a", careful), b(world, "b"), c(world, "c");
    introduce({&a, &b, &c});
    auto const hash = sha256(std::string_view("late"));
    b.exchange().want_blob(hash, {"a"});
    c.exchange().want_blob(hash, {"a"});
    world.pass(5s);

    a.bring("late");

    ASSERT_TRUE(arrives(b, hash));
    world.pass(30s);
    EXPECT_FALSE(c.has_blob(hash));
    EXPECT_EQ(a.status("c").served, 0u);
}

TEST_F(ExchangeBlobsTest, WhatAnEarlierLifeHasGotIsNotCarriedAgain) {
    Member a(world, "a"), b(world, "b");
    introduce({&a, &b});
    auto const text = long_text('y', 5 * mebibyte);
    auto const hash = a.bring(text);
    b.begin_blob(hash, text.substr(0, 3 * mebibyte));

    b.exchange().want_blob(hash, {});

    ASSERT_TRUE(arrives(b, hash));
    EXPECT_EQ(b.blob(hash), text);
    EXPECT_EQ(b.exchange().blob_bytes(), 2 * mebibyte);
}

TEST_F(ExchangeBlobsTest, AWholeDraftAndADamagedOneAreBothSortedOut) {
    Member a(world, "a"), b(world, "b");
    introduce({&a, &b});
    auto const whole = long_text('w', mebibyte), damaged = long_text('d', mebibyte);
    auto const one = a.bring(whole), two = a.bring(damaged);
    b.begin_blob(one, whole);
    b.begin_blob(two, std::string(mebibyte / 2, '?'));

    b.exchange().want_blob(one, {});
    b.exchange().want_blob(two, {});

    ASSERT_TRUE(arrives(b, one));
    ASSERT_TRUE(arrives(b, two));
    EXPECT_EQ(b.blob(one), whole);
    EXPECT_EQ(b.blob(two), damaged);
}

TEST_F(ExchangeBlobsTest, CutsAndCrashesInTheMiddleLoseNothing) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        World weather(seed);
        Member a(weather, "a"), b(weather, "b");
        a.knows({b.peer()});
        b.knows({a.peer()});
        auto const text = long_text('z', 12 * mebibyte);
        auto const hash = a.bring(text);
        for (int round = 0; round < 6; ++round) {
            b.exchange().want_blob(hash, {});
            auto const before = b.exchange().blob_bytes();
            weather.until([&] { return b.exchange().blob_bytes() > before + 100'000 || b.has_blob(hash); });
            if (round % 3 == 0) {
                a.exchange().set_cut("b", true);
                weather.pass(1s);
                a.exchange().set_cut("b", false);
            } else if (round % 3 == 1) {
                b.restart();
            } else {
                a.restart();
            }
        }
        b.exchange().want_blob(hash, {});
        ASSERT_TRUE(weather.until([&] { return b.has_blob(hash); })) << seed;
        EXPECT_EQ(b.blob(hash), text) << seed;
    }
}

TEST_F(ExchangeBlobsTest, DocumentsDoNotWaitForABlob) {
    Member a(world, "a"), b(world, "b");
    introduce({&a, &b});
    auto const hash = a.bring(long_text('x', 64 * mebibyte));
    b.exchange().set_delay("a", 50ms);  // or the blob is there in no time
    a.exchange().set_delay("b", 50ms);
    b.exchange().want_blob(hash, {});
    ASSERT_TRUE(world.until([&] { return b.exchange().blob_bytes() > 0; }));

    auto const theirs = b.seal("a small document on the same connection");
    auto const ours = a.seal("one on the other");

    ASSERT_TRUE(world.until([&] { return a.has(theirs) && b.has(ours); }));
    EXPECT_FALSE(b.has_blob(hash)) << "the blob is still under way";
}

TEST_F(ExchangeBlobsTest, WhoOwesABlobHearsWhenItIsThere) {
    std::vector<std::string> told;
    Exchange::Options options;
    options.blob_delivered = [&told](store::Transaction&, const std::string& peer, const Hash& hash) {
        told.push_back(peer + " has " + hash.text());
    };
    Member a(world, "a", options), b(world, "b"), c(world, "c");
    introduce({&a, &b});
    auto const hash = a.bring("owed");
    a.owe_blob(hash, {"b", "c"});
    world.pass(5s);
    EXPECT_TRUE(told.empty()) << "an offer alone brings nothing";

    b.exchange().want_blob(hash, {});
    ASSERT_TRUE(world.until([&] { return a.owed("b") == 0; }));
    EXPECT_EQ(told, std::vector<std::string>{"b has " + hash.text()});

    // One that has it already, and hears of the offer with its connection, after a crash of the one who owes.
    c.bring("owed");
    a.restart();
    introduce({&a, &b, &c});
    ASSERT_TRUE(world.until([&] { return a.owed("c") == 0; }));
    EXPECT_EQ(told.back(), "c has " + hash.text());
    EXPECT_EQ(told.size(), 2u);
}

TEST_F(ExchangeBlobsTest, AnOfferWhoseAnswerIsLostIsMadeAgain) {
    Member a(world, "a");
    int offers = 0;
    Puppet peer(world, "peer", [&offers](const Frame& frame) -> std::vector<Frame> {
        auto const* offer = std::get_if<BlobOfferFrame>(&frame);
        if (!offer || ++offers == 1) return {};
        return {BlobAckFrame{offer->hash}};
    });
    a.knows({peer.peer()});
    ASSERT_TRUE(world.until([&] { return a.is_connected("peer"); }));
    auto const hash = a.bring("owed");
    a.owe_blob(hash, {"peer"});

    ASSERT_TRUE(world.until([&] { return a.owed("peer") == 0; }, 120s));
    EXPECT_EQ(offers, 2);
}

TEST_F(ExchangeBlobsTest, AnAnswerThatComesTwiceStandsForOneOffer) {
    Member a(world, "a");
    auto const lost = a.bring("lost"), twice = a.bring("twice");
    int offers = 0;
    Puppet peer(world, "peer", [&](const Frame& frame) -> std::vector<Frame> {
        auto const* offer = std::get_if<BlobOfferFrame>(&frame);
        if (!offer) return {};
        if (offer->hash == lost && ++offers == 1) return {};
        return {BlobAckFrame{offer->hash}, BlobAckFrame{offer->hash}};
    });
    a.knows({peer.peer()});
    ASSERT_TRUE(world.until([&] { return a.is_connected("peer"); }));
    a.owe_blob(lost, {"peer"});
    a.owe_blob(twice, {"peer"});

    ASSERT_TRUE(world.until([&] { return a.owed("peer") == 0; }, 120s));
    EXPECT_EQ(offers, 2);
}

TEST_F(ExchangeBlobsTest, APeerThatSendsSomethingElseIsLeftForAnother) {
    Member a(world, "a"), b(world, "b");
    auto const text = long_text('x', 2 * mebibyte);
    auto const hash = a.bring(text);
    std::string const lie(1000, '!');
    Puppet liar(world, "liar", [&lie](const Frame& frame) -> std::vector<Frame> {
        auto const* want = std::get_if<BlobWantFrame>(&frame);
        if (!want) return {};
        if (want->offset > 0) return {BlobChunkFrame{want->hash, 5'000'000, 7, as_bytes(lie)}};
        return {BlobChunkFrame{want->hash, lie.size(), 0, as_bytes(lie)}};
    });
    Puppet mute(world, "mute", [](const Frame&) -> std::vector<Frame> { return {}; });
    a.knows({b.peer()});
    b.knows({a.peer(), liar.peer(), mute.peer()});
    ASSERT_TRUE(world.until([&] { return b.is_connected("a") && b.is_connected("liar") && b.is_connected("mute"); }));

    b.exchange().want_blob(hash, {});

    ASSERT_TRUE(world.until([&] { return b.has_blob(hash); }, 600s));
    EXPECT_EQ(b.blob(hash), text);
}

TEST_F(ExchangeBlobsTest, WhoAsksForWhatLiesBehindTheEndIsAnsweredOnce) {
    Member b(world, "b");
    Puppet confused(world, "confused", [](const Frame&) -> std::vector<Frame> { return {}; });
    b.knows({confused.peer()});
    auto const hash = b.bring("a blob");

    confused.call(b, {encode(BlobWantFrame{hash, 7, 1000}), encode(BlobWantFrame{hash, 6, 1000})});
    world.pass(5s);

    EXPECT_EQ(confused.heard(), (std::vector<std::string>{"hello", "blob_have_not", "blob_chunk"}));
}

TEST_F(ExchangeBlobsTest, AFullDiskIsTriedAgain) {
    Member a(world, "a"), b(world, "b");
    introduce({&a, &b});
    auto const hash = a.bring(long_text('x', mebibyte));
    b.disk().fail_writes(2, store::SimDisk::Fault::disk_full);
    b.exchange().want_blob(hash, {});
    ASSERT_TRUE(arrives(b, hash));
}

TEST_F(ExchangeBlobsTest, WhatIsNotWantedAnyMoreIsThrownAway) {
    Member a(world, "a"), b(world, "b");
    introduce({&a, &b});
    auto const hash = a.bring(long_text('x', 30 * mebibyte));
    b.exchange().set_delay("a", 50ms);
    a.exchange().set_delay("b", 50ms);
    b.exchange().want_blob(hash, {});
    ASSERT_TRUE(world.until([&] { return b.exchange().blob_bytes() > 0; }));

    b.exchange().unwant_blob(hash);

    ASSERT_TRUE(world.until([&] { return b.exchange().wanted_blobs().empty(); }));
    EXPECT_TRUE(b.files().list().empty());
    EXPECT_FALSE(b.has_blob(hash));
}

}  // namespace
}  // namespace lockstep::swarm
