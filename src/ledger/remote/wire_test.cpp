// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "ledger/remote/wire.hpp"

#include <gtest/gtest.h>

#include "base/chance.hpp"
#include "ledger/errors.hpp"

namespace lockstep::ledger::wire {
namespace {

Block a_block(Chance& chance, std::int64_t number, std::size_t transactions, std::size_t contexts) {
    Block block;
    block.number = BlockNumber{number};
    chance.fill(block.hash.bytes);
    chance.fill(block.parent.bytes);
    block.timestamp = Time{1'700'000'000'000'000'000 + number};
    for (std::size_t i = 0; i < transactions; ++i) {
        IncludedTransaction transaction;
        chance.fill(transaction.hash.bytes);
        transaction.from = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";
        transaction.nonce = LedgerNonce{static_cast<std::int64_t>(i)};
        transaction.success = i % 2 == 0;
        PinEvent event;
        chance.fill(event.pin.tx.bytes);
        chance.fill(event.pin.batch.bytes);
        chance.fill(event.pin.batch_hash.bytes);
        event.pin.payload_ref = std::string(i, 'r');
        event.pin.contexts.resize(contexts);
        for (auto& context : event.pin.contexts) chance.fill(context.bytes);
        event.author = transaction.from;
        event.action = "firefly:batch_pin";
        event.tx_hash = transaction.hash;
        event.block = block.number;
        event.block_hash = block.hash;
        event.tx_index = static_cast<std::int64_t>(i);
        event.log_index = 2;
        event.timestamp = block.timestamp;
        block.transactions.push_back(std::move(transaction));
        block.pins.push_back(std::move(event));
    }
    return block;
}

void expect_equal(const Block& a, const Block& b) {
    EXPECT_EQ(a.number, b.number);
    EXPECT_EQ(a.hash, b.hash);
    EXPECT_EQ(a.parent, b.parent);
    EXPECT_EQ(a.timestamp, b.timestamp);
    ASSERT_EQ(a.transactions.size(), b.transactions.size());
    for (std::size_t i = 0; i < a.transactions.size(); ++i) {
        EXPECT_EQ(a.transactions[i].hash, b.transactions[i].hash);
        EXPECT_EQ(a.transactions[i].from, b.transactions[i].from);
        EXPECT_EQ(a.transactions[i].nonce, b.transactions[i].nonce);
        EXPECT_EQ(a.transactions[i].success, b.transactions[i].success);
    }
    ASSERT_EQ(a.pins.size(), b.pins.size());
    for (std::size_t i = 0; i < a.pins.size(); ++i) {
        EXPECT_EQ(a.pins[i].pin.tx, b.pins[i].pin.tx);
        EXPECT_EQ(a.pins[i].pin.batch, b.pins[i].pin.batch);
        EXPECT_EQ(a.pins[i].pin.batch_hash, b.pins[i].pin.batch_hash);
        EXPECT_EQ(a.pins[i].pin.payload_ref, b.pins[i].pin.payload_ref);
        EXPECT_EQ(a.pins[i].pin.contexts, b.pins[i].pin.contexts);
        EXPECT_EQ(a.pins[i].author, b.pins[i].author);
        EXPECT_EQ(a.pins[i].action, b.pins[i].action);
        EXPECT_EQ(a.pins[i].tx_hash, b.pins[i].tx_hash);
        EXPECT_EQ(a.pins[i].block_hash, b.pins[i].block_hash);
        EXPECT_EQ(a.pins[i].timestamp, b.pins[i].timestamp);
        EXPECT_EQ(a.pins[i].protocol_id(), b.pins[i].protocol_id());
    }
}

TEST(Wire, a_frame_is_ten_bytes_and_its_body) {
    auto const bytes = encode(Call::blocks, 0x0102030405060708, Bytes{0xaa});
    EXPECT_EQ(to_hex(bytes), "01050102030405060708aa");

    auto const frame = decode_frame(bytes);
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->kind, static_cast<std::uint8_t>(Call::blocks));
    EXPECT_EQ(frame->id, 0x0102030405060708U);
    EXPECT_EQ(frame->body, Bytes{0xaa});
}

TEST(Wire, a_frame_that_is_too_short_or_of_another_version_cannot_be_read) {
    EXPECT_FALSE(decode_frame({}));
    EXPECT_FALSE(decode_frame(Bytes(9, 1)));
    EXPECT_FALSE(decode_frame(Bytes(10, 2)));
}

TEST(Wire, info_and_head_come_back) {
    Info info{"ethereum", "ethereum_address", "1337", "0x00"};
    auto const same_info = decode_info(encode_info(info));
    ASSERT_TRUE(same_info);
    EXPECT_EQ(same_info->chain_id, "1337");
    EXPECT_EQ(same_info->contract, "0x00");

    Head head;
    head.number = BlockNumber{-1};
    head.hash.bytes.fill(3);
    head.replays = 7;
    head.replay_from = BlockNumber{12};
    EXPECT_EQ(decode_head(encode_head(head)), head);
    EXPECT_FALSE(decode_head({}));
}

TEST(Wire, blocks_come_back) {
    auto const chance = make_seeded_chance(1);
    std::vector<Block> const blocks{a_block(*chance, 5, 0, 0), a_block(*chance, 6, 3, 2)};

    auto const same = decode_blocks(encode_blocks(blocks));

    ASSERT_TRUE(same);
    ASSERT_EQ(same->size(), 2U);
    for (std::size_t i = 0; i < 2; ++i) expect_equal(blocks[i], (*same)[i]);
}

TEST(Wire, a_page_ends_before_it_is_too_long_but_has_at_least_one_block) {
    auto const chance = make_seeded_chance(2);
    std::vector<Block> blocks;
    for (int i = 0; i < 10; ++i) blocks.push_back(a_block(*chance, i, 1, 4'000));  // 128 KB each

    auto const page = encode_blocks(blocks);
    EXPECT_LE(page.size(), blocks_bytes_max + 4);
    EXPECT_EQ(decode_blocks(page)->size(), 4U);

    std::vector<Block> const one{a_block(*chance, 0, 1, 30'000)};
    EXPECT_EQ(decode_blocks(encode_blocks(one))->size(), 1U);
    EXPECT_EQ(decode_blocks(encode_blocks({}))->size(), 0U);
}

TEST(Wire, a_refusal_comes_back_as_the_same_entry_of_the_catalogue) {
    auto const refusal = refuse(errors::nonce_too_low, {{"account", "0xab"}, {"nonce", "3"}, {"next", "4"}});

    auto const same = decode_refusal(encode_refusal(refusal));

    ASSERT_TRUE(same);
    EXPECT_TRUE(same->is(errors::nonce_too_low));
    EXPECT_EQ(same->text(), refusal.text());
    EXPECT_FALSE(decode_refusal(encode_refusal(refuse(errors::wrong_chain))));
}

TEST(Wire, damaged_bytes_never_do_more_than_not_decode) {
    auto const chance = make_seeded_chance(3);
    auto const good = encode_blocks({a_block(*chance, 1, 4, 3), a_block(*chance, 2, 2, 1)});
    for (int i = 0; i < 5'000; ++i) {
        auto bytes = good;
        for (auto changes = 1 + chance->below(3); changes > 0; --changes)
            bytes[chance->below(bytes.size())] = static_cast<std::uint8_t>(chance->next());
        if (chance->below(3) == 0) bytes.resize(chance->below(bytes.size()));
        (void)decode_blocks(bytes);
    }
    for (int i = 0; i < 5'000; ++i) {
        Bytes bytes(chance->below(200));
        chance->fill(bytes);
        (void)decode_blocks(bytes);
        (void)decode_info(bytes);
        (void)decode_head(bytes);
        (void)decode_refusal(bytes);
        (void)decode_frame(bytes);
    }
}

TEST(Wire, a_pin_of_a_transaction_that_is_not_there_does_not_decode) {
    auto const chance = make_seeded_chance(4);
    auto block = a_block(*chance, 1, 1, 1);
    block.pins[0].tx_index = 1;

    EXPECT_FALSE(decode_blocks(encode_blocks({block})));
}

}  // namespace
}  // namespace lockstep::ledger::wire
