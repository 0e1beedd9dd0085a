// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Durations as Go prints and reads them, to the bit: the same arithmetic in the same order, so that
// "1.5s" and "0.1h" are the same number of nanoseconds in both worlds.
#include <array>
#include <charconv>
#include <cstring>

#include "base/time.hpp"

namespace lockstep {

namespace {

constexpr std::uint64_t magnitude_max = std::uint64_t{1} << 63;

struct Unit {
    std::string_view name;
    std::uint64_t ns;
};

constexpr std::array<Unit, 8> units = {{
    {"ns", 1},
    {"us", 1'000},
    {"\u00b5s", 1'000},  // micro sign
    {"\u03bcs", 1'000},  // Greek mu
    {"ms", 1'000'000},
    {"s", 1'000'000'000},
    {"m", 60'000'000'000},
    {"h", 3'600'000'000'000},
}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t count_digits(std::string_view text) {
    std::size_t count = 0;
    while (count < text.size() && is_digit(text[count])) ++count;
    return count;
}

std::optional<std::uint64_t> unit_ns(std::string_view name) {
    for (const Unit& unit : units) {
        if (unit.name == name) return unit.ns;
    }
    return std::nullopt;
}

// The digits behind the point as value / scale; those that would overflow are dropped.
struct Fraction {
    std::uint64_t value = 0;
    double scale = 1;
};

Fraction read_fraction(std::string_view digits) {
    Fraction out;
    for (const char c : digits) {
        if (out.value > (magnitude_max - 1) / 10) break;
        const std::uint64_t next = out.value * 10 + static_cast<std::uint64_t>(c - '0');
        if (next > magnitude_max) break;
        out.value = next;
        out.scale *= 10;
    }
    return out;
}

// One "1.5h", which is cut from `text`; empty when it is none or exceeds 2^63.
std::optional<std::uint64_t> read_term(std::string_view& text) {
    const std::size_t whole_digits = count_digits(text);
    std::uint64_t whole = 0;
    for (std::size_t i = 0; i < whole_digits; ++i) {
        if (whole > magnitude_max / 10) return std::nullopt;
        whole = whole * 10 + static_cast<std::uint64_t>(text[i] - '0');
        if (whole > magnitude_max) return std::nullopt;
    }
    text.remove_prefix(whole_digits);

    Fraction fraction;
    std::size_t fraction_digits = 0;
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        fraction_digits = count_digits(text);
        fraction = read_fraction(text.substr(0, fraction_digits));
        text.remove_prefix(fraction_digits);
    }
    if (whole_digits + fraction_digits == 0) return std::nullopt;

    std::size_t name_size = 0;
    while (name_size < text.size() && text[name_size] != '.' && !is_digit(text[name_size])) ++name_size;
    const auto unit = unit_ns(text.substr(0, name_size));
    if (!unit) return std::nullopt;
    text.remove_prefix(name_size);

    if (whole > magnitude_max / *unit) return std::nullopt;
    std::uint64_t out = whole * *unit;
    if (fraction.value > 0) {
        out += static_cast<std::uint64_t>(static_cast<double>(fraction.value) *
                                          (static_cast<double>(*unit) / fraction.scale));
        if (out > magnitude_max) return std::nullopt;
    }
    return out;
}

std::optional<std::chrono::nanoseconds> parse_go_duration(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    if (text == "0") return std::chrono::nanoseconds{0};
    if (text.empty()) return std::nullopt;
    std::uint64_t total = 0;
    while (!text.empty()) {
        const auto term = read_term(text);
        if (!term) return std::nullopt;
        total += *term;
        if (total > magnitude_max) return std::nullopt;
    }
    if (total == magnitude_max && !negative) return std::nullopt;
    return std::chrono::nanoseconds{static_cast<std::int64_t>(negative ? 0 - total : total)};
}

std::optional<std::chrono::nanoseconds> parse_count_of(std::string_view text, std::chrono::nanoseconds unit) {
    if (text.starts_with("+")) {
        text.remove_prefix(1);
        if (text.starts_with('-')) return std::nullopt;
    }
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    std::int64_t ns = 0;
    if (__builtin_mul_overflow(count, static_cast<std::int64_t>(unit.count()), &ns)) return std::nullopt;
    return std::chrono::nanoseconds{ns};
}

// Appends value / scale with up to `places` digits behind the point, without trailing zeros.
void append_fixed(std::string& out, std::uint64_t value, std::uint64_t scale, int places) {
    out += std::to_string(value / scale);
    std::uint64_t fraction = value % scale;
    if (fraction == 0) return;
    char digits[9];
    for (int i = places; i-- > 0; fraction /= 10) digits[i] = static_cast<char>('0' + fraction % 10);
    while (digits[places - 1] == '0') --places;
    out += '.';
    out.append(digits, static_cast<std::size_t>(places));
}

}  // namespace

std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text, std::chrono::nanoseconds unit) {
    const auto duration = parse_go_duration(text);
    return duration ? duration : parse_count_of(text, unit);
}

std::string duration_text(std::chrono::nanoseconds duration) {
    if (duration.count() == 0) return "0s";
    std::string out;
    auto ns = static_cast<std::uint64_t>(duration.count());
    if (duration.count() < 0) {
        out += '-';
        ns = 0 - ns;
    }
    if (ns < 1'000) {
        out += std::to_string(ns) + "ns";
    } else if (ns < 1'000'000) {
        append_fixed(out, ns, 1'000, 3);
        out += "\u00b5s";
    } else if (ns < 1'000'000'000) {
        append_fixed(out, ns, 1'000'000, 6);
        out += "ms";
    } else {
        const std::uint64_t minutes = ns / 60'000'000'000;
        if (minutes >= 60) out += std::to_string(minutes / 60) + "h";
        if (minutes > 0) out += std::to_string(minutes % 60) + "m";
        append_fixed(out, ns % 60'000'000'000, 1'000'000'000, 9);
        out += "s";
    }
    return out;
}

}  // namespace lockstep
