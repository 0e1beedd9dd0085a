// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "ledger/dev/codec.hpp"

#include <gtest/gtest.h>

#include "ledger/coding.hpp"

namespace lockstep::ledger::dev {
namespace {

const auto key = *identity::LedgerKey::parse("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");

PinRequest known_pin() {
    PinRequest pin;
    pin.tx = *Uuid::parse("00000000-0000-7000-8000-000000000001");
    pin.batch = *Uuid::parse("00000000-0000-7000-8000-000000000002");
    pin.batch_hash.bytes.fill(0xbb);
    pin.payload_ref = "ref";
    pin.contexts.resize(1);
    pin.contexts[0].bytes.fill(0xcc);
    return pin;
}

Bytes known_raw() {
    auto const transaction = prepare_pin(known_pin(), "1337", key.address(), LedgerNonce{258});
    return assemble(transaction, key.sign(transaction.digest)).bytes;
}

TEST(Codec, the_bytes_are_those_of_the_readme) {
    auto const transaction = prepare_pin(known_pin(), "1337", key.address(), LedgerNonce{258});

    EXPECT_EQ(to_hex(transaction.payload),
              "4c535458"  // LSTX
              "01"
              "01"
              "0431333337"                                // 1337
              "f39fd6e51aad88f6f4ce6ab8827279cfffb92266"  // from
              "0000000000000102"
              "00000000000070008000000000000001"
              "00000000000070008000000000000002"
              "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
              "0003726566"  // ref
              "00000001"
              "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc");
    EXPECT_EQ(transaction.digest, identity::keccak256(transaction.payload));
}

TEST(Codec, a_transaction_decodes_to_what_was_prepared) {
    auto const decoded = decode(known_raw());

    ASSERT_TRUE(decoded) << decoded.error().text();
    EXPECT_EQ(decoded->chain_id, "1337");
    EXPECT_EQ(decoded->from, key.address());
    EXPECT_EQ(decoded->nonce.value, 258);
    EXPECT_EQ(decoded->pin.tx, known_pin().tx);
    EXPECT_EQ(decoded->pin.batch, known_pin().batch);
    EXPECT_EQ(decoded->pin.batch_hash, known_pin().batch_hash);
    EXPECT_EQ(decoded->pin.payload_ref, "ref");
    EXPECT_EQ(decoded->pin.contexts, known_pin().contexts);
    EXPECT_TRUE(check_signature(*decoded));
}

TEST(Codec, the_hash_of_a_transaction_covers_its_signature) {
    auto const transaction = prepare_pin(known_pin(), "1337", key.address(), LedgerNonce{0});
    auto const raw = assemble(transaction, key.sign(transaction.digest));

    EXPECT_EQ(raw.hash, transaction_hash(raw.bytes));
    EXPECT_NE(raw.hash, assemble(transaction, {}).hash);
}

TEST(Codec, the_digest_covers_the_chain) {
    EXPECT_NE(prepare_pin(known_pin(), "1", key.address(), LedgerNonce{0}).digest,
              prepare_pin(known_pin(), "2", key.address(), LedgerNonce{0}).digest);
}

TEST(Codec, every_shorter_text_is_refused) {
    auto const raw = known_raw();
    for (std::size_t size = 0; size < raw.size(); ++size) EXPECT_FALSE(decode(BytesView(raw).first(size))) << size;
}

TEST(Codec, counts_and_lengths_beyond_what_is_there_are_refused) {
    auto raw = known_raw();
    auto const count_at = raw.size() - 65 - 32 - 4;
    raw[count_at] = 0xff;  // 4 billion contexts
    EXPECT_FALSE(decode(raw));
}

TEST(Codec, a_payload_reference_that_is_too_long_is_refused) {
    auto const raw = known_raw();
    auto const length_at = raw.size() - 65 - 32 - 4 - 3 - 2;
    ByteWriter out;
    out.raw(BytesView(raw).first(length_at)).u16(payload_ref_bytes_max + 1).raw(Bytes(payload_ref_bytes_max + 1, 'x'));
    out.raw(BytesView(raw).subspan(length_at + 2 + 3));

    EXPECT_FALSE(decode(out.take()));
}

TEST(Codec, a_negative_nonce_is_refused) {
    auto raw = known_raw();
    auto const nonce_at = 4 + 1 + 1 + 5 + 20;
    raw[nonce_at] = 0x80;
    EXPECT_FALSE(decode(raw));
}

TEST(Codec, too_many_contexts_are_refused) { EXPECT_FALSE(decode(Bytes(transaction_bytes_max + 1, 'L'))); }

TEST(Codec, damaged_bytes_decode_to_a_refusal_or_to_one_byte_form_and_never_to_the_same_signer) {
    auto const chance = make_seeded_chance(17);
    auto const good = known_raw();
    for (int i = 0; i < 20'000; ++i) {
        auto bytes = good;
        auto const changes = 1 + chance->below(4);
        for (std::uint64_t c = 0; c < changes; ++c)
            bytes[chance->below(bytes.size())] = static_cast<std::uint8_t>(chance->next());
        if (chance->below(4) == 0) bytes.resize(chance->below(bytes.size() + 20));

        auto const decoded = decode(bytes);

        if (!decoded || bytes == good) continue;
        auto const again = prepare_pin(decoded->pin, decoded->chain_id, decoded->from, decoded->nonce);
        EXPECT_EQ(assemble(again, decoded->signature).bytes, bytes);
        if (i % 20 == 0) {  // recovering is slow
            EXPECT_FALSE(check_signature(*decoded) && decoded->from == key.address());
        }
    }
}

TEST(Codec, random_bytes_are_refused) {
    auto const chance = make_seeded_chance(18);
    for (int i = 0; i < 20'000; ++i) {
        Bytes bytes(chance->below(300));
        chance->fill(bytes);
        EXPECT_FALSE(decode(bytes));
    }
}

TEST(Codec, a_header_hash_covers_every_field) {
    Header const header{BlockNumber{1}, known_pin().batch_hash, Time{5}, transactions_hash({known_pin().contexts[0]}),
                        0};
    auto const hash = header_hash(header, "1337");
    auto other = [&](auto change) {
        auto changed = header;
        change(changed);
        return header_hash(changed, "1337");
    };

    EXPECT_NE(hash, header_hash(header, "1338"));
    EXPECT_NE(hash, other([](Header& h) { h.number = h.number.next(); }));
    EXPECT_NE(hash, other([](Header& h) { h.parent.bytes[0] ^= 1; }));
    EXPECT_NE(hash, other([](Header& h) { h.timestamp.ns += 1; }));
    EXPECT_NE(hash, other([](Header& h) { h.transactions = transactions_hash({}); }));
    EXPECT_NE(hash, other([](Header& h) { h.salt = 1; }));
}

}  // namespace
}  // namespace lockstep::ledger::dev
