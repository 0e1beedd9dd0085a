// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "async/blocking.hpp"

#include "async/test_world.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <thread>

namespace lockstep {
namespace {

// What would be a thread: it keeps the resumption until the test calls it.
struct Elsewhere {
    std::function<void()> resume;
};

Task<void> wait_for(Elsewhere& elsewhere, int& passed) {
    auto const start = [&](std::function<void()> resume) { elsewhere.resume = std::move(resume); };
    co_await suspend(start);
    ++passed;
    co_await suspend(start);
    ++passed;
}

Task<void> count_on_a_thread(int rounds, std::thread::id home, int& counted) {
    for (auto i = 0; i < rounds; ++i) {
        std::thread worker;
        auto there = home;
        auto const start = [&](std::function<void()> resume) {
            worker = std::thread([&there, resume = std::move(resume)] {
                there = std::this_thread::get_id();
                resume();
            });
        };
        co_await suspend(start);
        worker.join();
        EXPECT_NE(there, home);
        EXPECT_EQ(std::this_thread::get_id(), home);
        ++counted;
    }
}

TEST(Suspend, goes_on_when_it_is_resumed_and_never_inside_the_resumer) {
    TestWorld world;
    Elsewhere elsewhere;
    auto passed = 0;
    auto const waiting = world.start(wait_for(elsewhere, passed));
    std::exchange(elsewhere.resume, {})();
    EXPECT_EQ(passed, 0);
    world.settle();
    EXPECT_EQ(passed, 1);
    std::exchange(elsewhere.resume, {})();
    world.settle();
    EXPECT_EQ(waiting->how(), "ended");
}

TEST(Suspend, waits_for_what_runs_elsewhere_although_it_was_cancelled) {
    TestWorld world;
    Elsewhere elsewhere;
    auto passed = 0;
    auto const waiting = world.start(wait_for(elsewhere, passed));
    waiting->cancel();
    world.settle();
    EXPECT_EQ(waiting->how(), "running");
    std::exchange(elsewhere.resume, {})();
    world.settle();
    EXPECT_EQ(passed, 1);
    EXPECT_EQ(waiting->how(), "cancelled");
}

TEST(Suspend, comes_back_to_its_own_thread) {
    asio::io_context context(1);
    auto counted = 0;
    auto const rethrow = [](std::exception_ptr failure) {
        if (failure) std::rethrow_exception(failure);
    };
    asio::co_spawn(context, count_on_a_thread(100, std::this_thread::get_id(), counted), rethrow);
    context.run();
    EXPECT_EQ(counted, 100);
}

TEST(ResumeTogether, lets_them_wait_for_its_end_and_keeps_their_order) {
    TestWorld world;
    Elsewhere first, second;
    auto one = 0, two = 0;
    auto const a = world.start(wait_for(first, one));
    auto const b = world.start(wait_for(second, two));
    {
        ResumeTogether const together;
        std::exchange(first.resume, {})();
        {
            ResumeTogether const inner;
            std::exchange(second.resume, {})();
        }
        world.settle();
        EXPECT_EQ(one, 0);
        EXPECT_EQ(two, 1) << "the inner one has ended";
    }
    EXPECT_EQ(one, 0) << "never inside the resumer";
    world.settle();
    EXPECT_EQ(one, 1);
    first.resume();
    second.resume();
    world.settle();
    EXPECT_EQ(a->how(), "ended");
    EXPECT_EQ(b->how(), "ended");
}

TEST(ResumeTogether, sends_each_coroutine_to_its_own_executor) {
    TestWorld here, there;
    Elsewhere first, second;
    auto one = 0, two = 0;
    auto const a = here.start(wait_for(first, one));
    auto const b = there.start(wait_for(second, two));
    {
        ResumeTogether const together;
        std::exchange(first.resume, {})();
        std::exchange(second.resume, {})();
    }
    here.settle();
    EXPECT_EQ(one, 1);
    EXPECT_EQ(two, 0);
    there.settle();
    EXPECT_EQ(two, 1);
    first.resume();
    second.resume();
    here.settle();
    there.settle();
}

}  // namespace
}  // namespace lockstep
