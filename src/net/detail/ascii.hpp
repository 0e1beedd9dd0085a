// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Header names and tokens compare without regard to case, in ASCII only: the process's locale has no say.
#pragma once

#include <cstddef>
#include <string_view>

namespace lockstep::net {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

constexpr bool same_ignoring_case(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (lower(a[i]) != lower(b[i])) return false;
    }
    return true;
}

}  // namespace lockstep::net
