// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "base/ids.hpp"

namespace lockstep {

namespace {

constexpr std::uint64_t high_limit = std::uint64_t{1} << 12;
constexpr std::uint64_t low_limit = std::uint64_t{1} << 62;
constexpr std::int64_t ns_per_ms = 1'000'000;

}  // namespace

Uuid IdMaker::next() {
    const std::int64_t now_ns = clock_.now().ns;
    const std::uint64_t now_ms = now_ns > 0 ? static_cast<std::uint64_t>(now_ns / ns_per_ms) : 0;
    const bool first = (last_ms_ | high_ | low_) == 0;
    if (first || now_ms > last_ms_) {
        last_ms_ = now_ms;
        high_ = chance_.below(high_limit);
        low_ = chance_.below(low_limit);
    } else if (++low_ == low_limit) {
        low_ = 0;
        if (++high_ == high_limit) {
            high_ = 0;
            ++last_ms_;  // ahead of the clock, which catches up: order matters more than the exact time
        }
    }
    const std::uint64_t head = last_ms_ << 16 | 0x7000 | high_;
    const std::uint64_t tail = std::uint64_t{2} << 62 | low_;
    Uuid out;
    for (std::size_t i = 0; i < 8; ++i) {
        out.bytes[i] = static_cast<std::uint8_t>(head >> (56 - i * 8));
        out.bytes[8 + i] = static_cast<std::uint8_t>(tail >> (56 - i * 8));
    }
    return out;
}

}  // namespace lockstep
