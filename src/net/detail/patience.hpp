// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Patience: how long we wait for a peer to bring, or to take, bytes of which nobody knows how many they are. A good
// part of them renews it, so that a byte now and then buys no time. What we need for ourselves does not count.
#pragma once

#include "async/clock.hpp"

#include <cstddef>

namespace lockstep::net {

class Patience {
  public:
    static constexpr std::size_t renewing_bytes = 16 << 10;

    explicit Patience(Duration whole) : whole_(whole), left_(whole) {}

    Duration left() const { return left_; }
    // We waited for so long, and so many bytes passed.
    void spend(Duration waited, std::size_t bytes) {
        left_ -= waited;
        bytes_ += bytes;
        if (bytes_ < renewing_bytes) return;
        bytes_ = 0;
        left_ = whole_;
    }

  private:
    Duration whole_, left_;
    std::size_t bytes_ = 0;
};

}  // namespace lockstep::net
