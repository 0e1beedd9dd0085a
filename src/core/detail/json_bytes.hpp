// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What reading and writing JSON strings share: which bytes may stand as they are, how the others are
// written (firefly-core.md 2.2), and UTF-8 by Go's rules.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace lockstep::json {

inline constexpr char hex_digits[] = "0123456789abcdef";

// True for a byte that stands for itself inside a string of canonical JSON. The rest begins an escape,
// ends the string, must be escaped, or is not ASCII.
inline constexpr std::array<bool, 256> is_plain = [] {
    std::array<bool, 256> out{};
    for (unsigned c = 0x20; c < 0x80; ++c) out[c] = true;
    for (const char c : {'"', '\\', '<', '>', '&'}) out[static_cast<unsigned char>(c)] = false;
    return out;
}();

inline const char* skip_plain(const char* at, const char* end) {
    while (end - at >= 4) {
        if (!is_plain[static_cast<unsigned char>(at[0])]) return at;
        if (!is_plain[static_cast<unsigned char>(at[1])]) return at + 1;
        if (!is_plain[static_cast<unsigned char>(at[2])]) return at + 2;
        if (!is_plain[static_cast<unsigned char>(at[3])]) return at + 3;
        at += 4;
    }
    while (at < end && is_plain[static_cast<unsigned char>(*at)]) ++at;
    return at;
}

// The number of bytes of the character that begins at `at` < `end`, or 0 when they are no UTF-8: then
// one byte is replaced and the next is looked at afresh, as Go's utf8.DecodeRune has it.
inline std::size_t utf8_size(const char* at, const char* end) {
    const auto byte = [at](std::size_t i) { return static_cast<unsigned char>(at[i]); };
    const auto size = static_cast<std::size_t>(end - at);
    const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
    const unsigned char first = byte(0);
    if (first < 0x80) return 1;
    if (first < 0xC2) return 0;  // a continuation, or a long form of ASCII
    if (first < 0xE0) return size >= 2 && follows(1) ? 2 : 0;
    if (first < 0xF0) {
        if (size < 3 || !follows(1) || !follows(2)) return 0;
        if (first == 0xE0 && byte(1) < 0xA0) return 0;   // a long form
        if (first == 0xED && byte(1) >= 0xA0) return 0;  // half of a surrogate pair
        return 3;
    }
    if (first > 0xF4 || size < 4 || !follows(1) || !follows(2) || !follows(3)) return 0;
    if (first == 0xF0 && byte(1) < 0x90) return 0;   // a long form
    if (first == 0xF4 && byte(1) >= 0x90) return 0;  // beyond U+10FFFF
    return 4;
}

// The escape that canonical JSON demands for the character of `size` bytes at `at` (0: no UTF-8); empty
// when it stands as it is. Not for quote, backslash and control characters.
inline std::string_view forced_escape(const char* at, std::size_t size) {
    switch (size) {
        case 0: return "\\ufffd";
        case 1: return *at == '<' ? "\\u003c" : *at == '>' ? "\\u003e" : *at == '&' ? "\\u0026" : "";
        case 3:
            if (at[0] == '\xE2' && at[1] == '\x80' && at[2] == '\xA8') return "\\u2028";
            if (at[0] == '\xE2' && at[1] == '\x80' && at[2] == '\xA9') return "\\u2029";
            return "";
        default: return "";
    }
}

void append_utf8(std::string& out, std::uint32_t code_point);

}  // namespace lockstep::json
