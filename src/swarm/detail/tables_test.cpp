// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "core/sha256.hpp"
#include "swarm/detail/document_cache.hpp"
#include "swarm/detail/outbox.hpp"
#include "swarm/detail/staging.hpp"
#include "swarm/test_members.hpp"

namespace lockstep::swarm {
namespace {

class TablesTest : public testing::Test {
  protected:
    // In a transaction of its own.
    template <class F>
    void write(F closure) {
        world.run(member.database().write([&closure](store::Transaction& tx) {
            closure(tx);
            return true;
        }));
    }
    bool stage_one(store::Transaction& tx, const std::string& text, const std::string& peer, bool asked = false) {
        auto const bytes = as_bytes(text);
        return stage(tx, member.inbox(), {sha256(text), Bytes(bytes.begin(), bytes.end()), peer, asked, Time{5}});
    }

    static constexpr NamespaceId ns = Member::ns;
    World world;
    Member member{world, "a"};
};

TEST_F(TablesTest, ADocumentIsStagedOnceWithOneInboxEntry) {
    write([this](store::Transaction& tx) {
        EXPECT_FALSE(is_staged(tx, ns, sha256("text")));
        EXPECT_TRUE(stage_one(tx, "text", "b"));
        EXPECT_FALSE(stage_one(tx, "text", "c"));
        EXPECT_TRUE(is_staged(tx, ns, sha256("text")));
        EXPECT_EQ(as_text(*Exchange::staged(tx, ns, sha256("text"))), "text");
        EXPECT_EQ(member.inbox().newest(tx), Sequence{1});
        EXPECT_EQ(unasked_bytes(tx, ns, "b"), std::size_t{4 + row_bytes});
        EXPECT_EQ(unasked_bytes(tx, ns, "c"), 0u);
    });
}

TEST_F(TablesTest, WhatIsTakenMakesRoomAndWhatWasAskedForTakesNone) {
    write([this](store::Transaction& tx) {
        stage_one(tx, "unasked", "b");
        stage_one(tx, "asked for", "b", true);
        EXPECT_EQ(unasked_bytes(tx, ns, "b"), std::size_t{7 + row_bytes});

        Exchange::take(tx, ns, sha256("asked for"));
        EXPECT_EQ(unasked_bytes(tx, ns, "b"), std::size_t{7 + row_bytes});
        Exchange::take(tx, ns, sha256("unasked"));
        EXPECT_EQ(unasked_bytes(tx, ns, "b"), 0u);
        EXPECT_FALSE(Exchange::staged(tx, ns, sha256("unasked")));
        Exchange::take(tx, ns, sha256("unasked"));
        EXPECT_EQ(unasked_bytes(tx, ns, "b"), 0u);
    });
}

TEST_F(TablesTest, NamespacesDoNotSeeEachOther) {
    write([this](store::Transaction& tx) {
        stage_one(tx, "text", "b");
        append_outbox(tx, ns, "b", sha256("text"));
        NamespaceId const other{2};
        EXPECT_FALSE(is_staged(tx, other, sha256("text")));
        EXPECT_FALSE(Exchange::staged(tx, other, sha256("text")));
        EXPECT_EQ(unasked_bytes(tx, other, "b"), 0u);
        EXPECT_TRUE(read_outbox(tx, other, "b", 0, 10).empty());
        EXPECT_TRUE(queued(tx, other).empty());
    });
}

TEST_F(TablesTest, OutboxRowsKeepTheirOrderAndNumbersAreNeverGivenTwice) {
    write([](store::Transaction& tx) {
        for (auto const* text : {"1", "2", "3", "2"}) append_outbox(tx, ns, "b", sha256(text));
        append_outbox(tx, ns, "c", sha256("1"));
        EXPECT_EQ(read_outbox(tx, ns, "b", 0, 10),
                  (std::vector<OutboxRow>{{1, sha256("1")}, {2, sha256("2")}, {3, sha256("3")}}));
        EXPECT_EQ(read_outbox(tx, ns, "b", 1, 1), (std::vector<OutboxRow>{{2, sha256("2")}}));
        EXPECT_EQ(queued(tx, ns), (std::map<std::string, std::size_t>{{"b", 3}, {"c", 1}}));

        remove_outbox(tx, ns, "b", sha256("3"));
        remove_outbox(tx, ns, "b", sha256("3"));
        append_outbox(tx, ns, "b", sha256("4"));
        EXPECT_EQ(read_outbox(tx, ns, "b", 2, 10), (std::vector<OutboxRow>{{4, sha256("4")}}));
        EXPECT_EQ(queued(tx, ns), (std::map<std::string, std::size_t>{{"b", 3}, {"c", 1}}));
    });
}

TEST(DocumentCacheTest, TheOldestLeaveWhenItIsFull) {
    DocumentCache cache(10);
    auto const put = [&cache](std::string text) {
        auto const hash = sha256(text);
        cache.put(hash, std::make_shared<const std::string>(std::move(text)));
        return hash;
    };
    auto const first = put("1111"), second = put("2222");
    put("2222");
    EXPECT_TRUE(cache.find(first));
    auto const third = put("333");
    EXPECT_FALSE(cache.find(first));
    EXPECT_TRUE(cache.find(second));
    EXPECT_TRUE(cache.find(third));
    EXPECT_FALSE(cache.find(put("longer than all of it")));
    EXPECT_TRUE(cache.find(third));
}

}  // namespace
}  // namespace lockstep::swarm
