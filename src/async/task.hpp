// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Task<T> is a coroutine of the logic thread. The one header that orders the coroutine includes.
//
// Rules (ARCHITECTURE, "Async"): name temporaries before co_await (GCC 12); parameters by value or by
// reference to what the owner outlives; no capturing lambda is itself a coroutine; every Task has an
// owner: it is awaited, or spawned into a Scope.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

namespace lockstep {

namespace asio = boost::asio;
using Executor = asio::any_io_executor;

template <class T = void>
using Task = asio::awaitable<T>;

}  // namespace lockstep
