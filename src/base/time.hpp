// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Time: nanoseconds of UTC since 1970, as records carry it. Instants (steady nanoseconds) are for
// deadlines and are in async/clock.hpp.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lockstep {

struct Time {
    std::int64_t ns = 0;

    friend auto operator<=>(const Time&, const Time&) = default;
    bool is_zero() const { return ns == 0; }
    // RFC 3339, UTC, Z, nanoseconds with trailing zeros of the fraction removed (FFTime).
    std::string text() const;
    void append_to(std::string& out) const;
    // RFC 3339 with any offset; or a decimal integer that counts seconds if below 10^10,
    // milliseconds if the result is below 10^15, else nanoseconds (firefly-core.md 2.1).
    static std::optional<Time> parse(std::string_view text);
};

// Go's duration text ("500ms", "1h2m3s", "1.5s") or a plain integer, which counts `unit`s.
std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text, std::chrono::nanoseconds unit);
// Go's form: "50ms", "1m0s", "0s".
std::string duration_text(std::chrono::nanoseconds duration);

}  // namespace lockstep
