// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "base/chance.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>

#include "base/bytes.hpp"

namespace lockstep {
namespace {

// From the authors' C code, with the state that splitmix64 makes of seed 0.
TEST(Chance, is_xoshiro256_starstar_seeded_by_splitmix64) {
    const auto chance = make_seeded_chance(0);

    EXPECT_EQ(chance->next(), 0x99EC5F36CB75F2B4u);
    EXPECT_EQ(chance->next(), 0xBF6E1F784956452Au);
    EXPECT_EQ(chance->next(), 0x1A5F849D4933E6E0u);
}

TEST(Chance, repeats_itself_from_the_same_seed) {
    const auto one = make_seeded_chance(4711), other = make_seeded_chance(4711), third = make_seeded_chance(4712);
    std::array<std::uint8_t, 100> a{}, b{}, c{};

    one->fill(a);
    other->fill(b);
    third->fill(c);

    EXPECT_EQ(a, b);
    EXPECT_NE(a, c);
    EXPECT_EQ(one->next(), other->next());
}

TEST(Chance, fills_lowest_byte_first) {
    const auto bytes = make_seeded_chance(0);
    std::array<std::uint8_t, 3> out{};

    bytes->fill(out);

    EXPECT_EQ(to_hex(out), "b4f275");
}

TEST(Chance, stays_below_its_limit_and_reaches_all_of_it) {
    const auto chance = make_seeded_chance(5);
    std::set<std::uint64_t> seen;
    for (int i = 0; i < 200; ++i) seen.insert(chance->below(7));

    EXPECT_EQ(seen.size(), 7u);
    EXPECT_EQ(*seen.rbegin(), 6u);
}

TEST(Chance, gives_fractions_from_zero_to_one) {
    const auto chance = make_seeded_chance(6);
    double sum = 0;
    for (int i = 0; i < 1000; ++i) {
        const double fraction = chance->fraction();
        ASSERT_GE(fraction, 0.0);
        ASSERT_LT(fraction, 1.0);
        sum += fraction;
    }

    EXPECT_NEAR(sum / 1000, 0.5, 0.05);
}

TEST(Chance, of_the_system_does_not_repeat_itself) {
    const auto chance = make_system_chance();

    EXPECT_NE(chance->next(), chance->next());
}

}  // namespace
}  // namespace lockstep
