// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// When the development ledger makes blocks, and what survives.
#include "ledger/dev/dev_ledger.hpp"

#include <algorithm>

#include "ledger/test_world.hpp"

namespace lockstep::ledger {
namespace {

class DevLedgerTest : public testing::Test {
  protected:
    TestWorld world;
    identity::LedgerKey alice = world.make_key();
    identity::LedgerKey bob = world.make_key();

    static DevLedger::Options every(Duration interval, std::int64_t confirmations = 0) {
        auto options = TestWorld::at_once(confirmations);
        options.block_interval = interval;
        return options;
    }
    Instant at() { return world.clock().instant(); }
    void send(const identity::LedgerKey& key, std::int64_t nonce) { ASSERT_TRUE(world.send(world.sign(key, nonce))); }
    // How long until this block is there.
    Duration wait_for_block(std::int64_t number) {
        auto const before = at();
        world.reach_height(number);
        return at() - before;
    }
};

TEST_F(DevLedgerTest, blocks_come_on_a_grid_that_runs_on_while_nothing_happens) {
    world.open(every(1s));
    world.pass(300ms);
    send(alice, 0);
    EXPECT_EQ(wait_for_block(0), 700ms);

    world.pass(10s + 900ms);
    send(alice, 1);
    EXPECT_EQ(wait_for_block(1), 100ms);
}

TEST_F(DevLedgerTest, what_arrives_between_two_ticks_is_in_one_block) {
    world.open(every(1s));
    send(alice, 0);
    world.pass(400ms);
    send(bob, 0);
    world.pass(400ms);
    send(alice, 1);

    wait_for_block(0);

    EXPECT_EQ(world.chain().at(0).transactions.size(), 3U);
}

TEST_F(DevLedgerTest, steady_arrivals_do_not_put_the_tick_off) {
    world.open(every(1s));
    for (std::int64_t nonce = 0; nonce < 30; ++nonce) {
        send(alice, nonce);
        world.pass(100ms);
    }

    EXPECT_GE(world.height(), 1);
    EXPECT_LE(world.height(), 2);
}

TEST_F(DevLedgerTest, an_idle_ledger_has_no_timer_and_makes_no_block) {
    world.open(every(1s));
    send(alice, 0);
    wait_for_block(0);
    world.settle();

    EXPECT_EQ(world.clock().sleepers(), 0U);
    EXPECT_FALSE(world.until([&] { return world.dev().tip().number.value > 0; }));
}

TEST_F(DevLedgerTest, without_an_interval_a_block_comes_at_once) {
    world.open(every(0s));
    auto const before = at();

    send(alice, 0);
    wait_for_block(0);

    EXPECT_EQ(at(), before);
}

TEST_F(DevLedgerTest, without_an_interval_what_arrives_together_shares_a_block) {
    world.open(every(0s));
    std::vector<std::future<Result<void>>> outcomes;
    for (std::int64_t nonce = 0; nonce < 10; ++nonce)
        outcomes.push_back(world.begin(world.dev().send(world.sign(alice, nonce).bytes)));

    ASSERT_TRUE(world.until([&] { return world.height() >= 0 && world.dev().pending() == 0; }));

    EXPECT_LE(world.height(), 1);
    EXPECT_EQ(world.included().size(), 10U);
}

TEST_F(DevLedgerTest, instant_blocks_do_not_wait_for_the_grid_and_leave_it_where_it_was) {
    world.open(every(1s));
    world.pass(300ms);
    send(alice, 0);
    world.settle();
    EXPECT_EQ(world.height(), -1);

    world.run(world.dev().set_instant(true));
    EXPECT_EQ(wait_for_block(0), 0ms);
    send(alice, 1);
    EXPECT_EQ(wait_for_block(1), 0ms);

    world.run(world.dev().set_instant(false));
    send(alice, 2);
    EXPECT_EQ(wait_for_block(2), 700ms);
}

TEST_F(DevLedgerTest, empty_blocks_follow_until_a_pin_is_confirmed_and_then_no_more) {
    world.open(every(1s, 3));
    send(alice, 0);

    world.reach_height(3);
    EXPECT_EQ(at(), Instant{} + 4s);
    EXPECT_FALSE(world.until([&] { return world.dev().tip().number.value > 3; }));

    auto const chain = world.chain();
    expect_consistent(chain);
    EXPECT_EQ(chain[0].transactions.size(), 1U);
    for (std::size_t i = 1; i < chain.size(); ++i) EXPECT_TRUE(chain[i].transactions.empty());
}

TEST_F(DevLedgerTest, empty_blocks_that_were_owed_come_after_reopening) {
    world.open(every(1s, 3));
    send(alice, 0);
    world.reach_height(1);

    world.open(every(1s, 3));

    world.reach_height(3);
    EXPECT_FALSE(world.until([&] { return world.dev().tip().number.value > 3; }));
}

TEST_F(DevLedgerTest, a_block_has_a_limit_and_the_rest_follows_in_order) {
    auto options = every(1s);
    options.block_bytes_max = 2'000;
    world.open(options);
    std::vector<Hash> sent;
    for (std::int64_t nonce = 0; nonce < 30; ++nonce) {
        auto const transaction = world.sign(alice, nonce);
        sent.push_back(transaction.hash);
        ASSERT_TRUE(world.send(transaction));
    }

    ASSERT_TRUE(world.until([&] { return world.dev().pending() == 0; }));

    EXPECT_GE(world.height(), 4);
    EXPECT_EQ(world.included(), sent);
}

TEST_F(DevLedgerTest, the_pool_has_a_limit) {
    auto options = every(1s);
    options.pending_max = 3;
    world.open(options);
    for (std::int64_t nonce = 0; nonce < 3; ++nonce) send(alice, nonce);

    auto const outcome = world.send(world.sign(bob, 0));

    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().status(), 429);
    wait_for_block(0);
    send(bob, 0);
}

TEST_F(DevLedgerTest, time_in_blocks_never_steps_back) {
    world.open();
    for (std::int64_t nonce = 0; nonce < 5; ++nonce) {
        send(alice, nonce);
        world.settle();
    }
    world.reach_height(0);

    expect_consistent(world.chain());
}

TEST_F(DevLedgerTest, a_file_with_another_chain_is_refused) {
    world.open();
    world.close();
    auto options = TestWorld::at_once();
    options.chain_id = "1";

    auto const opened =
        world.run(DevLedger::open(world.database(), options, world.executor(), world.clock(), world.chance()));

    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code(), "LS10307");
}

