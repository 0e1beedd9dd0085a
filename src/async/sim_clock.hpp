// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Virtual time for the simulation: it stands still while anything is ready to run, and then steps to the
// next sleeper. One io_context, one thread, so a run is decided by its seed alone.
#pragma once

#include "async/clock.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <utility>

namespace lockstep {

class SimClock final : public Clock {
  public:
    explicit SimClock(Time begin) : begin_(begin) {}

    Time now() const override { return {begin_.ns + now_.ns}; }
    Instant instant() const override { return now_; }
    TimerId schedule(Instant at, std::function<void()> ring) override;
    void cancel(TimerId id) override;

    // Steps to the next sleeper and rings everyone who is due. False when nobody sleeps, or not before
    // `limit`, which is then the time.
    bool step(Instant limit = {std::numeric_limits<std::int64_t>::max()});
    // As a process that was stopped finds it: time has passed, and nobody was rung yet.
    void stall(Duration time) { now_ = now_ + time; }
    std::size_t sleepers() const { return sleepers_.size(); }

  private:
    Time begin_;
    Instant now_;
    TimerId last_id_ = 0;
    std::map<std::pair<Instant, TimerId>, std::function<void()>> sleepers_;
    std::map<TimerId, Instant> due_;
};

class SimLoop {
  public:
    explicit SimLoop(Time begin = {1'767'225'600'000'000'000}) : clock_(begin) {}

    Executor executor() { return io_.get_executor(); }
    asio::io_context& context() { return io_; }
    SimClock& clock() { return clock_; }

    // Runs until `done` says so between two steps of time. False when nothing can happen any more, or when
    // `limit` of virtual time has passed, and `done` is still not true.
    bool run_until(const std::function<bool()>& done, Duration limit);
    // Runs what is ready, without a step of time. Aborts when that never ends.
    void settle();
    std::uint64_t steps() const { return steps_; }

  private:
    asio::io_context io_{1};
    SimClock clock_;
    std::uint64_t steps_ = 0;
};

}  // namespace lockstep
