// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Makes UUIDs of version 7. One maker a member: its ids ascend strictly, also within a millisecond and
// when the clock steps back, because the 12 + 62 bits below the time begin at chance and count up.
#pragma once

#include "base/chance.hpp"
#include "base/clock.hpp"
#include "base/uuid.hpp"

namespace lockstep {

class IdMaker {
  public:
    // Both must outlive the maker.
    IdMaker(WallClock& clock, Chance& chance) : clock_(clock), chance_(chance) {}
    // Not to be called from two threads at once.
    Uuid next();

  private:
    WallClock& clock_;
    Chance& chance_;
    std::uint64_t last_ms_ = 0;
    std::uint64_t high_ = 0;  // 12 bits
    std::uint64_t low_ = 0;   // 62 bits
};

}  // namespace lockstep
