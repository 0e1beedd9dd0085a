// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "async/worker.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <stdexcept>
#include <thread>

namespace lockstep {
namespace {

Task<void> use_worker(Worker& worker, std::vector<int>& order, std::thread::id& ran_on) {
    worker.post([&order] { order.push_back(1); });
    auto second = [&order, &ran_on] {
        ran_on = std::this_thread::get_id();
        order.push_back(2);
        return order.size();
    };
    auto const size = co_await worker.run(std::move(second));
    EXPECT_EQ(size, 2u);
    auto nothing = [&order] { order.push_back(3); };
    co_await worker.run(std::move(nothing));
    auto fails = []() -> int { throw std::runtime_error("no"); };
    std::string failure;
    try {
        co_await worker.run(std::move(fails));
    } catch (const std::exception& error) {
        failure = error.what();
    }
    EXPECT_EQ(failure, "no");
}

TEST(Worker, jobs_run_elsewhere_in_order_and_their_callers_go_on_here) {
    asio::io_context io;
    auto const worker = make_worker("test");
    std::vector<int> order;
    std::thread::id ran_on;
    auto ended = asio::co_spawn(io, use_worker(*worker, order, ran_on), asio::use_future);
    io.run();
    ended.get();
    EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
    EXPECT_NE(ran_on, std::this_thread::get_id());
}

TEST(Worker, the_inline_one_has_no_thread) {
    asio::io_context io;
    auto const worker = make_inline_worker(io.get_executor());
    std::vector<int> order;
    std::thread::id ran_on;
    auto ended = asio::co_spawn(io, use_worker(*worker, order, ran_on), asio::use_future);
    io.run();
    ended.get();
    EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
    EXPECT_EQ(ran_on, std::this_thread::get_id());
}

TEST(Worker, a_thread_finishes_what_it_was_given_and_the_inline_one_drops_it) {
    asio::io_context io;
    std::vector<int> order;
    auto threaded = make_worker("test");
    for (int i = 0; i < 100; ++i) threaded->post([&order, i] { order.push_back(i); });
    threaded.reset();
    EXPECT_EQ(order.size(), 100u);

    auto without = make_inline_worker(io.get_executor());
    without->post([&order] { order.clear(); });
    without.reset();
    io.run();
    EXPECT_EQ(order.size(), 100u);
}

}  // namespace
}  // namespace lockstep
