// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "app/children.hpp"

#include <gtest/gtest.h>

namespace lockstep::app {
namespace {

TEST(RestartPause, ThereIsNoneForAChildThatHasLived) { EXPECT_EQ(restart_pause(2s, 5s), Duration{}); }

TEST(RestartPause, GrowsWhileAChildKeepsEndingRightAway) {
    auto const first = restart_pause(10ms, Duration{});
    auto const second = restart_pause(10ms, first);

    EXPECT_EQ(first, 50ms);
    EXPECT_EQ(second, 150ms);
}

TEST(RestartPause, HasAnEnd) {
    Duration pause{};
    for (int i = 0; i < 100; ++i) pause = restart_pause(Duration{}, pause);

    EXPECT_EQ(pause, 5s);
}

}  // namespace
}  // namespace lockstep::app
