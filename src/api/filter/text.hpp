// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Comparing names and texts without the case of A to Z.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace lockstep::api {

inline char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

inline std::string to_lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) { return to_lower(c); });
    return out;
}

inline bool equals_ignoring_case(std::string_view a, std::string_view b) {
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return to_lower(x) == to_lower(y); });
}

// Well-formed UTF-8 without NUL: what every database takes as a text.
bool is_plain_text(std::string_view text);

}  // namespace lockstep::api
