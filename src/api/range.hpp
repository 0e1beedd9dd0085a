// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The header Range of a download (RFC 9110, 14): one range of bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.hpp"

namespace lockstep::api {

struct Range {
    std::uint64_t first = 0, length = 0;
    friend bool operator==(const Range&, const Range&) = default;
};

// Nothing for what is to be answered in whole: no header, another unit, several ranges, or no syntax of ranges.
// LS10602 for a range that has none of the `size` bytes.
Result<std::optional<Range>> parse_range(std::string_view header, std::uint64_t size);

}  // namespace lockstep::api
