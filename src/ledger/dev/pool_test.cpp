// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "ledger/dev/pool.hpp"

#include <gtest/gtest.h>

#include "ledger/dev/fork.hpp"

namespace lockstep::ledger::dev {
namespace {

constexpr std::size_t no_limit = 1 << 30;

Entry entry(std::string account, std::int64_t nonce, std::int64_t arrival, std::size_t bytes = 100) {
    Entry made;
    made.arrival = arrival;
    made.account = std::move(account);
    made.nonce = LedgerNonce{nonce};
    made.hash.bytes[0] = static_cast<std::uint8_t>(arrival);
    made.bytes = bytes;
    return made;
}

std::vector<std::int64_t> arrivals(const std::vector<Entry>& entries) {
    std::vector<std::int64_t> numbers;
    for (auto const& each : entries) numbers.push_back(each.arrival);
    return numbers;
}

using Numbers = std::vector<std::int64_t>;

class PoolTest : public testing::Test {
  protected:
    Pool pool{100};
    void add(std::string account, std::int64_t nonce, std::int64_t arrival, bool durable = true) {
        pool.add(entry(std::move(account), nonce, arrival), durable);
    }
};

TEST_F(PoolTest, an_empty_pool_has_nothing_to_choose) {
    EXPECT_FALSE(pool.ready());
    EXPECT_TRUE(pool.choose(no_limit).empty());
}

TEST_F(PoolTest, what_came_first_goes_first) {
    add("a", 0, 1);
    add("b", 0, 2);
    add("a", 1, 3);

    EXPECT_EQ(arrivals(pool.choose(no_limit)), (Numbers{1, 2, 3}));
}

TEST_F(PoolTest, a_late_nonce_is_followed_at_once_by_those_that_waited_for_it) {
    add("a", 1, 1);
    add("b", 0, 2);
    EXPECT_EQ(arrivals(pool.choose(no_limit)), (Numbers{2}));

    add("a", 0, 3);
    EXPECT_EQ(arrivals(pool.choose(no_limit)), (Numbers{2, 3, 1}));
}

TEST_F(PoolTest, what_is_not_durable_is_not_chosen_nor_what_comes_after_it) {
    add("a", 0, 1, false);
    add("a", 1, 2);
    EXPECT_FALSE(pool.ready());
    EXPECT_TRUE(pool.choose(no_limit).empty());

    pool.set_durable(entry("a", 0, 1));

    EXPECT_TRUE(pool.ready());
    EXPECT_EQ(arrivals(pool.choose(no_limit)), (Numbers{1, 2}));
}

TEST_F(PoolTest, a_dropped_entry_leaves_a_gap) {
    add("a", 0, 1, false);
    add("a", 1, 2);
    EXPECT_EQ(pool.first_missing("a").value, 2);

    pool.drop(entry("a", 0, 1));

    EXPECT_EQ(pool.first_missing("a").value, 0);
    EXPECT_EQ(pool.judge(entry("a", 0, 3)), Verdict::fresh);
    EXPECT_FALSE(pool.ready());
}

TEST_F(PoolTest, a_block_has_a_limit_but_takes_at_least_one) {
    add("a", 0, 1);
    add("a", 1, 2);
    add("a", 2, 3);

    EXPECT_EQ(arrivals(pool.choose(1)), (Numbers{1}));
    EXPECT_EQ(arrivals(pool.choose(2 * (100 + entry_overhead))), (Numbers{1, 2}));
}

TEST_F(PoolTest, verdicts) {
    pool.set_included("a", LedgerNonce{5});
    add("a", 5, 1);
    add("a", 7, 2, false);

    EXPECT_EQ(pool.judge(entry("a", 4, 9)), Verdict::included);
    EXPECT_EQ(pool.judge(entry("a", 5, 1)), Verdict::waiting);
    EXPECT_EQ(pool.judge(entry("a", 5, 9)), Verdict::taken);
    EXPECT_EQ(pool.judge(entry("a", 7, 2)), Verdict::storing);
    EXPECT_EQ(pool.judge(entry("a", 7, 9)), Verdict::taken);
    EXPECT_EQ(pool.judge(entry("a", 6 + 1'000, 9)), Verdict::fresh);
    EXPECT_EQ(pool.judge(entry("a", 6 + 1'001, 9)), Verdict::ahead);
    EXPECT_EQ(pool.judge(entry("b", 0, 9)), Verdict::fresh);
    EXPECT_EQ(pool.judge(entry("b", INT64_MAX - 1, 9)), Verdict::ahead);
}

TEST_F(PoolTest, a_full_pool_still_knows_what_waits) {
    for (std::int64_t i = 0; i < 100; ++i) add("a", i, i);

    EXPECT_EQ(pool.judge(entry("b", 0, 200)), Verdict::full);
    EXPECT_EQ(pool.judge(entry("a", 50, 50)), Verdict::waiting);
}

TEST_F(PoolTest, what_is_given_back_is_chosen_again_before_its_successors) {
    add("a", 0, 1);
    add("a", 1, 2);
    auto const chosen = pool.choose(no_limit);
    pool.include(chosen);
    add("a", 2, 3);
    EXPECT_EQ(pool.size(), 1U);

    pool.give_back({chosen[1]});

    EXPECT_EQ(pool.included("a").value, 1);
    EXPECT_EQ(pool.first_missing("a").value, 3);
    EXPECT_EQ(arrivals(pool.choose(no_limit)), (Numbers{2, 3}));
}

TEST(Deal, keeps_everything_and_each_accounts_order_whatever_chance_says) {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        auto const chance = make_seeded_chance(seed);
        std::vector<Entry> entries;
        std::map<std::string, std::int64_t> next;
        auto const count = chance->below(30);
        for (std::uint64_t i = 0; i < count; ++i) {
            std::string const account(1, static_cast<char>('a' + chance->below(3)));
            entries.push_back(entry(account, next[account]++, static_cast<std::int64_t>(i)));
        }
        auto const blocks = 1 + chance->below(5);
        auto const bytes_max = 4 * (100 + entry_overhead);

        auto const dealt = deal(entries, blocks, bytes_max, *chance);

        ASSERT_EQ(dealt.blocks.size(), blocks);
        std::vector<Entry> all;
        for (auto const& block : dealt.blocks) {
            EXPECT_LE(block.size(), 4U);
            all.insert(all.end(), block.begin(), block.end());
        }
        all.insert(all.end(), dealt.left.begin(), dealt.left.end());
        EXPECT_EQ(all.size(), entries.size());
        std::map<std::string, std::int64_t> seen;
        for (auto const& each : all) EXPECT_EQ(each.nonce.value, seen[each.account]++);
    }
}

TEST(Deal, changes_the_order_of_two_accounts) {
    std::vector<Entry> entries;
    for (std::int64_t i = 0; i < 20; ++i) entries.push_back(entry(i % 2 == 0 ? "a" : "b", i / 2, i));
    auto const chance = make_seeded_chance(1);

    auto const dealt = deal(entries, 1, no_limit, *chance);

    EXPECT_NE(arrivals(dealt.blocks[0]), arrivals(entries));
}

}  // namespace
}  // namespace lockstep::ledger::dev
