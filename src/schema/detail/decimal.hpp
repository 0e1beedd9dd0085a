// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// A JSON number as the decimal that it is written as: nothing is rounded, whatever its size.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lockstep::schema {

// (-1)^negative × digits × 10^exponent. Zero has no digits. One number has one form: no zeros at either end. An
// exponent beyond ±10^15 counts as that.
struct Decimal {
    bool negative = false;
    std::string digits;
    std::int64_t exponent = 0;

    bool is_zero() const { return digits.empty(); }
    bool is_whole() const { return digits.empty() || exponent >= 0; }
    std::string text() const;  // one for each number
};

// `text` is a number of JSON.
Decimal read_decimal(std::string_view text);
int compare(const Decimal& a, const Decimal& b);  // < 0, 0, > 0
// Whether `number` is a whole multiple of `divisor`, which is positive and has at most divisor_digits_max digits.
inline constexpr std::size_t divisor_digits_max = 18;
bool is_multiple(const Decimal& number, const Decimal& divisor);

}  // namespace lockstep::schema
