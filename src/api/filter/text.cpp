// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/filter/text.hpp"

#include <cstdint>

namespace lockstep::api {

bool is_plain_text(std::string_view text) {
    auto const byte = [&](std::size_t at) { return static_cast<std::uint8_t>(text[at]); };
    for (std::size_t at = 0; at < text.size();) {
        auto const first = byte(at);
        if (first == 0) return false;
        if (first < 0x80) {
            ++at;
            continue;
        }
        auto const length = first >= 0xf0 ? 4U : first >= 0xe0 ? 3U : 2U;
        if (first < 0xc2 || first > 0xf4 || at + length > text.size()) return false;
        std::uint32_t point = first & (0xffU >> (length + 1));
        for (std::size_t i = 1; i < length; ++i) {
            if ((byte(at + i) & 0xc0) != 0x80) return false;
            point = (point << 6) | (byte(at + i) & 0x3f);
        }
        auto const least = length == 4 ? 0x10000U : length == 3 ? 0x800U : 0x80U;
        if (point < least || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return false;
        at += length;
    }
    return true;
}

}  // namespace lockstep::api
