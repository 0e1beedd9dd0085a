// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "sequencer/settled.hpp"

#include <gtest/gtest.h>

#include "async/test_world.hpp"

namespace lockstep::sequencer {
namespace {

const Uuid a_request = *Uuid::parse("019b77a0-0000-7abc-8000-000000000001");
const Uuid first_answer = *Uuid::parse("019b77a0-0000-7abc-8000-000000000002");
const Uuid other_answer = *Uuid::parse("019b77a0-0000-7abc-8000-000000000003");

Task<void> hear(Clock& clock, Settled::Request& request, Woken& woken) {
    woken = co_await request.news(clock, clock.instant() + 1s);
}

TEST(Settled, an_answer_that_comes_before_anybody_waits_is_heard) {
    TestWorld world;
    Settled settled;
    Settled::Request request(settled, a_request);
    settled.answer(a_request, first_answer);

    auto woken = Woken::timed_out;
    auto const started = world.start(hear(world.clock(), request, woken));
    world.settle();

    EXPECT_EQ(started->how(), "ended");
    EXPECT_EQ(woken, Woken::rung);
    EXPECT_EQ(request.answer(), first_answer);
}

TEST(Settled, the_first_answer_counts) {
    Settled settled;
    Settled::Request request(settled, a_request);
    settled.answer(a_request, first_answer);
    settled.answer(a_request, other_answer);

    EXPECT_EQ(request.answer(), first_answer);
}

TEST(Settled, each_news_is_heard_once) {
    TestWorld world;
    Settled settled;
    Settled::Request request(settled, a_request);
    settled.settle(a_request);
    auto woken = Woken::timed_out;
    world.start(hear(world.clock(), request, woken));
    world.settle();
    EXPECT_EQ(woken, Woken::rung) << "the request itself was settled";
    EXPECT_EQ(request.answer(), std::nullopt);

    auto const again = world.start(hear(world.clock(), request, woken));
    world.settle();
    EXPECT_EQ(again->how(), "running");
    settled.answer(a_request, first_answer);
    world.settle();
    EXPECT_EQ(again->how(), "ended");
}

TEST(Settled, nobody_hears_an_answer_to_what_nobody_waits_for) {
    Settled settled;
    { Settled::Request const request(settled, a_request); }
    settled.answer(a_request, first_answer);
    settled.settle(a_request);

    Settled::Request const later(settled, a_request);
    EXPECT_EQ(later.answer(), std::nullopt);
}

}  // namespace
}  // namespace lockstep::sequencer
