// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "base/time.hpp"

#include <array>
#include <charconv>
#include <cstring>
#include <limits>

namespace lockstep {

namespace {

constexpr std::int64_t ns_per_second = 1'000'000'000;
constexpr std::int64_t seconds_per_day = 86'400;
constexpr std::size_t text_bytes_max = 30;  // 2006-01-02T15:04:05.999999999Z

constexpr std::array<std::array<char, 2>, 100> digit_pairs = [] {
    std::array<std::array<char, 2>, 100> out{};
    for (unsigned i = 0; i < 100; ++i) out[i] = {static_cast<char>('0' + i / 10), static_cast<char>('0' + i % 10)};
    return out;
}();

char* write_pair(char* to, unsigned value) {
    std::memcpy(to, digit_pairs[value].data(), 2);
    return to + 2;
}

struct Date {
    unsigned year, month, day;
};

// Howard Hinnant's algorithms (chrono-Compatible Low-Level Date Algorithms), with years that begin in
// March, so that the leap day is the last one.
Date date_of(std::int64_t days) {
    const std::int64_t shifted = days + 719'468;  // days since 0000-03-01; positive for every int64 of nanoseconds
    const auto era = static_cast<unsigned>(shifted / 146'097);
    const auto day_of_era = static_cast<unsigned>(shifted % 146'097);
    const unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const unsigned month_from_march = (5 * day_of_year + 2) / 153;
    const unsigned month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day_of_year - (153 * month_from_march + 2) / 5 + 1};
}

std::int64_t days_of(Date date) {
    const std::int64_t year = static_cast<std::int64_t>(date.year) - (date.month <= 2 ? 1 : 0);
    const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
    const std::int64_t year_of_era = year - era * 400;
    const unsigned month_from_march = date.month > 2 ? date.month - 3 : date.month + 9;
    const std::int64_t day_of_year = (153 * month_from_march + 2) / 5 + date.day - 1;
    return era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719'468;
}

unsigned days_in_month(unsigned year, unsigned month) {
    constexpr std::array<std::uint8_t, 12> lengths = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return lengths[month - 1] + (month == 2 && leap ? 1u : 0u);
}

char* write_time(char* to, std::int64_t ns) {
    std::int64_t seconds = ns / ns_per_second;
    auto fraction = ns % ns_per_second;
    if (fraction < 0) {
        fraction += ns_per_second;
        --seconds;
    }
    std::int64_t days = seconds / seconds_per_day;
    std::int64_t of_day = seconds % seconds_per_day;
    if (of_day < 0) {
        of_day += seconds_per_day;
        --days;
    }
    const Date date = date_of(days);
    const auto clock = static_cast<unsigned>(of_day);
    to = write_pair(to, date.year / 100);
    to = write_pair(to, date.year % 100);
    *to++ = '-';
    to = write_pair(to, date.month);
    *to++ = '-';
    to = write_pair(to, date.day);
    *to++ = 'T';
    to = write_pair(to, clock / 3600);
    *to++ = ':';
    to = write_pair(to, clock / 60 % 60);
    *to++ = ':';
    to = write_pair(to, clock % 60);
    if (fraction != 0) {
        auto digits = static_cast<unsigned>(fraction);
        *to++ = '.';
        *to++ = static_cast<char>('0' + digits / 100'000'000);
        to = write_pair(to, digits / 1'000'000 % 100);
        to = write_pair(to, digits / 10'000 % 100);
        to = write_pair(to, digits / 100 % 100);
        to = write_pair(to, digits % 100);
        while (to[-1] == '0') --to;
    }
    *to++ = 'Z';
    return to;
}

// Reads RFC 3339 from the left; the first thing that does not fit makes it bad.
class Reader {
  public:
    explicit Reader(std::string_view text) : rest_(text) {}

    bool good() const { return good_; }
    bool at_end() const { return rest_.empty(); }

    unsigned digits(std::size_t count) {
        unsigned out = 0;
        if (rest_.size() < count) good_ = false;
        for (std::size_t i = 0; good_ && i < count; ++i) {
            const auto digit = static_cast<unsigned>(rest_[i] - '0');
            if (digit > 9) good_ = false;
            out = out * 10 + digit;
        }
        if (good_) rest_.remove_prefix(count);
        return good_ ? out : 0;
    }
    bool skip(char c) {
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }
    void expect(char c) {
        if (!skip(c)) good_ = false;
    }
    // At least one digit; those beyond the ninth are dropped.
    std::int64_t fraction() {
        std::int64_t out = 0, scale = ns_per_second;
        std::size_t count = 0;
        for (; count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9'; ++count) {
            if (count >= 9) continue;
            out = out * 10 + (rest_[count] - '0');
            scale /= 10;
        }
        if (count == 0) good_ = false;
        rest_.remove_prefix(count);
        return out * scale;
    }

  private:
    std::string_view rest_;
    bool good_ = true;
};

std::optional<Time> time_of(std::int64_t seconds, std::int64_t fraction_ns) {
    // Before 1970 the fraction is taken from the second above, or the lowest nanoseconds would overflow.
    if (seconds < 0 && fraction_ns > 0) {
        ++seconds;
        fraction_ns -= ns_per_second;
    }
    Time out;
    if (__builtin_mul_overflow(seconds, ns_per_second, &out.ns)) return std::nullopt;
    if (__builtin_add_overflow(out.ns, fraction_ns, &out.ns)) return std::nullopt;
    return out;
}

std::optional<Time> parse_rfc3339(std::string_view text) {
    Reader in(text);
    Date date{};
    date.year = in.digits(4);
    in.expect('-');
    date.month = in.digits(2);
    in.expect('-');
    date.day = in.digits(2);
    in.expect('T');
    const unsigned hour = in.digits(2);
    in.expect(':');
    const unsigned minute = in.digits(2);
    in.expect(':');
    const unsigned second = in.digits(2);
    std::int64_t fraction = 0;
    if (in.good() && (in.skip('.') || in.skip(','))) fraction = in.fraction();
    std::int64_t offset = 0;
    if (in.good() && !in.skip('Z')) {
        const bool ahead = in.skip('+');
        if (!ahead) in.expect('-');
        const unsigned hours = in.digits(2);
        in.expect(':');
        const unsigned minutes = in.digits(2);
        if (hours > 23 || minutes > 59) return std::nullopt;
        offset = (ahead ? 1 : -1) * static_cast<std::int64_t>(hours * 3600 + minutes * 60);
    }
    if (!in.good() || !in.at_end()) return std::nullopt;
    if (date.month < 1 || date.month > 12 || hour > 23 || minute > 59 || second > 59) return std::nullopt;
    if (date.day < 1 || date.day > days_in_month(date.year, date.month)) return std::nullopt;
    return time_of(days_of(date) * seconds_per_day + hour * 3600 + minute * 60 + second - offset, fraction);
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
    if (text.starts_with('+')) {
        text.remove_prefix(1);
        if (text.starts_with('-')) return std::nullopt;
    }
    std::int64_t out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return out;
}

std::optional<Time> parse_count(std::string_view text) {
    const auto count = parse_integer(text);
    if (!count) return std::nullopt;
    Time out{*count};
    if (out.ns < 10'000'000'000 && __builtin_mul_overflow(out.ns, 1'000, &out.ns)) return std::nullopt;
    if (out.ns < 1'000'000'000'000'000 && __builtin_mul_overflow(out.ns, 1'000'000, &out.ns)) return std::nullopt;
    return out;
}

}  // namespace

std::string Time::text() const {
    char buffer[text_bytes_max];
    return std::string(buffer, write_time(buffer, ns));
}

void Time::append_to(std::string& out) const {
    char buffer[text_bytes_max];
    out.append(buffer, write_time(buffer, ns));
}

std::optional<Time> Time::parse(std::string_view text) {
    // Only a date has a dash in its fifth place and digits before it.
    if (text.size() > 4 && text[4] == '-') return parse_rfc3339(text);
    return parse_count(text);
}

}  // namespace lockstep
