// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Allowance: how often others may have something of us. A number of times at once, then one more in each interval; what
// was not used is kept up to that number. Time comes in with each question.
#pragma once

#include <algorithm>
#include <cstdint>

#include "async/clock.hpp"

namespace lockstep {

class Allowance {
  public:
    Allowance(std::int64_t at_once, Duration interval) : most_(at_once * interval), interval_(interval), left_(most_) {}

    // Once more, if there is any left.
    bool take(Instant now) {
        fill(now);
        if (left_ < interval_) return false;
        left_ -= interval_;
        return true;
    }
    // Whether there is any left or not; then it is owed.
    void owe(Instant now, std::int64_t times = 1) {
        fill(now);
        left_ -= times * interval_;
    }
    // How long until nothing is owed.
    Duration owed(Instant now) {
        fill(now);
        return std::max(-left_, Duration{});
    }

  private:
    void fill(Instant now) {
        if (begun_) left_ = std::min(most_, left_ + (now - last_));
        begun_ = true;
        last_ = now;
    }

    Duration most_, interval_, left_;
    Instant last_;
    bool begun_ = false;
};

}  // namespace lockstep
