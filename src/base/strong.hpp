// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// A number with a meaning of its own: Strong<struct OffsetTag> does not convert to another.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace lockstep {

template <class Tag, class Number = std::int64_t>
struct Strong {
    Number value{};

    constexpr Strong() = default;
    constexpr explicit Strong(Number number) : value(number) {}
    friend constexpr auto operator<=>(const Strong&, const Strong&) = default;
    constexpr Strong next() const { return Strong{value + 1}; }
};

}  // namespace lockstep

template <class Tag, class Number>
struct std::hash<lockstep::Strong<Tag, Number>> {
    std::size_t operator()(const lockstep::Strong<Tag, Number>& x) const noexcept {
        return std::hash<Number>{}(x.value);
    }
};
