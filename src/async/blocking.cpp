// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "async/blocking.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace lockstep {

Task<void> suspend(std::function<void(std::function<void()>)> start) {
    auto const executor = co_await asio::this_coro::executor;
    auto initiate = [&](auto&& handler) {
        struct Pending {
            asio::any_completion_handler<void()> handler;
            asio::executor_work_guard<Executor> work;
        };
        auto pending = std::make_shared<Pending>(
            Pending{asio::any_completion_handler<void()>(std::forward<decltype(handler)>(handler)),
                    asio::make_work_guard(executor)});
        start([pending] {
            auto const on = pending->work.get_executor();
            asio::post(on, [pending] {
                pending->work.reset();
                std::move(pending->handler)();
            });
        });
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>&, void()>(initiate, asio::use_awaitable);
}

}  // namespace lockstep
