// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "async/waiters.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "async/clock.hpp"

namespace lockstep {

namespace {

using Handler = asio::any_completion_handler<void(boost::system::error_code, Woken)>;

struct Wait : std::enable_shared_from_this<Wait> {
    std::weak_ptr<Waiters::State> home;
    std::list<std::shared_ptr<Wait>>::iterator place;
    Executor executor;
    Handler handler;  // constructed in place: its assignment in Boost 1.81 wraps itself without end
    Clock* clock = nullptr;
    Clock::TimerId timer = 0;
    bool ended = false;

    Wait(std::weak_ptr<Waiters::State> state, Executor on, Handler resume)
        : home(std::move(state)), executor(std::move(on)), handler(std::move(resume)) {}

    void end(boost::system::error_code error, Woken how);
};

}  // namespace

struct Waiters::State {
    std::list<std::shared_ptr<Wait>> waits;
};

namespace {

void Wait::end(boost::system::error_code error, Woken how) {
    if (ended) return;
    ended = true;
    if (clock) clock->cancel(timer);
    auto slot = asio::get_associated_cancellation_slot(handler);
    if (slot.is_connected()) slot.clear();
    asio::post(executor, [self = shared_from_this(), error, how] { std::move(self->handler)(error, how); });
    if (auto const state = home.lock()) state->waits.erase(place);
}

Task<Woken> suspend(std::shared_ptr<Waiters::State> state, Clock* clock, Instant deadline) {
    auto const executor = co_await asio::this_coro::executor;
    auto initiate = [&](auto&& handler) {
        auto const wait = std::make_shared<Wait>(state, executor, Handler(std::forward<decltype(handler)>(handler)));
        state->waits.push_back(wait);
        wait->place = std::prev(state->waits.end());
        auto slot = asio::get_associated_cancellation_slot(wait->handler);
        if (slot.is_connected()) {
            slot.assign([weak = std::weak_ptr<Wait>(wait)](asio::cancellation_type) {
                if (auto const alive = weak.lock()) alive->end(asio::error::operation_aborted, Woken::rung);
            });
        }
        if (clock) {
            wait->clock = clock;
            wait->timer = clock->schedule(deadline, [weak = std::weak_ptr<Wait>(wait)] {
                if (auto const alive = weak.lock()) alive->end({}, Woken::timed_out);
            });
        }
    };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(boost::system::error_code, Woken)>(
        initiate, asio::use_awaitable);
}

}  // namespace

Waiters::Waiters() : state_(std::make_shared<State>()) {}

Waiters::~Waiters() {
    auto const state = state_;
    while (!state->waits.empty()) {
        auto const wait = state->waits.front();
        wait->end(asio::error::operation_aborted, Woken::rung);
    }
}

Task<void> Waiters::wait() { co_await suspend(state_, nullptr, Instant{}); }

Task<Woken> Waiters::wait_until(Clock& clock, Instant deadline) { return suspend(state_, &clock, deadline); }

bool Waiters::wake_one() {
    auto const state = state_;
    if (state->waits.empty()) return false;
    auto const wait = state->waits.front();
    wait->end({}, Woken::rung);
    return true;
}

void Waiters::wake_all() {
    // Those who begin to wait again from here on are not woken again.
    for (auto left = state_->waits.size(); left > 0; --left) wake_one();
}

bool Waiters::empty() const { return state_->waits.empty(); }

}  // namespace lockstep
