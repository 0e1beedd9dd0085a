// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Tables for hex both ways, shared by bytes and UUIDs. Included by this module's sources only.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace lockstep {

struct HexPair {
    char high, low;
};

inline constexpr std::array<HexPair, 256> hex_pairs = [] {
    constexpr char digits[] = "0123456789abcdef";
    std::array<HexPair, 256> out{};
    for (unsigned i = 0; i < 256; ++i) out[i] = {digits[i >> 4], digits[i & 15]};
    return out;
}();

// The value of a hex digit of either case; 0xFF for anything else.
inline constexpr std::array<std::uint8_t, 256> hex_values = [] {
    std::array<std::uint8_t, 256> out{};
    out.fill(0xFF);
    for (unsigned i = 0; i < 10; ++i) out['0' + i] = static_cast<std::uint8_t>(i);
    for (unsigned i = 0; i < 6; ++i) out['a' + i] = out['A' + i] = static_cast<std::uint8_t>(10 + i);
    return out;
}();

// Reads two digits for each byte of `out`. A bad digit shows only at the end, which keeps the loop
// free of branches.
inline bool decode_hex(const char* text, std::span<std::uint8_t> out) {
    std::uint8_t bad = 0;
    for (std::uint8_t& byte : out) {
        const std::uint8_t high = hex_values[static_cast<std::uint8_t>(*text++)];
        const std::uint8_t low = hex_values[static_cast<std::uint8_t>(*text++)];
        bad = static_cast<std::uint8_t>(bad | high | low);
        byte = static_cast<std::uint8_t>(high << 4 | (low & 15));
    }
    return (bad & 0xF0) == 0;
}

}  // namespace lockstep
