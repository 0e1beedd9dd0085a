// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "async/deadline.hpp"

#include "async/test_world.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <variant>

namespace lockstep {
namespace {

Task<std::unique_ptr<int>> answer_after(Clock& clock, Duration duration) {
    co_await clock.sleep(duration);
    co_return std::make_unique<int>(42);
}

Task<std::variant<int, std::string>> answer_of_two_kinds() { co_return std::string("text"); }

Task<void> fail_late(Clock& clock, Duration duration) {
    co_await clock.sleep(duration);
    throw std::runtime_error("it failed");
}

Task<void> ask(Clock& clock, Duration takes, Duration limit, int& answer) {
    auto const got = co_await within(clock, limit, answer_after(clock, takes));
    answer = *got;
}

Task<void> ask_for_two_kinds(Clock& clock, std::string& answer) {
    auto const got = co_await within(clock, 1s, answer_of_two_kinds());
    answer = std::get<std::string>(got);
}

Task<void> fail_within(Clock& clock, Duration takes, Duration limit) {
    co_await within(clock, limit, fail_late(clock, takes));
}

TEST(Within, gives_the_answer_that_came_in_time) {
    TestWorld world;
    auto answer = 0;
    auto const asked = world.start(ask(world.clock(), 1s, 2s, answer));
    world.pass(1s);
    EXPECT_EQ(asked->how(), "ended");
    EXPECT_EQ(answer, 42);
    EXPECT_EQ(world.clock().sleepers(), 0u);
}

TEST(Within, times_out_and_cancels_what_took_too_long) {
    TestWorld world;
    auto answer = 0;
    auto const asked = world.start(ask(world.clock(), 1h, 2s, answer));
    world.pass(2s);
    EXPECT_EQ(asked->how(), "timed out");
    EXPECT_EQ(world.clock().sleepers(), 0u);
}

TEST(Within, passes_a_failure_on_at_once) {
    TestWorld world;
    auto const asked = world.start(fail_within(world.clock(), 1s, 1h));
    world.pass(1s);
    EXPECT_EQ(asked->how(), "it failed");
}

TEST(Within, is_cancelled_and_not_timed_out_from_outside) {
    TestWorld world;
    auto answer = 0;
    auto const asked = world.start(ask(world.clock(), 1h, 2h, answer));
    asked->cancel();
    world.settle();
    EXPECT_EQ(asked->how(), "cancelled");
    EXPECT_EQ(world.clock().sleepers(), 0u);
}

TEST(Within, leaves_a_variant_as_it_is) {
    TestWorld world;
    std::string answer;
    world.start(ask_for_two_kinds(world.clock(), answer));
    EXPECT_EQ(answer, "text");
}

}  // namespace
}  // namespace lockstep
