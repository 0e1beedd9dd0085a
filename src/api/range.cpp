// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/range.hpp"

#include <algorithm>
#include <charconv>
#include <string>

#include "blobs/errors.hpp"

namespace lockstep::api {

namespace {

// Empty text is no number, and fine.
bool read_position(std::string_view text, std::optional<std::uint64_t>& out) {
    if (text.empty()) return true;
    std::uint64_t number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return false;
    out = number;
    return true;
}

}  // namespace

Result<std::optional<Range>> parse_range(std::string_view header, std::uint64_t size) {
    constexpr std::string_view unit = "bytes=";
    constexpr auto whole = std::optional<Range>{};
    if (!header.starts_with(unit)) return whole;
    auto const text = header.substr(unit.size());
    auto const dash = text.find('-');
    std::optional<std::uint64_t> first, last;
    if (dash == text.npos || !read_position(text.substr(0, dash), first) || !read_position(text.substr(dash + 1), last))
        return whole;
    if ((!first && !last) || (first && last && *last < *first)) return whole;
    Range range;
    if (!first) {  // so many at the end
        range.length = std::min(*last, size);
        range.first = size - range.length;
    } else if (*first < size) {
        range.first = *first;
        range.length = std::min(last.value_or(size - 1), size - 1) - *first + 1;
    }
    if (range.length == 0) return refuse(errors::bad_range, {{"range", header}, {"size", std::to_string(size)}});
    return std::optional<Range>{range};
}

}  // namespace lockstep::api
