// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "async/log_budget.hpp"

#include <gtest/gtest.h>

namespace lockstep {
namespace {

constexpr Instant start{7'000'000'000};

TEST(LogBudget, lets_the_first_lines_through_and_counts_the_rest) {
    LogBudget budget;
    for (auto i = 0; i < LogBudget::lines_max; ++i) EXPECT_EQ(budget.line(start), 0u);
    for (auto i = 0; i < 1000; ++i) EXPECT_EQ(budget.line(start), std::nullopt);

    EXPECT_EQ(budget.line(start + 1s), 1000u) << "one comes back in a second";
    EXPECT_EQ(budget.line(start + 1s), std::nullopt);
    EXPECT_EQ(budget.line(start + 2s), 1u);
}

TEST(LogBudget, is_whole_again_after_a_rest_and_never_more) {
    LogBudget budget;
    for (auto i = 0; i < LogBudget::lines_max; ++i) budget.line(start);

    for (auto i = 0; i < LogBudget::lines_max; ++i) EXPECT_TRUE(budget.line(start + 24h));
    EXPECT_FALSE(budget.line(start + 24h));
}

}  // namespace
}  // namespace lockstep
