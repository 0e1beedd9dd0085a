// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.hpp"

#include <gtest/gtest.h>

namespace lockstep {
namespace {

TEST(Bytes, prints_lower_case_hex) {
    EXPECT_EQ(to_hex(Bytes{0x00, 0x0f, 0xa5, 0xff}), "000fa5ff");
    EXPECT_EQ(to_hex({}), "");
}

TEST(Bytes, appends_hex_behind_what_is_there) {
    std::string out = "0x";
    append_hex(out, Bytes{0xde, 0xad});
    EXPECT_EQ(out, "0xdead");
}

TEST(Bytes, reads_hex_of_either_case) {
    EXPECT_EQ(from_hex("000FA5ff"), (Bytes{0x00, 0x0f, 0xa5, 0xff}));
    EXPECT_EQ(from_hex(""), Bytes{});
}

TEST(Bytes, refuses_what_is_not_hex) {
    EXPECT_FALSE(from_hex("abc"));
    EXPECT_FALSE(from_hex("0x12"));
    EXPECT_FALSE(from_hex("g0"));
    EXPECT_FALSE(from_hex("0g"));
    EXPECT_FALSE(from_hex("0 "));
    EXPECT_FALSE(from_hex("\xff\xff"));
}

TEST(Bytes, reads_back_every_byte) {
    Bytes all(256);
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint8_t>(i);

    EXPECT_EQ(from_hex(to_hex(all)), all);
}

TEST(Hash, reads_sixty_four_digits_with_or_without_a_prefix) {
    const std::string digits = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

    EXPECT_EQ(Hash::parse(digits)->text(), digits);
    EXPECT_EQ(Hash::parse("0x" + digits)->text(), digits);
}

TEST(Hash, refuses_other_lengths_and_bad_digits) {
    EXPECT_FALSE(Hash::parse(""));
    EXPECT_FALSE(Hash::parse("0x"));
    EXPECT_FALSE(Hash::parse(std::string(62, 'a')));
    EXPECT_FALSE(Hash::parse(std::string(66, 'a')));
    EXPECT_FALSE(Hash::parse("0X" + std::string(64, 'a')));
    EXPECT_FALSE(Hash::parse(std::string(63, 'a') + "z"));
}

TEST(Hash, comes_from_exactly_thirty_two_bytes) {
    EXPECT_EQ(Hash::from(Bytes(32, 7))->bytes[31], 7);
    EXPECT_FALSE(Hash::from(Bytes(31)));
    EXPECT_FALSE(Hash::from(Bytes(33)));
}

TEST(Hash, orders_by_its_bytes) { EXPECT_LT(*Hash::parse(std::string(64, '1')), *Hash::parse(std::string(64, '2'))); }

}  // namespace
}  // namespace lockstep
