// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Retry lives here: capped exponential backoff with jitter.
#pragma once

#include <algorithm>

#include "async/clock.hpp"
#include "base/chance.hpp"

namespace lockstep {

class Backoff {
  public:
    struct Options {
        Duration first = 100ms;
        Duration most = 30s;
        double factor = 2;
    };
    Backoff(Options options, Chance& chance) : options_(options), next_(options.first), chance_(chance) {}

    // The wait before the next try: between half of the step and the step.
    Duration next() {
        auto const step = next_;
        next_ = std::min(Duration{static_cast<Duration::rep>(static_cast<double>(next_.count()) * options_.factor)},
                         options_.most);
        return step / 2 +
               Duration{static_cast<Duration::rep>(static_cast<double>(step.count()) / 2 * chance_.fraction())};
    }
    void reset() { next_ = options_.first; }

  private:
    Options options_;
    Duration next_;
    Chance& chance_;
};

}  // namespace lockstep
