// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What every ledger promises, whether it is in this process or reached over frames.
#include <algorithm>

#include "async/deadline.hpp"
#include "ledger/dev/codec.hpp"
#include "ledger/test_world.hpp"

namespace lockstep::ledger {
namespace {

class LedgerContract : public testing::TestWithParam<Reach> {
  protected:
    TestWorld world{GetParam()};
    identity::LedgerKey alice = world.make_key();
    identity::LedgerKey bob = world.make_key();

    void expect_refusal(const Result<void>& outcome, std::string_view code) {
        ASSERT_FALSE(outcome);
        EXPECT_EQ(outcome.error().code(), code) << outcome.error().text();
    }
};

TEST_P(LedgerContract, a_pin_comes_back_as_it_was_sent) {
    world.open();
    auto const pin = a_pin(world.chance(), 3);
    auto const transaction = world.sign(alice, 0, pin);

    ASSERT_TRUE(world.send(transaction));
    world.reach_height(0);

    auto const chain = world.chain();
    expect_consistent(chain);
    ASSERT_EQ(chain.size(), 1U);
    ASSERT_EQ(chain[0].pins.size(), 1U);
    auto const& event = chain[0].pins[0];
    EXPECT_EQ(event.pin.tx, pin.tx);
    EXPECT_EQ(event.pin.batch, pin.batch);
    EXPECT_EQ(event.pin.batch_hash, pin.batch_hash);
    EXPECT_EQ(event.pin.payload_ref, pin.payload_ref);
    EXPECT_EQ(event.pin.contexts, pin.contexts);
    EXPECT_EQ(event.author, alice.address());
    EXPECT_EQ(event.action, "firefly:batch_pin");
    EXPECT_EQ(event.tx_hash, transaction.hash);
    EXPECT_EQ(event.protocol_id(), "000000000000/000000/000000");
    EXPECT_EQ(event.timestamp, world.clock().now());
    ASSERT_EQ(chain[0].transactions.size(), 1U);
    EXPECT_EQ(chain[0].transactions[0].from, alice.address());
    EXPECT_EQ(chain[0].transactions[0].nonce.value, 0);
    EXPECT_TRUE(chain[0].transactions[0].success);
}

TEST_P(LedgerContract, it_says_what_it_is) {
    world.open();

    auto const info = world.run(world.ledger().info());

    EXPECT_EQ(info.plugin_type, "ethereum");
    EXPECT_EQ(info.verifier_type, "ethereum_address");
    EXPECT_EQ(info.chain_id, "1337");
    EXPECT_TRUE(identity::normalise_address(info.contract));
}

TEST_P(LedgerContract, before_the_first_block_there_is_none) {
    world.open();

    EXPECT_EQ(world.height(), -1);
    EXPECT_TRUE(world.run(world.ledger().blocks(BlockNumber{0}, BlockNumber{100})).empty());
    EXPECT_EQ(world.run(world.ledger().next_nonce(alice.address())).value, 0);
}

TEST_P(LedgerContract, the_next_nonce_counts_what_waits) {
    world.open();
    world.run(world.controls().pause(true));

    ASSERT_TRUE(world.send(world.sign(alice, 0)));
    ASSERT_TRUE(world.send(world.sign(alice, 1)));
    ASSERT_TRUE(world.send(world.sign(alice, 5)));

    EXPECT_EQ(world.run(world.ledger().next_nonce(alice.address())).value, 2);
    EXPECT_EQ(world.run(world.ledger().next_nonce(bob.address())).value, 0);
}

TEST_P(LedgerContract, sending_the_same_bytes_again_is_no_error_and_has_no_effect) {
    world.open();
    world.run(world.controls().pause(true));
    auto const transaction = world.sign(alice, 0);

    EXPECT_TRUE(world.send(transaction));
    EXPECT_TRUE(world.send(transaction));
    world.run(world.controls().pause(false));
    world.reach_height(0);
    EXPECT_TRUE(world.send(transaction));
    world.settle();

    EXPECT_EQ(world.included(), std::vector<Hash>{transaction.hash});
}

TEST_P(LedgerContract, the_same_bytes_sent_twice_at_once_are_one_transaction) {
    world.open();
    auto const transaction = world.sign(alice, 0);

    auto first = world.begin(world.ledger().send(transaction.bytes));
    auto second = world.begin(world.ledger().send(transaction.bytes));
    world.reach_height(0);
    ASSERT_TRUE(world.until([&] { return TestWorld::is_ready(first) && TestWorld::is_ready(second); }));

    EXPECT_TRUE(first.get());
    EXPECT_TRUE(second.get());
    EXPECT_EQ(world.included(), std::vector<Hash>{transaction.hash});
}

TEST_P(LedgerContract, a_nonce_is_for_one_transaction) {
    world.open();
    world.run(world.controls().pause(true));
    ASSERT_TRUE(world.send(world.sign(alice, 0)));

    expect_refusal(world.send(world.sign(alice, 0)), "LS10302");
    world.run(world.controls().pause(false));
    world.reach_height(0);
    expect_refusal(world.send(world.sign(alice, 0)), "LS10302");
}

TEST_P(LedgerContract, only_the_account_itself_can_send_for_it) {
    world.open();
    auto const transaction = world.ledger().prepare_pin(a_pin(world.chance()), alice.address(), LedgerNonce{0});

    expect_refusal(world.send(world.ledger().assemble(transaction, bob.sign(transaction.digest))), "LS10301");
    expect_refusal(world.send(world.ledger().assemble(transaction, {})), "LS10301");
    EXPECT_EQ(world.run(world.ledger().next_nonce(alice.address())).value, 0);
}

TEST_P(LedgerContract, changed_bytes_are_not_signed_any_more) {
    world.open();
    auto transaction = world.sign(alice, 0);
    transaction.bytes[transaction.bytes.size() - 65 - 1] ^= 1;  // in the last context

    expect_refusal(world.send(transaction), "LS10301");
}

TEST_P(LedgerContract, what_is_no_transaction_is_refused) {
    world.open();
    auto const good = world.sign(alice, 0).bytes;
    auto longer = good;
    longer.push_back(0);

    expect_refusal(world.run(world.ledger().send({})), "LS10306");
    expect_refusal(world.run(world.ledger().send(Bytes(1000, 0xff))), "LS10306");
    expect_refusal(world.run(world.ledger().send(Bytes(good.begin(), good.end() - 1))), "LS10306");
    expect_refusal(world.run(world.ledger().send(longer)), "LS10306");
}

TEST_P(LedgerContract, a_transaction_for_another_chain_is_refused) {
    world.open();
    auto const transaction = dev::prepare_pin(a_pin(world.chance()), "1", alice.address(), LedgerNonce{0});
    auto const raw = dev::assemble(transaction, alice.sign(transaction.digest));

    auto const outcome = world.send(raw);

    expect_refusal(outcome, "LS10306");
    EXPECT_NE(outcome.error().text().find("1337"), std::string::npos);
}

TEST_P(LedgerContract, a_gap_waits_until_it_is_filled_and_then_all_go_in_order) {
    world.open();
    auto const zero = world.sign(alice, 0);
    auto const one = world.sign(alice, 1);
    auto const two = world.sign(alice, 2);

    ASSERT_TRUE(world.send(two));
    ASSERT_TRUE(world.send(one));
    world.settle();
    EXPECT_EQ(world.height(), -1);
    ASSERT_TRUE(world.send(zero));
    world.reach_height(0);

    EXPECT_EQ(world.included(), (std::vector<Hash>{zero.hash, one.hash, two.hash}));
}

TEST_P(LedgerContract, a_gap_of_one_account_holds_up_no_other) {
    world.open();
    ASSERT_TRUE(world.send(world.sign(alice, 7)));
    auto const others = world.sign(bob, 0);

    ASSERT_TRUE(world.send(others));
    world.reach_height(0);

    EXPECT_EQ(world.included(), std::vector<Hash>{others.hash});
}

TEST_P(LedgerContract, a_nonce_more_than_a_thousand_ahead_is_refused) {
    world.open();

    EXPECT_TRUE(world.send(world.sign(alice, 1'000)));
    expect_refusal(world.send(world.sign(alice, 1'001)), "LS10303");
    ASSERT_TRUE(world.send(world.sign(alice, 0)));
    world.reach_height(0);
    EXPECT_TRUE(world.send(world.sign(alice, 1'001)));
}

TEST_P(LedgerContract, many_sends_may_be_under_way_at_once) {
    world.open();
    std::vector<Hash> sent;
    std::vector<std::future<Result<void>>> outcomes;
    for (std::int64_t nonce = 0; nonce < 1'100; ++nonce) {
        auto const transaction = world.sign(alice, nonce);
        sent.push_back(transaction.hash);
        outcomes.push_back(world.begin(world.ledger().send(transaction.bytes)));
    }

    ASSERT_TRUE(
        world.until([&] { return std::all_of(outcomes.begin(), outcomes.end(), TestWorld::is_ready<Result<void>>); }));
    ASSERT_TRUE(world.until([&] { return world.dev().pending() == 0; }));

    for (auto& outcome : outcomes) EXPECT_TRUE(outcome.get());
    expect_consistent(world.chain());
    EXPECT_EQ(world.included(), sent);
}

TEST_P(LedgerContract, a_long_chain_is_read_in_pages) {
    world.open();
    std::vector<Hash> sent;
    for (std::int64_t nonce = 0; nonce < 40; ++nonce) {
        auto const transaction = world.sign(alice, nonce, a_pin(world.chance(), 2'000));  // 64 KB each
        sent.push_back(transaction.hash);
        ASSERT_TRUE(world.send(transaction));
    }
    ASSERT_TRUE(world.until([&] { return world.dev().pending() == 0; }));

    auto const first_page = world.run(world.ledger().blocks(BlockNumber{0}, world.head().number));

    EXPECT_LT(first_page.back().number, world.head().number);
    EXPECT_EQ(world.included(), sent);
    expect_consistent(world.chain());
}

TEST_P(LedgerContract, the_largest_transaction_passes) {
    world.open();
    auto pin = a_pin(world.chance(), dev::contexts_max);
    pin.payload_ref = std::string(dev::payload_ref_bytes_max, 'r');
    auto const transaction = world.sign(alice, 0, pin);

    ASSERT_TRUE(world.send(transaction));
    world.reach_height(0);

    EXPECT_EQ(world.chain().at(0).pins.at(0).pin.contexts, pin.contexts);
}

TEST_P(LedgerContract, blocks_asked_for_beyond_the_head_are_left_out) {
    world.open();
    ASSERT_TRUE(world.send(world.sign(alice, 0)));
    ASSERT_TRUE(world.send(world.sign(alice, 1)));
    world.reach_height(1);

    EXPECT_EQ(world.run(world.ledger().blocks(BlockNumber{1}, BlockNumber{50})).size(), 1U);
    EXPECT_TRUE(world.run(world.ledger().blocks(BlockNumber{2}, BlockNumber{50})).empty());
    EXPECT_TRUE(world.run(world.ledger().blocks(BlockNumber{1}, BlockNumber{0})).empty());
}

TEST_P(LedgerContract, changed_returns_when_the_head_moves) {
    world.open();
    auto waiting = world.begin(world.ledger().changed(world.head()));
    world.settle();
    EXPECT_FALSE(TestWorld::is_ready(waiting));

    ASSERT_TRUE(world.send(world.sign(alice, 0)));

    EXPECT_TRUE(world.until([&] { return TestWorld::is_ready(waiting); }));
    waiting.get();
}

TEST_P(LedgerContract, changed_returns_at_once_when_the_head_has_moved_already) {
    world.open();
    auto const before = world.head();
    ASSERT_TRUE(world.send(world.sign(alice, 0)));
    world.reach_height(0);

    world.run(world.ledger().changed(before));

    EXPECT_NE(world.head(), before);
}

TEST_P(LedgerContract, a_replay_is_news_and_says_where_it_begins) {
    world.open(TestWorld::at_once(1));
    for (std::int64_t nonce = 0; nonce < 5; ++nonce) {
        ASSERT_TRUE(world.send(world.sign(alice, nonce)));
        world.run(world.clock().sleep(1ms));
    }
    ASSERT_TRUE(world.until([&] { return world.dev().pending() == 0; }));
    auto const before = world.head();
    auto waiting = world.begin(world.ledger().changed(before));
    world.settle();

    world.run(world.controls().replay(3));
    ASSERT_TRUE(world.until([&] { return TestWorld::is_ready(waiting); }));

    auto const after = world.head();
    EXPECT_EQ(after.number, before.number);
    EXPECT_EQ(after.hash, before.hash);
    EXPECT_EQ(after.replays, before.replays + 1);
    EXPECT_EQ(after.replay_from.value, before.number.value - 1 - 3 + 1);
    world.run(world.controls().replay(1'000));
    EXPECT_EQ(world.head().replay_from.value, 0);
}

TEST_P(LedgerContract, a_paused_ledger_takes_transactions_and_makes_no_block) {
    world.open();
    world.run(world.controls().pause(true));

    EXPECT_TRUE(world.send(world.sign(alice, 0)));
    world.pass(1h);
    EXPECT_EQ(world.height(), -1);
    world.run(world.controls().pause(false));

    world.reach_height(0);
    EXPECT_EQ(world.included().size(), 1U);
}

TEST_P(LedgerContract, a_fork_keeps_every_transaction_and_puts_one_more_block_in_place) {
    auto options = TestWorld::at_once(4);
    options.block_interval = 1s;
    world.open(options);
    std::vector<Hash> sent;
    for (std::int64_t nonce = 0; nonce < 6; ++nonce) {
        for (auto const* key : {&alice, &bob}) {
            auto const transaction = world.sign(*key, nonce);
            sent.push_back(transaction.hash);
            ASSERT_TRUE(world.send(transaction));
        }
        ASSERT_TRUE(world.until([&] { return world.dev().pending() == 0; }));
    }
    world.run(world.controls().pause(true));  // so that no empty block follows before we look
    auto const before = world.chain();
    ASSERT_EQ(before.size(), 6U);

    ASSERT_TRUE(world.run(world.controls().fork(3)));

    auto const after = world.chain();
    expect_consistent(after);
    ASSERT_EQ(after.size(), before.size() + 1);
    for (std::size_t i = 0; i < before.size(); ++i)
        EXPECT_EQ(before[i].hash == after[i].hash, i + 3 < before.size()) << i;
    auto kept = world.included();
    std::sort(kept.begin(), kept.end());
    std::sort(sent.begin(), sent.end());
    EXPECT_EQ(kept, sent);
    std::map<std::string, std::int64_t> nonces;
    for (auto const& block : after)
        for (auto const& transaction : block.transactions)
            EXPECT_EQ(transaction.nonce.value, nonces[transaction.from]++);
}

TEST_P(LedgerContract, a_fork_deeper_than_the_confirmations_or_the_chain_is_refused) {
    world.open(TestWorld::at_once(3));
    expect_refusal(world.run(world.controls().fork(1)), "LS10304");
    ASSERT_TRUE(world.send(world.sign(alice, 0)));
    world.reach_height(3);

    expect_refusal(world.run(world.controls().fork(4)), "LS10304");
    expect_refusal(world.run(world.controls().fork(0)), "LS10304");
    expect_refusal(world.run(world.controls().fork(-1)), "LS10304");
    EXPECT_TRUE(world.run(world.controls().fork(3)));
}

TEST_P(LedgerContract, everything_is_there_after_reopening) {
    world.open();
    auto const early = world.sign(alice, 0);
    auto const late = world.sign(alice, 1);
    ASSERT_TRUE(world.send(early));
    world.reach_height(0);
    world.run(world.controls().pause(true));
    ASSERT_TRUE(world.send(late));
    auto const before = world.chain();

    world.open();

    EXPECT_EQ(world.run(world.ledger().next_nonce(alice.address())).value, 2);
    world.reach_height(1);
    auto const after = world.chain();
    expect_consistent(after);
    EXPECT_EQ(after[0].hash, before[0].hash);
    EXPECT_EQ(world.included(), (std::vector<Hash>{early.hash, late.hash}));
    EXPECT_TRUE(world.send(early));
    expect_refusal(world.send(world.sign(alice, 0)), "LS10302");
}

INSTANTIATE_TEST_SUITE_P(Ledgers, LedgerContract, testing::Values(Reach::direct, Reach::remote), reach_name);

}  // namespace
}  // namespace lockstep::ledger
