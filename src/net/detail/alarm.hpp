// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Alarm: one deadline that moves. Setting it is a store: the clock's timer is armed only when it would
// ring too late, and when it rings too early it is armed again. A connection whose deadline moves with each
// request therefore touches the clock about once in a timeout and not once in a read.
#pragma once

#include "async/clock.hpp"

#include <functional>
#include <limits>
#include <utility>

namespace lockstep::net {

class Alarm {
  public:
    // `ring` is called on the clock's executor, and not after the alarm has gone.
    Alarm(Clock& clock, std::function<void()> ring) : clock_(clock), ring_(std::move(ring)) {}
    ~Alarm() { disarm(); }
    Alarm(const Alarm&) = delete;
    Alarm& operator=(const Alarm&) = delete;

    void set(Instant at) {
        due_ = at;
        if (!armed_ || armed_at_ > at) arm();
    }
    void set_in(Duration duration) { set(clock_.instant() + duration); }
    void clear() { due_ = never; }
    // As clear(), and the clock is not touched any more, also not by the destructor: what is kept alive by
    // an operation that was cut off may outlive the clock.
    void disarm() {
        due_ = never;
        if (std::exchange(armed_, false)) clock_.cancel(timer_);
    }

  private:
    static constexpr Instant never{std::numeric_limits<std::int64_t>::max()};

    void arm() {
        if (armed_) clock_.cancel(timer_);
        armed_ = true;
        armed_at_ = due_;
        timer_ = clock_.schedule(due_, [this] { wake(); });
    }
    void wake() {
        armed_ = false;
        if (due_ == never) return;
        if (due_ > clock_.instant()) return arm();
        due_ = never;
        ring_();  // may destroy this alarm: nothing follows
    }

    Clock& clock_;
    std::function<void()> ring_;
    Instant due_ = never;
    Instant armed_at_;
    Clock::TimerId timer_ = 0;
    bool armed_ = false;
};

}  // namespace lockstep::net
