// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Real time, for the threaded database alone: how long a commit has run. The simulated one has no threads
// and measures nothing, since its runs must not depend on the machine.
#pragma once

#include <chrono>

namespace lockstep::store::detail {

class Stopwatch {
  public:
    std::chrono::nanoseconds elapsed() const { return std::chrono::steady_clock::now() - begin_; }

  private:
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace lockstep::store::detail
