// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Durations, and what is said of them: {"n","min","p50","p90","p99","max"} in milliseconds.
#pragma once

#include <string>
#include <vector>

namespace lockstep::load {

class Spread {
  public:
    void add(double milliseconds) { samples_.push_back(milliseconds); }
    std::size_t size() const { return samples_.size(); }
    std::string json() const;

  private:
    std::vector<double> samples_;
};

}  // namespace lockstep::load
