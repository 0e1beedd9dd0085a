// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "load/spread.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace lockstep::load {

std::string Spread::json() const {
    if (samples_.empty()) return R"({"n":0})";
    auto sorted = samples_;
    std::sort(sorted.begin(), sorted.end());
    auto at = [&](double share) {
        auto const rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
        return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
    };
    return fmt::format(R"({{"n":{},"min":{:.2f},"p50":{:.2f},"p90":{:.2f},"p99":{:.2f},"max":{:.2f}}})", sorted.size(),
                       sorted.front(), at(0.5), at(0.9), at(0.99), sorted.back());
}

}  // namespace lockstep::load
