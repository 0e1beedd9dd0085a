// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "async/tap.hpp"

#include "async/test_world.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace lockstep {
namespace {

Task<void> wait_past(Tap& tap, std::uint64_t seen) { co_await tap.past(seen); }

Task<void> wait_past_until(Tap& tap, std::uint64_t seen, Clock& clock, Instant at, std::optional<Woken>& how) {
    how = co_await tap.past_until(seen, clock, at);
}

Task<void> pass(Gate& gate) { co_await gate.passed(); }

TEST(Tap, wakes_everyone_who_waits) {
    TestWorld world;
    Tap tap;
    auto const first = world.start(wait_past(tap, tap.rings()));
    auto const second = world.start(wait_past(tap, tap.rings()));
    EXPECT_EQ(first->how(), "running");
    tap.ring();
    world.settle();
    EXPECT_EQ(first->how(), "ended");
    EXPECT_EQ(second->how(), "ended");
}

TEST(Tap, is_not_missed_between_looking_and_waiting) {
    TestWorld world;
    Tap tap;
    auto const seen = tap.rings();
    tap.ring();
    EXPECT_EQ(world.start(wait_past(tap, seen))->how(), "ended");
    auto const waiting = world.start(wait_past(tap, tap.rings()));
    EXPECT_EQ(waiting->how(), "running");
    waiting->cancel();
    world.settle();
    EXPECT_EQ(waiting->how(), "cancelled");
}

TEST(Tap, tells_a_ring_from_a_deadline) {
    TestWorld world;
    Tap tap;
    std::optional<Woken> rung, late;
    world.start(wait_past_until(tap, tap.rings(), world.clock(), world.clock().instant() + 5s, rung));
    tap.ring();
    world.settle();
    EXPECT_EQ(rung, Woken::rung);
    world.start(wait_past_until(tap, tap.rings(), world.clock(), world.clock().instant() + 5s, late));
    world.pass(5s);
    EXPECT_EQ(late, Woken::timed_out);
}

TEST(Gate, lets_all_pass_while_it_is_open) {
    TestWorld world;
    Gate gate;
    auto const first = world.start(pass(gate));
    auto const second = world.start(pass(gate));
    EXPECT_EQ(first->how(), "running");
    gate.open();
    world.settle();
    EXPECT_EQ(first->how(), "ended");
    EXPECT_EQ(second->how(), "ended");
    EXPECT_EQ(world.start(pass(gate))->how(), "ended");
}

TEST(Gate, holds_whoever_was_woken_but_comes_after_it_closed_again) {
    TestWorld world;
    Gate gate;
    auto const waiting = world.start(pass(gate));
    gate.open();
    gate.close();
    world.settle();
    EXPECT_EQ(waiting->how(), "running");
    gate.open();
    world.settle();
    EXPECT_EQ(waiting->how(), "ended");
}

TEST(Gate, obeys_cancellation) {
    TestWorld world;
    Gate gate;
    auto const waiting = world.start(pass(gate));
    waiting->cancel();
    world.settle();
    EXPECT_EQ(waiting->how(), "cancelled");
}

}  // namespace
}  // namespace lockstep
