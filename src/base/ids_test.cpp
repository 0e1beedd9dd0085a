// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "base/ids.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace lockstep {
namespace {

class HandClock final : public WallClock {
  public:
    Time now() const override { return time; }
    Time time{1'700'000'000'000'000'000};
};

// Gives the same byte for ever.
class FixedChance final : public Chance {
  public:
    explicit FixedChance(std::uint8_t byte) : byte_(byte) {}
    void fill(std::span<std::uint8_t> out) override { std::fill(out.begin(), out.end(), byte_); }

  private:
    std::uint8_t byte_;
};

constexpr std::int64_t ms = 1'000'000;

TEST(Ids, are_version_7_with_the_time_in_front) {
    HandClock clock;
    const auto chance = make_seeded_chance(1);
    IdMaker maker(clock, *chance);

    const Uuid id = maker.next();

    EXPECT_EQ(id.unix_ms(), 1'700'000'000'000u);
    EXPECT_EQ(id.bytes[6] >> 4, 7);
    EXPECT_EQ(id.bytes[8] >> 6, 2);
}

TEST(Ids, ascend_within_a_millisecond) {
    HandClock clock;
    const auto chance = make_seeded_chance(2);
    IdMaker maker(clock, *chance);
    Uuid last = maker.next();
    for (int i = 0; i < 10000; ++i) {
        const Uuid next = maker.next();
        ASSERT_LT(last, next);
        last = next;
    }

    EXPECT_EQ(last.unix_ms(), 1'700'000'000'000u);
}

TEST(Ids, ascend_when_the_clock_steps_back) {
    HandClock clock;
    const auto chance = make_seeded_chance(3);
    IdMaker maker(clock, *chance);
    const Uuid before = maker.next();

    clock.time.ns -= 3600'000 * ms;
    const Uuid after = maker.next();

    EXPECT_LT(before, after);
    EXPECT_EQ(after.unix_ms(), before.unix_ms());
}

TEST(Ids, carry_into_the_time_when_the_rest_is_full) {
    HandClock clock;
    FixedChance chance(0xFF);
    IdMaker maker(clock, chance);
    const Uuid before = maker.next();
    ASSERT_EQ(before.text().substr(14), "7fff-bfff-ffffffffffff");

    const Uuid after = maker.next();

    EXPECT_LT(before, after);
    EXPECT_EQ(after.text().substr(14), "7000-8000-000000000000");
    EXPECT_EQ(after.unix_ms(), before.unix_ms() + 1);
}

TEST(Ids, begin_at_chance_in_every_millisecond_even_the_first_of_all) {
    HandClock clock;
    clock.time.ns = 0;
    const auto chance = make_seeded_chance(4);
    IdMaker one(clock, *chance), other(clock, *chance);

    EXPECT_NE(one.next(), other.next());
    const Uuid before = one.next();
    clock.time.ns += ms;
    EXPECT_NE(std::memcmp(before.bytes.data() + 8, one.next().bytes.data() + 8, 7), 0);
}

}  // namespace
}  // namespace lockstep
