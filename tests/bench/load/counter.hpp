// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// How many have come, and one who waits until there are enough.
#pragma once

#include <stdexcept>
#include <string>

#include "load/bell.hpp"

namespace lockstep::load {

class Counter {
  public:
    explicit Counter(asio::io_context& io) : io_(io) {}
    void add() {
        if (++count_ == goal_) bell_->ring();
    }
    std::size_t count() const { return count_; }
    // Throws when they are not there in time.
    Awaitable<void> reach(std::size_t goal, double seconds, std::string what) {
        if (count_ >= goal) co_return;
        Bell bell(io_);
        bell_ = &bell;
        goal_ = goal;
        auto const heard = co_await bell.heard(seconds);
        goal_ = 0;
        if (!heard) throw std::runtime_error(what + ": " + std::to_string(count_) + " of " + std::to_string(goal));
    }

  private:
    asio::io_context& io_;
    std::size_t count_ = 0, goal_ = 0;
    Bell* bell_ = nullptr;
};

}  // namespace lockstep::load
