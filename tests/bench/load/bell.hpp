// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Somebody waits until something has happened, or for so long. Rings once.
#pragma once

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "load/client.hpp"

namespace lockstep::load {

class Bell {
  public:
    explicit Bell(asio::io_context& io) : timer_(io, asio::steady_timer::time_point::max()) {}
    void ring() {
        rung_ = true;
        timer_.cancel();
    }
    // Until it has rung. False when `seconds` have passed before.
    Awaitable<bool> heard(double seconds) {
        if (rung_) co_return true;
        timer_.expires_after(std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000)));
        co_await waited();
        co_return rung_;
    }
    Awaitable<void> heard() {
        if (!rung_) co_await waited();
    }

  private:
    Awaitable<void> waited() {
        boost::system::error_code ignored;
        co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }

    asio::steady_timer timer_;
    bool rung_ = false;
};

}  // namespace lockstep::load
