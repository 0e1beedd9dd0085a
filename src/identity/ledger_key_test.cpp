// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "identity/ledger_key.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>

namespace lockstep::identity {
namespace {

constexpr std::string_view anvil_key_text = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
constexpr std::string_view order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

LedgerKey anvil_key() { return *LedgerKey::parse(anvil_key_text); }

TEST(LedgerKey, keccak_of_nothing_is_the_known_hash) {
    EXPECT_EQ(keccak256({}).text(), "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
}

TEST(LedgerKey, keccak_is_not_the_padding_of_sha3) {
    EXPECT_EQ(keccak256(as_bytes("testing")).text(),
              "5f16f4c7f149ac4f9510d9cf8cf384038ad348b3bcdc01915f95de12df9d1b02");
}

TEST(LedgerKey, a_known_secret_has_its_known_address) {
    EXPECT_EQ(anvil_key().address(), "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266");
}

TEST(LedgerKey, a_secret_is_taken_with_and_without_0x_and_in_either_case) {
    std::string upper(anvil_key_text.substr(2));
    std::transform(upper.begin(), upper.end(), upper.begin(),
                   [](unsigned char letter) { return std::toupper(letter); });

    EXPECT_EQ(LedgerKey::parse(upper)->address(), anvil_key().address());
    EXPECT_EQ(anvil_key().secret_hex(), anvil_key_text.substr(2));
}

TEST(LedgerKey, what_is_no_secret_is_refused_without_repeating_it) {
    for (auto const text :
         {std::string_view(""), std::string_view("0x"), anvil_key_text.substr(0, 65), std::string_view("not hex"),
          order, std::string_view("0000000000000000000000000000000000000000000000000000000000000000")}) {
        auto const key = LedgerKey::parse(text);

        ASSERT_FALSE(key) << text;
        EXPECT_EQ(key.error().code(), "LS10310");
        EXPECT_EQ(key.error().message().find("ac0974"), std::string::npos);
    }
}

TEST(LedgerKey, the_signer_is_recovered_from_the_signature) {
    auto const chance = make_seeded_chance(1);
    for (int i = 0; i < 20; ++i) {
        auto const key = LedgerKey::make(*chance);
        auto const digest = keccak256(as_bytes("digest " + std::to_string(i)));

        auto const signature = key.sign(digest);

        EXPECT_LE(signature[64], 1);
        EXPECT_EQ(*recover_address(digest, signature), key.address());
    }
}

TEST(LedgerKey, signing_twice_gives_the_same_bytes) {
    auto const digest = keccak256(as_bytes("once"));
    EXPECT_EQ(anvil_key().sign(digest), anvil_key().sign(digest));
}

TEST(LedgerKey, another_digest_recovers_another_address) {
    auto const signature = anvil_key().sign(keccak256(as_bytes("what was signed")));

    auto const recovered = recover_address(keccak256(as_bytes("what was not")), signature);

    EXPECT_TRUE(!recovered || *recovered != anvil_key().address());
}

TEST(LedgerKey, bytes_that_are_no_signature_are_refused) {
    auto const digest = keccak256(as_bytes("digest"));
    auto wrong_recovery = anvil_key().sign(digest);
    wrong_recovery[64] = 2;
    Signature zeros{};
    Signature ones;
    ones.fill(0xff);
    ones[64] = 0;

    for (auto const& signature : {wrong_recovery, zeros, ones}) {
        auto const recovered = recover_address(digest, signature);
        ASSERT_FALSE(recovered);
        EXPECT_EQ(recovered.error().code(), "LS10311");
    }
}

TEST(LedgerKey, the_second_spelling_of_a_signature_is_refused) {
    auto const digest = keccak256(as_bytes("digest"));
    auto signature = anvil_key().sign(digest);
    auto const n = *from_hex(order);
    int borrow = 0;
    for (int i = 31; i >= 0; --i) {  // s = order - s
        auto& byte = signature[32 + static_cast<std::size_t>(i)];
        int const difference = n[static_cast<std::size_t>(i)] - byte - borrow;
        borrow = difference < 0 ? 1 : 0;
        byte = static_cast<std::uint8_t>(difference + 256 * borrow);
    }
    signature[64] ^= 1;

    auto const recovered = recover_address(digest, signature);

    ASSERT_FALSE(recovered);
    EXPECT_EQ(recovered.error().code(), "LS10311");
}

TEST(LedgerKey, keys_made_by_chance_differ) {
    auto const chance = make_seeded_chance(7);
    std::set<std::string> addresses;
    for (int i = 0; i < 10; ++i) addresses.insert(LedgerKey::make(*chance).address());
    EXPECT_EQ(addresses.size(), 10U);
}

TEST(Address, is_lower_case_with_0x) {
    EXPECT_EQ(*normalise_address("F39FD6E51AAD88F6F4CE6AB8827279CFFFB92266"),
              "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266");
    EXPECT_EQ(*normalise_address("0xF39fD6E51aad88f6F4ce6aB8827279cffFb92266"),
              "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266");
}

TEST(Address, anything_else_is_refused) {
    for (auto const text :
         {"", "0x", "0xf39fd6e51aad88f6f4ce6ab8827279cfffb9226", "0xf39fd6e51aad88f6f4ce6ab8827279cfffb922667", "alice",
          "0xg39fd6e51aad88f6f4ce6ab8827279cfffb92266"}) {
        auto const address = normalise_address(text);
        ASSERT_FALSE(address) << text;
        EXPECT_EQ(address.error().code(), "FF10141");
    }
}

}  // namespace
}  // namespace lockstep::identity
