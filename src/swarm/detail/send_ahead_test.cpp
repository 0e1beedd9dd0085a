// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "swarm/detail/send_ahead.hpp"

#include <gtest/gtest.h>

#include "core/sha256.hpp"

namespace lockstep::swarm {
namespace {

struct Doc {
    explicit Doc(std::string of) : text(std::make_shared<const std::string>(std::move(of))), hash(sha256(*text)) {}
    Document text;
    Hash hash;
};

// One connection, with a table of rows beside it that answers what next() asks for.
class SendAheadTest : public testing::Test {
  protected:
    static SendAhead::Options options() {
        SendAhead::Options options;
        options.window_bytes = 15'000;
        options.chunk_bytes = 5'000;
        options.page_rows_max = 3;
        options.queue_max = 5;
        options.retry = {.first = 1s, .most = 4s};
        return options;
    }

    Doc add(std::string text) {
        Doc doc(std::move(text));
        documents[doc.hash] = doc.text;
        return doc;
    }
    Doc add_row(std::string text) {
        auto doc = add(std::move(text));
        table.push_back({static_cast<std::int64_t>(table.size()) + 1, doc.hash});
        return doc;
    }
    Doc seal(std::string text) {
        auto doc = add_row(std::move(text));
        machine.sealed(doc.hash);
        return doc;
    }

    // What it sends until it has nothing to do, as "push a", "offer 12500", "chunk 5000+2500".
    std::vector<std::string> sends() {
        std::vector<std::string> all;
        while (auto step = machine.next(now)) {
            if (auto const* wish = std::get_if<SendAhead::ReadRows>(&*step)) {
                answer(*wish);
            } else if (auto const* fetch = std::get_if<SendAhead::Fetch>(&*step)) {
                ++fetches;
                machine.fetched(fetch->hash, documents[fetch->hash]);
            } else {
                all.push_back(told(std::get<SendAhead::Send>(*step).frame));
            }
        }
        return all;
    }
    void answer(SendAhead::ReadRows wish) {
        ++reads;
        std::vector<OutboxRow> page;
        for (auto const& row : table) {
            if (row.sequence > wish.after && page.size() < wish.most) page.push_back(row);
        }
        machine.rows(page, page.empty() ? wish.after : page.back().sequence, page.size() < wish.most);
    }
    static std::string told(const Bytes& bytes) {
        auto const frame = decode(bytes);
        if (auto const* push = std::get_if<PushFrame>(&*frame))
            return "push " + std::string(as_text(push->bytes.first(1)));
        if (auto const* offer = std::get_if<OfferFrame>(&*frame)) return "offer " + std::to_string(offer->total);
        auto const& chunk = std::get<ChunkFrame>(*frame);
        return "chunk " + std::to_string(chunk.offset) + "+" + std::to_string(chunk.bytes.size());
    }
    using Sends = std::vector<std::string>;

