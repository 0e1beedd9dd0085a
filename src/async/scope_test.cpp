// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "async/scope.hpp"

#include "async/tap.hpp"
#include "async/test_world.hpp"
#include "base/logging.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace lockstep {
namespace {

Task<void> sleep(Clock& clock, Duration duration) { co_await clock.sleep(duration); }

Task<void> fail_after(Clock& clock, Duration duration) {
    co_await clock.sleep(duration);
    throw std::runtime_error("the child failed");
}

Task<void> note_end(Waiters& waiters, int& ended) {
    struct Note {
        int& count;
        ~Note() { ++count; }
    } note{ended};
    co_await waiters.wait();
}

Task<void> join(Scope& scope) { co_await scope.join(); }
Task<void> join_with(Scope& scope, Task<void> work) { co_await scope.join(std::move(work)); }

Task<void> spawn_and_wait(Scope& scope, Waiters& waiters, int& ended) {
    scope.spawn(note_end(waiters, ended));
    scope.spawn(note_end(waiters, ended));
    co_await waiters.wait();
}

Task<void> spawn_and_fail(Scope& scope, Waiters& waiters, int& ended) {
    scope.spawn(note_end(waiters, ended));
    throw std::runtime_error("the work failed");
    co_return;
}

struct ScopeTest : testing::Test {
    ScopeTest() { logging::configure(logging::Level::off, false); }

    TestWorld world;
    Waiters waiters;
    int ended = 0;
};

TEST_F(ScopeTest, is_joined_when_every_child_has_ended) {
    Scope scope(world.executor(), {.name = "children"});
    scope.spawn(sleep(world.clock(), 1s));
    scope.spawn(sleep(world.clock(), 2s));
    auto const joined = world.start(join(scope));
    world.pass(1s);
    EXPECT_EQ(joined->how(), "running");
    EXPECT_EQ(scope.size(), 1u);
    world.pass(1s);
    EXPECT_EQ(joined->how(), "ended");
}

TEST_F(ScopeTest, refuses_beyond_its_limit_and_takes_again_when_one_has_ended) {
    Scope scope(world.executor(), {.name = "children", .limit = 1});
    EXPECT_TRUE(scope.spawn(sleep(world.clock(), 1s)));
    EXPECT_FALSE(scope.spawn(sleep(world.clock(), 1s)));
    world.settle();
    world.pass(1s);
    EXPECT_TRUE(scope.spawn(sleep(world.clock(), 1s)));
    scope.cancel();
    world.start(join(scope));
}

TEST_F(ScopeTest, cancels_every_child_and_refuses_later_ones) {
    Scope scope(world.executor(), {.name = "children"});
    scope.spawn(note_end(waiters, ended));
    scope.spawn(note_end(waiters, ended));
    auto const joined = world.start(join(scope));
    scope.cancel();
    EXPECT_FALSE(scope.spawn(note_end(waiters, ended)));
    world.settle();
    EXPECT_EQ(joined->how(), "ended");
    EXPECT_EQ(ended, 2);
}

TEST_F(ScopeTest, cancels_a_child_that_has_not_begun) {
    Scope scope(world.executor(), {.name = "children"});
    scope.spawn(sleep(world.clock(), 1h));
    scope.cancel();
    auto const joined = world.start(join(scope));
    EXPECT_EQ(joined->how(), "ended");
    EXPECT_EQ(world.clock().sleepers(), 0u);
}

TEST_F(ScopeTest, survives_the_failure_of_a_child) {
    Scope scope(world.executor(), {.name = "children"});
    scope.spawn(fail_after(world.clock(), 1s));
    scope.spawn(sleep(world.clock(), 2s));
    auto const joined = world.start(join(scope));
    world.pass(1s);
    EXPECT_EQ(joined->how(), "running");
    world.pass(1s);
    EXPECT_EQ(joined->how(), "ended");
}

TEST_F(ScopeTest, fails_together_when_told_so) {
    Scope scope(world.executor(), {.name = "children", .fail_together = true});
    scope.spawn(fail_after(world.clock(), 1s));
    scope.spawn(note_end(waiters, ended));
    auto const joined = world.start(join(scope));
    world.pass(1s);
    EXPECT_EQ(joined->how(), "the child failed");
    EXPECT_EQ(ended, 1);
}

TEST_F(ScopeTest, cancels_its_children_when_the_joiner_is_cancelled_and_waits_for_them) {
    Scope scope(world.executor(), {.name = "children"});
    scope.spawn(note_end(waiters, ended));
    auto const joined = world.start(join(scope));
    joined->cancel();
    world.settle();
    EXPECT_EQ(joined->how(), "cancelled");
    EXPECT_EQ(ended, 1);
    EXPECT_EQ(scope.size(), 0u);
}

TEST_F(ScopeTest, joins_after_its_work_and_all_children) {
    Scope scope(world.executor(), {.name = "children"});
    auto const joined = world.start(join_with(scope, spawn_and_wait(scope, waiters, ended)));
    waiters.wake_all();
    world.settle();
    EXPECT_EQ(joined->how(), "ended");
    EXPECT_EQ(ended, 2);
}

TEST_F(ScopeTest, ends_its_children_when_its_work_is_cancelled) {
    Scope scope(world.executor(), {.name = "children"});
    auto const joined = world.start(join_with(scope, spawn_and_wait(scope, waiters, ended)));
    EXPECT_EQ(scope.size(), 2u);
    joined->cancel();
    world.settle();
    EXPECT_EQ(joined->how(), "cancelled");
    EXPECT_EQ(ended, 2);
}

TEST_F(ScopeTest, ends_its_children_when_its_work_fails_and_rethrows) {
    Scope scope(world.executor(), {.name = "children"});
    auto const joined = world.start(join_with(scope, spawn_and_fail(scope, waiters, ended)));
    EXPECT_EQ(joined->how(), "the work failed");
    EXPECT_EQ(scope.size(), 0u);
}

}  // namespace
}  // namespace lockstep
