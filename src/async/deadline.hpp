// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// within(): every wait has a deadline, given by the caller. Expiry is TimedOut, never "cancelled".
#pragma once

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <exception>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <variant>

#include "async/clock.hpp"

namespace lockstep {

struct TimedOut : std::runtime_error {
    using std::runtime_error::runtime_error;
};

namespace detail {

// No variant: operator|| would flatten it.
template <class T>
struct Outcome {
    std::exception_ptr failure;
    std::optional<std::conditional_t<std::is_void_v<T>, std::monostate, T>> value{};
};

// Ends without throwing: operator|| goes on waiting for the other side when one fails, and a task that
// failed after a millisecond would be reported as timed out after the whole limit.
template <class T>
Task<Outcome<T>> settle(Task<T> task) {
    Outcome<T> outcome;
    try {
        if constexpr (std::is_void_v<T>) {
            co_await std::move(task);
        } else {
            outcome.value.emplace(co_await std::move(task));
        }
    } catch (...) {
        outcome.failure = std::current_exception();  // rethrown by within()
    }
    co_return outcome;
}

}  // namespace detail

// When the limit is reached the task is cancelled, and waited for.
template <class T>
Task<T> within(Clock& clock, Duration limit, Task<T> task) {
    using namespace asio::experimental::awaitable_operators;
    auto result = co_await (detail::settle(std::move(task)) || clock.sleep(limit));
    if (result.index() == 1) throw TimedOut("timed out");
    auto outcome = std::get<0>(std::move(result));
    if (outcome.failure) std::rethrow_exception(outcome.failure);
    if constexpr (!std::is_void_v<T>) co_return std::move(*outcome.value);
}

// True for the exception that cancellation throws; it is never logged and never swallowed.
bool is_cancelled(const std::exception& error);

}  // namespace lockstep
