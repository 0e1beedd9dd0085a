// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// LogBudget: for lines about what others can make happen as often as they like. The first are written one by one, then
// one in a while; each says how many were left out before it.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "async/allowance.hpp"

namespace lockstep {

class LogBudget {
  public:
    static constexpr std::int64_t lines_max = 20;
    static constexpr Duration line_interval = 1s;  // in which one more may be written, up to lines_max

    // How many were left out since the last line, if one may be written now.
    std::optional<std::uint64_t> line(Instant now) {
        if (lines_.take(now)) return std::exchange(left_out_, 0);
        ++left_out_;
        return std::nullopt;
    }

  private:
    Allowance lines_{lines_max, line_interval};
    std::uint64_t left_out_ = 0;
};

}  // namespace lockstep