TEST_F(DevLedgerTest, a_send_that_cannot_be_stored_throws_and_can_be_made_again) {
    world.open();
    auto const transaction = world.sign(alice, 0);
    world.disk().fail_writes_with(1.0, store::SimDisk::Fault::disk_full);

    EXPECT_ANY_THROW(world.send(transaction));
    EXPECT_EQ(world.run(world.ledger().next_nonce(alice.address())).value, 0);
    world.disk().fail_writes_with(0, store::SimDisk::Fault::disk_full);

    ASSERT_TRUE(world.send(transaction));
    world.reach_height(0);
    EXPECT_EQ(world.included(), std::vector<Hash>{transaction.hash});
}

TEST_F(DevLedgerTest, a_block_that_cannot_be_stored_is_made_later) {
    world.open(every(1s));
    send(alice, 0);
    world.disk().fail_writes_with(1.0, store::SimDisk::Fault::disk_full);
    world.pass(5s);
    EXPECT_EQ(world.height(), -1);

    world.disk().fail_writes_with(0, store::SimDisk::Fault::disk_full);

    world.reach_height(0);
    EXPECT_EQ(world.included().size(), 1U);
}

TEST_F(DevLedgerTest, a_power_cut_loses_nothing_that_was_acknowledged) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        TestWorld storm(Reach::direct, seed);
        auto const key = storm.make_key();
        storm.open();
        std::vector<Hash> acknowledged;
        storm.disk().freeze_after(storm.chance().below(60));
        for (std::int64_t nonce = 0; nonce < 20; ++nonce) {
            auto const transaction = storm.sign(key, nonce);
            ASSERT_TRUE(storm.send(transaction));
            if (!storm.disk().is_frozen()) acknowledged.push_back(transaction.hash);
        }
        storm.close();
        storm.disk().crash();

        storm.open();
        ASSERT_TRUE(storm.until([&] { return storm.dev().pending() == 0; }));

        auto const included = storm.included();
        expect_consistent(storm.chain());
        ASSERT_GE(included.size(), acknowledged.size()) << "seed " << seed;
        EXPECT_TRUE(std::equal(acknowledged.begin(), acknowledged.end(), included.begin())) << "seed " << seed;
        EXPECT_EQ(storm.run(storm.ledger().next_nonce(key.address())).value, std::ssize(included));
    }
}

TEST_F(DevLedgerTest, forks_and_work_mixed_by_chance_lose_and_double_nothing) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        TestWorld storm(Reach::direct, seed);
        auto options = every(1s, 3);
        options.block_bytes_max = 1'500;
        storm.open(options);
        std::vector<identity::LedgerKey> keys;
        for (int i = 0; i < 3; ++i) keys.push_back(storm.make_key());
        std::vector<std::int64_t> nonces(keys.size(), 0);
        std::vector<Hash> sent;
        for (int step = 0; step < 60; ++step) {
            auto const who = storm.chance().below(keys.size());
            switch (storm.chance().below(6)) {
                case 0: storm.pass(Duration(1'000'000 * static_cast<std::int64_t>(storm.chance().below(1'500)))); break;
                case 1: (void)storm.run(storm.dev().fork(static_cast<std::int64_t>(storm.chance().below(4)))); break;
                case 2: storm.run(storm.dev().set_instant(storm.chance().below(2) == 0)); break;
                default: {
                    auto const transaction = storm.sign(keys[who], nonces[who]++);
                    sent.push_back(transaction.hash);
                    ASSERT_TRUE(storm.send(transaction));
                }
            }
            if (storm.chance().below(20) == 0) storm.open(options);
        }

        ASSERT_TRUE(storm.until([&] { return storm.dev().pending() == 0; }));

        auto included = storm.included();
        expect_consistent(storm.chain());
        std::sort(included.begin(), included.end());
        std::sort(sent.begin(), sent.end());
        EXPECT_EQ(included, sent) << "seed " << seed;
    }
}

}  // namespace
}  // namespace lockstep::ledger
