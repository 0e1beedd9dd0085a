// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "async/waiters.hpp"

#include "async/test_world.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

namespace lockstep {
namespace {

Task<void> wait_and_note(Waiters& waiters, std::vector<int>& woken, int name) {
    co_await waiters.wait();
    woken.push_back(name);
}

Task<void> wait_until_and_note(Waiters& waiters, Clock& clock, Instant at, std::optional<Woken>& how) {
    how = co_await waiters.wait_until(clock, at);
}

Task<void> wait_again_and_again(Waiters& waiters, int& woken) {
    for (;;) {
        co_await waiters.wait();
        ++woken;
    }
}

struct WaitersTest : testing::Test {
    TestWorld world;
    Waiters waiters;
    std::vector<int> woken;
};

TEST_F(WaitersTest, wakes_the_first_that_came) {
    auto const first = world.start(wait_and_note(waiters, woken, 1));
    auto const second = world.start(wait_and_note(waiters, woken, 2));
    EXPECT_TRUE(waiters.wake_one());
    world.settle();
    EXPECT_EQ(woken, std::vector{1});
    EXPECT_EQ(second->how(), "running");
    EXPECT_TRUE(waiters.wake_one());
    world.settle();
    EXPECT_EQ(woken, (std::vector{1, 2}));
}

TEST_F(WaitersTest, says_when_there_is_nobody_to_wake) {
    EXPECT_TRUE(waiters.empty());
    EXPECT_FALSE(waiters.wake_one());
    waiters.wake_all();
}

TEST_F(WaitersTest, wakes_all_in_order_and_never_inside_the_waker) {
    for (auto name = 1; name <= 3; ++name) world.start(wait_and_note(waiters, woken, name));
    waiters.wake_all();
    EXPECT_TRUE(woken.empty());
    world.settle();
    EXPECT_EQ(woken, (std::vector{1, 2, 3}));
}

TEST_F(WaitersTest, does_not_wake_again_whoever_waits_anew) {
    auto count = 0;
    auto const again = world.start(wait_again_and_again(waiters, count));
    waiters.wake_all();
    world.settle();
    EXPECT_EQ(count, 1);
    EXPECT_EQ(again->how(), "running");
    again->cancel();
    world.settle();
}

TEST_F(WaitersTest, lets_go_of_one_that_is_cancelled) {
    auto const first = world.start(wait_and_note(waiters, woken, 1));
    auto const second = world.start(wait_and_note(waiters, woken, 2));
    first->cancel();
    world.settle();
    EXPECT_EQ(first->how(), "cancelled");
    EXPECT_TRUE(waiters.wake_one());
    world.settle();
    EXPECT_EQ(woken, std::vector{2});
}

TEST_F(WaitersTest, keeps_the_waking_when_cancellation_comes_too_late) {
    auto const waiting = world.start(wait_and_note(waiters, woken, 1));
    waiters.wake_one();
    waiting->cancel();
    world.settle();
    EXPECT_EQ(woken, std::vector{1});
    EXPECT_EQ(waiting->how(), "ended");
}

TEST_F(WaitersTest, times_out_at_the_deadline_and_not_before) {
    std::optional<Woken> how;
    auto const waiting = world.start(wait_until_and_note(waiters, world.clock(), world.clock().instant() + 5s, how));
    world.pass(4999ms);
    EXPECT_EQ(waiting->how(), "running");
    world.pass(1ms);
    EXPECT_EQ(how, Woken::timed_out);
    EXPECT_TRUE(waiters.empty());
}

TEST_F(WaitersTest, gives_its_timer_back_when_woken_or_cancelled) {
    std::optional<Woken> first, second;
    auto const woken_one =
        world.start(wait_until_and_note(waiters, world.clock(), world.clock().instant() + 5s, first));
    auto const cancelled =
        world.start(wait_until_and_note(waiters, world.clock(), world.clock().instant() + 5s, second));
    EXPECT_EQ(world.clock().sleepers(), 2u);
    waiters.wake_one();
    cancelled->cancel();
    world.settle();
    EXPECT_EQ(first, Woken::rung);
    EXPECT_EQ(cancelled->how(), "cancelled");
    EXPECT_EQ(world.clock().sleepers(), 0u);
}

TEST_F(WaitersTest, cancels_whoever_still_waits_when_it_goes) {
    std::optional<Waiters> short_lived(std::in_place);
    auto const waiting = world.start(wait_and_note(*short_lived, woken, 1));
    short_lived.reset();
    world.settle();
    EXPECT_EQ(waiting->how(), "cancelled");
}

}  // namespace
}  // namespace lockstep
