// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "async/scope.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/multiple_exceptions.hpp>

#include "async/deadline.hpp"
#include "base/logging.hpp"
#include "base/must.hpp"

namespace lockstep {

struct Scope::State {
    Executor executor;
    Options options;
    std::list<asio::cancellation_signal> children;
    Waiters ended;
    std::exception_ptr failure;
    bool cancelled = false;

    void cancel() {
        cancelled = true;
        // A child may end while the signal is emitted, but leaves the list later, from the executor.
        for (auto& child : children) child.emit(asio::cancellation_type::terminal);
    }
};

Scope::Scope(Executor executor, Options options) : state_(std::make_shared<State>()) {
    state_->executor = std::move(executor);
    state_->options = std::move(options);
}

Scope::~Scope() { MUST(state_->children.empty(), "a scope is joined before it is destroyed"); }

bool Scope::spawn(Task<void> task) {
    if (state_->cancelled || state_->children.size() >= state_->options.limit) return false;
    auto const child = state_->children.emplace(state_->children.end());
    asio::co_spawn(
        state_->executor, std::move(task),
        asio::bind_cancellation_slot(child->slot(), [state = state_, child](std::exception_ptr failure) {
            state->children.erase(child);
            if (failure) {
                try {
                    std::rethrow_exception(failure);
                } catch (const std::exception& error) {
                    if (!is_cancelled(error)) {
                        logging::warn("task ended", {{"scope", state->options.name}, {"error", error.what()}});
                        if (!state->failure) state->failure = failure;
                        if (state->options.fail_together && !state->cancelled) state->cancel();
                    }
                }
            }
            if (state->children.empty()) state->ended.wake_all();
        }));
    return true;
}

void Scope::cancel() { state_->cancel(); }

Task<void> Scope::join() { return wait_for(state_); }

Task<void> Scope::join(Task<void> work) {
    auto const state = state_;
    std::exception_ptr failure;
    try {
        co_await std::move(work);
    } catch (...) {
        failure = std::current_exception();  // rethrown below
        state->cancel();
    }
    // Without this the next co_await of a cancelled coroutine would throw instead of waiting.
    if (failure) co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await wait_for(state);
    if (failure) {
        co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
        std::rethrow_exception(failure);
    }
}

Task<void> Scope::wait_for(std::shared_ptr<State> state) {
    auto cancelled = false;
    while (!state->children.empty()) {
        try {
            co_await state->ended.wait();
        } catch (const boost::system::system_error& error) {
            if (!is_cancelled(error)) throw;
            cancelled = true;
        }
        if (!cancelled) continue;
        if (!state->cancelled) state->cancel();
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    }
    if (cancelled) {
        co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
        throw boost::system::system_error(asio::error::operation_aborted);
    }
    if (state->failure && state->options.fail_together) std::rethrow_exception(std::exchange(state->failure, nullptr));
}

std::size_t Scope::size() const { return state_->children.size(); }

bool is_cancelled(const std::exception& error) {
    // Both sides of an operator|| that is cancelled throw, and Asio wraps the two into one.
    if (auto const* several = dynamic_cast<const asio::multiple_exceptions*>(&error)) {
        try {
            std::rethrow_exception(several->first_exception());
        } catch (const std::exception& first) {
            return is_cancelled(first);
        }
    }
    auto const* system = dynamic_cast<const boost::system::system_error*>(&error);
    return system && system->code() == asio::error::operation_aborted;
}

}  // namespace lockstep