    std::unique_ptr<Chance> chance = make_seeded_chance(1);
    SendAhead machine{options(), *chance};
    std::map<Hash, Document> documents;
    std::vector<OutboxRow> table;
    Instant now;
    int reads = 0, fetches = 0;
};

TEST_F(SendAheadTest, RowsOfTheTableGoOutInOrderPageByPage) {
    for (auto const* text : {"a", "b", "c", "d", "e", "f", "g"}) add_row(text);

    EXPECT_EQ(sends(), (Sends{"push a", "push b", "push c", "push d", "push e", "push f", "push g"}));
    EXPECT_EQ(reads, 3);
    EXPECT_TRUE(machine.expects_answer());
}

TEST_F(SendAheadTest, SealedDocumentsGoOutWithoutALookAtTheTable) {
    sends();
    EXPECT_EQ(reads, 1);

    seal("a");
    seal("b");

    EXPECT_EQ(sends(), (Sends{"push a", "push b"}));
    EXPECT_EQ(reads, 1);
}

TEST_F(SendAheadTest, WhatIsSealedWhileThePageIsReadIsNotMissed) {
    auto const step = machine.next(now);
    auto const wish = std::get<SendAhead::ReadRows>(*step);
    auto const doc = add("a");
    machine.sealed(doc.hash);
    machine.rows({}, wish.after, true);  // read before the row was there
    table.push_back({1, doc.hash});

    EXPECT_EQ(sends(), Sends{"push a"});
    EXPECT_TRUE(sends().empty());
}

TEST_F(SendAheadTest, NoMoreThanTheWindowIsUnacknowledged) {
    sends();
    auto const a = seal("a" + std::string(4'999, '.'));
    auto const b = seal("b" + std::string(4'999, '.'));
    seal("c" + std::string(4'999, '.'));
    seal("d" + std::string(4'999, '.'));

    EXPECT_EQ(sends(), (Sends{"push a", "push b", "push c"}));
    EXPECT_TRUE(machine.acked(b.hash));
    EXPECT_EQ(sends(), Sends{"push d"});
    EXPECT_FALSE(machine.acked(b.hash));
    EXPECT_TRUE(machine.acked(a.hash));
}

TEST_F(SendAheadTest, ADocumentLargerThanTheWindowGoesAlone) {
    sends();
    auto const small = seal("a");
    auto const large = seal("b" + std::string(19'999, '.'));

    EXPECT_EQ(sends(), Sends{"push a"});
    machine.acked(small.hash);
    EXPECT_EQ(sends(), Sends{"offer 20000"});
}

TEST_F(SendAheadTest, ALongDocumentIsOfferedAndSentFromWhereThePeerWantsIt) {
    sends();
    auto const doc = seal(std::string(12'500, 'x'));
    seal("b");
    EXPECT_EQ(sends(), Sends{"offer 12500"});

    ASSERT_TRUE(machine.wanted({doc.hash, 5'000}));

    EXPECT_EQ(sends(), (Sends{"chunk 5000+5000", "chunk 10000+2500"}));
    machine.acked(doc.hash);
    EXPECT_EQ(sends(), Sends{"push b"});
    EXPECT_TRUE(machine.expects_answer());
}

TEST_F(SendAheadTest, OnlyWhatIsOfferedMayBeWanted) {
    sends();
    auto const doc = seal(std::string(12'500, 'x'));
    EXPECT_FALSE(machine.wanted({doc.hash, 0}));
    sends();

    EXPECT_FALSE(machine.wanted({doc.hash, 12'500}));
    EXPECT_FALSE(machine.wanted({sha256("other"), 0}));
    EXPECT_TRUE(machine.wanted({doc.hash, 12'499}));
}

TEST_F(SendAheadTest, APeerWithoutRoomIsAskedAgainLater) {
    sends();
    auto const a = seal("a");
    seal("b");
    sends();

    machine.refused(a.hash, RefuseCode::quota, now);
    seal("c");
    EXPECT_TRUE(sends().empty());
    ASSERT_TRUE(machine.wake_at());
    EXPECT_GE(*machine.wake_at(), now + 500ms);
    EXPECT_LE(*machine.wake_at(), now + 1s);

    now = *machine.wake_at();
    EXPECT_EQ(sends(), (Sends{"push a", "push c"}));
    EXPECT_FALSE(machine.wake_at());
}

TEST_F(SendAheadTest, APauseThatEndsWhileAnOfferIsOpenWakesNobody) {
    sends();
    auto const small = seal("a");
    seal(std::string(12'500, 'x'));
    EXPECT_EQ(sends(), (Sends{"push a", "offer 12500"}));
    machine.refused(small.hash, RefuseCode::quota, now);

    now = *machine.wake_at();
    EXPECT_TRUE(sends().empty());

    EXPECT_FALSE(machine.wake_at());
}

TEST_F(SendAheadTest, ADamagedDocumentIsSentAgainBehindTheOthers) {
    sends();
    auto const a = seal("a");
    sends();
    seal("b");

    machine.refused(a.hash, RefuseCode::damaged, now);
    now = *machine.wake_at();

    EXPECT_EQ(sends(), (Sends{"push b", "push a"}));
}

TEST_F(SendAheadTest, ADocumentThatThePeerDoesNotTakeIsSetAsideAndHoldsUpNothing) {
    sends();
    auto const large = seal(std::string(12'500, 'x'));
    seal("b");
    EXPECT_EQ(sends(), Sends{"offer 12500"});

    machine.refused(large.hash, RefuseCode::too_large, now);

    EXPECT_EQ(sends(), Sends{"push b"});
    machine.sealed(large.hash);
    EXPECT_TRUE(sends().empty());
    EXPECT_EQ(machine.wake_at(), now + 4s);
    now = now + 4s;
    EXPECT_EQ(sends(), Sends{"offer 12500"});
    EXPECT_FALSE(machine.wake_at());
}

TEST_F(SendAheadTest, ADocumentThatCannotBeHadAnyMoreIsPassedOver) {
    auto const gone = add_row("a");
    add_row("b");
    documents.erase(gone.hash);

    EXPECT_EQ(sends(), Sends{"push b"});
}

TEST_F(SendAheadTest, BeyondTheQueueTheTableIsReadAgain) {
    sends();
    machine.set_withhold(true);
    for (auto const* text : {"a", "b", "c", "d", "e", "f", "g"}) seal(text);
    EXPECT_TRUE(sends().empty());

    machine.set_withhold(false);

    EXPECT_EQ(sends(), (Sends{"push a", "push b", "push c", "push d", "push e", "push f", "push g"}));
    EXPECT_GT(reads, 1);
}

TEST_F(SendAheadTest, NothingLeavesWhileWithheld) {
    sends();
    auto const doc = seal(std::string(12'500, 'x'));
    sends();
    ASSERT_TRUE(machine.wanted({doc.hash, 0}));

    machine.set_withhold(true);
    EXPECT_TRUE(sends().empty());

    machine.set_withhold(false);
    EXPECT_EQ(sends().size(), 3u);
}

TEST_F(SendAheadTest, TheSameDocumentTwiceIsSentOnce) {
    sends();
    auto const doc = seal("a");
    machine.sealed(doc.hash);
    EXPECT_EQ(sends(), Sends{"push a"});
    machine.sealed(doc.hash);
    EXPECT_TRUE(sends().empty());
}

}  // namespace
}  // namespace lockstep::swarm
