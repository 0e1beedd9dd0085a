// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// For tests: a simulated loop, and coroutines started on it that can be cancelled and asked how they ended.
#pragma once

#include "async/deadline.hpp"
#include "async/sim_clock.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <memory>
#include <string>

namespace lockstep {

class Started {
  public:
    // "running", "ended", "cancelled", "timed out", or what the exception says.
    std::string how() const {
        if (!ended_) return "running";
        if (!failure_) return "ended";
        try {
            std::rethrow_exception(failure_);
        } catch (const TimedOut&) {
            return "timed out";
        } catch (const std::exception& error) {
            return is_cancelled(error) ? "cancelled" : error.what();
        }
    }
    void cancel() { signal_.emit(asio::cancellation_type::terminal); }

  private:
    friend class TestWorld;
    asio::cancellation_signal signal_;
    std::exception_ptr failure_;
    bool ended_ = false;
};

class TestWorld {
  public:
    Executor executor() { return loop_.executor(); }
    SimClock& clock() { return loop_.clock(); }
    SimLoop& loop() { return loop_; }

    // Begins at once: runs until it waits.
    std::shared_ptr<Started> start(Task<void> task) {
        auto const started = std::make_shared<Started>();
        asio::co_spawn(executor(), std::move(task),
                       asio::bind_cancellation_slot(started->signal_.slot(), [started](std::exception_ptr failure) {
                           started->ended_ = true;
                           started->failure_ = failure;
                       }));
        settle();
        return started;
    }
    void settle() { loop_.settle(); }
    // Steps time by that much, ringing whoever is due on the way.
    void pass(Duration duration) {
        auto reached = false;
        clock().schedule(clock().instant() + duration, [&reached] { reached = true; });
        loop_.run_until([&reached] { return reached; }, duration);
        settle();
    }

  private:
    SimLoop loop_;
};

}  // namespace lockstep
