// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "schema/detail/decimal.hpp"

#include <algorithm>

namespace lockstep::schema {

namespace {

constexpr std::int64_t exponent_max = 1'000'000'000'000'000;
__extension__ using Wide = unsigned __int128;

std::int64_t read_exponent(std::string_view text) {
    auto const negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    std::int64_t out = 0;
    for (auto const c : text) out = std::min(out * 10 + (c - '0'), exponent_max);
    return negative ? -out : out;
}

int compare_sizes(const Decimal& a, const Decimal& b) {
    auto const order = [](const Decimal& one) { return one.exponent + static_cast<std::int64_t>(one.digits.size()); };
    if (order(a) != order(b)) return order(a) < order(b) ? -1 : 1;
    return a.digits.compare(b.digits);  // neither ends with zeros, so a prefix is the smaller one
}

}  // namespace

std::string Decimal::text() const {
    if (is_zero()) return "0";
    return (negative ? "-" : "") + digits + "e" + std::to_string(exponent);
}

Decimal read_decimal(std::string_view text) {
    Decimal out;
    out.negative = text.starts_with('-');
    if (out.negative) text.remove_prefix(1);
    auto const at = std::min(text.find_first_of("eE"), text.size());
    if (at < text.size()) out.exponent = read_exponent(text.substr(at + 1));
    auto const mantissa = text.substr(0, at);
    auto const point = std::min(mantissa.find('.'), mantissa.size());
    out.digits = mantissa.substr(0, point);
    if (point < mantissa.size()) {
        out.digits += mantissa.substr(point + 1);
        out.exponent -= static_cast<std::int64_t>(mantissa.size() - point - 1);
    }
    out.digits.erase(0, std::min(out.digits.find_first_not_of('0'), out.digits.size()));
    while (!out.digits.empty() && out.digits.back() == '0') {
        out.digits.pop_back();
        ++out.exponent;
    }
    if (out.digits.empty()) return {};
    return out;
}

int compare(const Decimal& a, const Decimal& b) {
    auto const sign = [](const Decimal& one) { return one.is_zero() ? 0 : one.negative ? -1 : 1; };
    if (sign(a) != sign(b)) return sign(a) < sign(b) ? -1 : 1;
    if (a.is_zero()) return 0;
    return a.negative ? compare_sizes(b, a) : compare_sizes(a, b);
}

bool is_multiple(const Decimal& number, const Decimal& divisor) {
    if (number.is_zero()) return true;
    // number = A 10^p and divisor = B 10^q, where A does not end with a zero: so no multiple if p < q.
    if (number.exponent < divisor.exponent) return false;
    auto const by = static_cast<std::uint64_t>(std::stoull(divisor.digits));
    Wide rest = 0;
    for (auto const c : number.digits) rest = (rest * 10 + static_cast<unsigned>(c - '0')) % by;
    Wide power = 10 % by;
    for (auto left = static_cast<std::uint64_t>(number.exponent - divisor.exponent); left > 0; left >>= 1U) {
        if (left & 1U) rest = rest * power % by;
        power = power * power % by;
    }
    return rest == 0;
}

}  // namespace lockstep::schema
