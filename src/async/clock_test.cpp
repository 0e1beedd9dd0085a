// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "async/clock.hpp"

#include "async/test_world.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace lockstep {
namespace {

Task<void> sleep_once(Clock& clock, Duration duration) { co_await clock.sleep(duration); }

// The real clock is asked for order and for not ringing early; how late it is depends on the machine.
struct RealClock : testing::Test {
    asio::io_context context{1};
    std::unique_ptr<Clock> clock = make_clock(context.get_executor());
    std::string rung;

    void ring_in(Duration duration, char name) {
        auto const at = clock->instant() + duration;
        clock->schedule(at, [this, at, name] {
            EXPECT_GE(clock->instant(), at);
            rung += name;
        });
    }
};

TEST_F(RealClock, rings_in_order_of_time_and_not_early) {
    ring_in(3ms, 'c');
    ring_in(1ms, 'a');
    ring_in(2ms, 'b');
    context.run();
    EXPECT_EQ(rung, "abc");
}

TEST_F(RealClock, rings_at_once_for_what_is_past) {
    ring_in(-1s, 'a');
    EXPECT_EQ(rung, "");
    context.run();
    EXPECT_EQ(rung, "a");
}

TEST_F(RealClock, does_not_ring_what_was_cancelled) {
    auto const id = clock->schedule(clock->instant() + 1ms, [this] { rung += 'x'; });
    ring_in(2ms, 'a');
    clock->cancel(id);
    clock->cancel(id);
    context.run();
    EXPECT_EQ(rung, "a");
}

TEST_F(RealClock, does_not_hold_the_loop_when_all_is_cancelled) {
    auto const id = clock->schedule(clock->instant() + 1h, [this] { rung += 'x'; });
    clock->cancel(id);
    context.run();
    EXPECT_EQ(rung, "");
}

TEST_F(RealClock, takes_new_times_and_cancels_old_ones_while_it_rings) {
    auto const at = clock->instant() + 1ms;
    Clock::TimerId second = 0;
    clock->schedule(at, [&] {
        rung += 'a';
        clock->cancel(second);
        ring_in(0ms, 'c');
    });
    second = clock->schedule(at, [this] { rung += 'x'; });
    context.run();
    EXPECT_EQ(rung, "ac");
}

TEST_F(RealClock, may_go_before_its_loop) {
    ring_in(-1s, 'x');
    context.poll_one();
    ring_in(-1s, 'y');
    clock.reset();
    context.restart();
    context.run();
    EXPECT_EQ(rung.find('y'), std::string::npos);
}

TEST(SimClock, stands_still_until_it_is_stepped) {
    TestWorld world;
    auto const begin = world.clock().now();
    auto const sleeping = world.start(sleep_once(world.clock(), 1h));
    EXPECT_EQ(world.clock().now(), begin);
    EXPECT_EQ(sleeping->how(), "running");
    EXPECT_TRUE(world.clock().step());
    world.settle();
    EXPECT_EQ(world.clock().now().ns - begin.ns, std::chrono::nanoseconds(1h).count());
    EXPECT_EQ(sleeping->how(), "ended");
    EXPECT_FALSE(world.clock().step());
}

TEST(SimClock, rings_those_of_one_instant_in_the_order_of_their_coming) {
    SimClock clock({});
    std::string rung;
    for (auto const name : {'a', 'b', 'c'}) clock.schedule({5}, [&rung, name] { rung += name; });
    clock.schedule({4}, [&rung] { rung += '0'; });
    clock.step();
    clock.step();
    EXPECT_EQ(rung, "0abc");
}

TEST(SimLoop, runs_until_it_is_done_or_nothing_can_happen) {
    SimLoop loop;
    auto rung = 0;
    loop.clock().schedule({1'000}, [&] { ++rung; });
    loop.clock().schedule({2'000}, [&] { ++rung; });
    EXPECT_TRUE(loop.run_until([&] { return rung == 1; }, 1h));
    EXPECT_EQ(loop.clock().instant().ns, 1'000);
    EXPECT_FALSE(loop.run_until([&] { return rung == 3; }, 1h));
    EXPECT_EQ(rung, 2);
}

TEST(SimLoop, stops_at_the_limit_of_virtual_time) {
    SimLoop loop;
    auto rung = 0;
    loop.clock().schedule({std::chrono::nanoseconds(2h).count()}, [&] { ++rung; });
    EXPECT_FALSE(loop.run_until([&] { return rung > 0; }, 1h));
    EXPECT_EQ(rung, 0);
    EXPECT_EQ(loop.clock().instant().ns, std::chrono::nanoseconds(1h).count());
}

Task<void> sleep_and_note(Clock& clock, std::vector<Duration>& slept, Duration duration) {
    auto const begin = clock.instant();
    co_await clock.sleep(duration);
    slept.push_back(clock.instant() - begin);
}

TEST(SimClock, lets_many_sleep_each_for_its_time) {
    TestWorld world;
    std::vector<Duration> slept;
    for (auto const duration : {3s, 1s, 2s}) world.start(sleep_and_note(world.clock(), slept, duration));
    auto const never = world.start(sleep_and_note(world.clock(), slept, 1h));
    never->cancel();
    world.pass(4s);
    EXPECT_EQ(slept, (std::vector<Duration>{1s, 2s, 3s}));
    EXPECT_EQ(never->how(), "cancelled");
}

}  // namespace
}  // namespace lockstep
