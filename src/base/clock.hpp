// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What time it is. Waiting is in async/clock.hpp.
#pragma once

#include "base/time.hpp"

namespace lockstep {

class WallClock {
  public:
    virtual ~WallClock() = default;
    virtual Time now() const = 0;
};

}  // namespace lockstep
