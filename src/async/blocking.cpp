// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "async/blocking.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>
#include <vector>

namespace lockstep {

namespace {

struct Suspended {
    asio::any_completion_handler<void()> handler;
    asio::executor_work_guard<Executor> work;

    void resume() {
        work.reset();
        std::move(handler)();
    }
};
using SuspendedPtr = std::shared_ptr<Suspended>;

}  // namespace

struct ResumeTogether::Waiting {
    std::vector<std::pair<Executor, std::vector<SuspendedPtr>>> of;

    void add(SuspendedPtr suspended) {
        auto const on = suspended->work.get_executor();
        for (auto& [executor, all] : of) {
            if (executor == on) return all.push_back(std::move(suspended));
        }
        of.emplace_back(on, std::vector<SuspendedPtr>()).second.push_back(std::move(suspended));
    }
};

namespace {
thread_local ResumeTogether::Waiting* gathering = nullptr;
}  // namespace

ResumeTogether::ResumeTogether()
    : waiting_(std::make_unique<Waiting>()), outer_(std::exchange(gathering, waiting_.get())) {}

ResumeTogether::~ResumeTogether() {
    gathering = outer_;
    for (auto& [executor, all] : waiting_->of) {
        asio::post(executor, [all = std::move(all)] {
            for (auto const& one : all) one->resume();
        });
    }
}

Task<void> suspend(std::function<void(std::function<void()>)> start) {
    auto const executor = co_await asio::this_coro::executor;
    auto initiate = [&](auto&& handler) {
        auto suspended = std::make_shared<Suspended>(
            Suspended{asio::any_completion_handler<void()>(std::forward<decltype(handler)>(handler)),
                      asio::make_work_guard(executor)});
        start([suspended] {
            if (gathering) return gathering->add(suspended);
            auto const on = suspended->work.get_executor();
            asio::post(on, [suspended] { suspended->resume(); });
        });
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>&, void()>(initiate, asio::use_awaitable);
}

}  // namespace lockstep
