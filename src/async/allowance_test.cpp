// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "async/allowance.hpp"

#include <gtest/gtest.h>

namespace lockstep {
namespace {

constexpr Instant noon{7'000'000'000};

TEST(Allowance, gives_some_at_once_and_then_one_in_each_interval) {
    Allowance allowance(3, 10ms);
    for (auto i = 0; i < 3; ++i) EXPECT_TRUE(allowance.take(noon));
    EXPECT_FALSE(allowance.take(noon));
    EXPECT_FALSE(allowance.take(noon + 9ms));
    EXPECT_TRUE(allowance.take(noon + 10ms));
    EXPECT_FALSE(allowance.take(noon + 10ms));
}

TEST(Allowance, keeps_what_was_not_used_up_to_the_first_number) {
    Allowance allowance(3, 10ms);
    allowance.take(noon);
    for (auto i = 0; i < 3; ++i) EXPECT_TRUE(allowance.take(noon + 24h));
    EXPECT_FALSE(allowance.take(noon + 24h));
}

TEST(Allowance, says_how_long_what_was_taken_beyond_it_is_owed) {
    Allowance allowance(3, 10ms);
    allowance.owe(noon, 3);
    EXPECT_EQ(allowance.owed(noon), 0ms);
    allowance.owe(noon);
    EXPECT_EQ(allowance.owed(noon), 10ms);
    EXPECT_EQ(allowance.owed(noon + 4ms), 6ms);
    EXPECT_FALSE(allowance.take(noon + 10ms));
    EXPECT_EQ(allowance.owed(noon + 10ms), 0ms);
}

}  // namespace
}  // namespace lockstep
