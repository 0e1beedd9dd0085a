// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "core/detail/scan.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "core/detail/json_bytes.hpp"

namespace lockstep::json {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

Match match_plain(std::string_view text, std::string_view name) {
    if (text.size() != name.size()) return Match::none;
    if (text == name) return Match::exact;
    const bool folded =
        std::equal(text.begin(), text.end(), name.begin(), [](char a, char b) { return lower(a) == lower(b); });
    return folded ? Match::folded : Match::none;
}

// The four hex digits at `at`; compact() has seen to it that they are there.
std::uint32_t read_hex(const char* at) {
    std::uint32_t out = 0;
    for (int i = 0; i < 4; ++i) {
        const auto c = static_cast<std::uint32_t>(lower(at[i]));
        out = out << 4 | ((c >= 'a' ? c - 'a' + 10 : c - '0') & 15);
    }
    return out;
}

bool is_high_surrogate(std::uint32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool is_low_surrogate(std::uint32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

// Appends what \uXXXX at `at` means, with the second half of a pair if there is one; returns what follows.
const char* append_unit(std::string& out, const char* at, const char* end) {
    const std::uint32_t unit = read_hex(at + 2);
    at += 6;
    if (is_high_surrogate(unit) && end - at >= 6 && at[0] == '\\' && at[1] == 'u') {
        const std::uint32_t second = read_hex(at + 2);
        if (is_low_surrogate(second)) {
            append_utf8(out, 0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00));
            return at + 6;
        }
    }
    append_utf8(out, is_high_surrogate(unit) || is_low_surrogate(unit) ? 0xFFFD : unit);
    return at;
}

char resolve(char c) {
    switch (c) {
        case 'b': return '\b';
        case 'f': return '\f';
        case 'n': return '\n';
        case 'r': return '\r';
        case 't': return '\t';
        default: return c;
    }
}

}  // namespace

void append_utf8(std::string& out, std::uint32_t code_point) {
    const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (code_point < 0x80) {
        put(code_point);
    } else if (code_point < 0x800) {
        put(0xC0 | code_point >> 6);
        put(0x80 | (code_point & 0x3F));
    } else if (code_point < 0x10000) {
        put(0xE0 | code_point >> 12);
        put(0x80 | (code_point >> 6 & 0x3F));
        put(0x80 | (code_point & 0x3F));
    } else {
        put(0xF0 | code_point >> 18);
        put(0x80 | (code_point >> 12 & 0x3F));
        put(0x80 | (code_point >> 6 & 0x3F));
        put(0x80 | (code_point & 0x3F));
    }
}

// Looks for quotes and counts the backslashes before each: every byte is looked at twice at most.
const char* skip_string(const char* at, const char* end) {
    const char* const begin = ++at;
    while (at < end) {
        const auto* quote = static_cast<const char*>(std::memchr(at, '"', static_cast<std::size_t>(end - at)));
        if (!quote) return end;
        const char* before = quote;
        while (before > begin && before[-1] == '\\') --before;
        if ((quote - before) % 2 == 0) return quote + 1;
        at = quote + 1;
    }
    return end;
}

const char* skip_value(const char* at, const char* end) {
    std::size_t depth = 0;
    while (at < end) {
        switch (*at) {
            case '"':
                at = skip_string(at, end);
                if (depth == 0) return at;
                break;
            case '{':
            case '[':
                ++depth;
                ++at;
                break;
            case '}':
            case ']':
                if (depth == 0) return at;
                ++at;
                if (--depth == 0) return at;
                break;
            case ',':
                if (depth == 0) return at;
                ++at;
                break;
            default: ++at;
        }
    }
    return end;
}

std::string unescape(std::string_view raw) {
    std::string out;
    const char* at = raw.data();
    const char* const end = at + raw.size();
    while (at < end) {
        const auto* backslash = static_cast<const char*>(std::memchr(at, '\\', static_cast<std::size_t>(end - at)));
        if (!backslash || end - backslash < 2) break;
        if (out.empty()) out.reserve(raw.size());
        out.append(at, backslash);
        if (backslash[1] == 'u' && end - backslash >= 6) {
            at = append_unit(out, backslash, end);
        } else {
            out += resolve(backslash[1]);
            at = backslash + 2;
        }
    }
    out.append(at, end);
    return out;
}

Members::Members(std::string_view object) {
    if (object.size() < 2 || object.front() != '{') return;
    at_ = object.data() + 1;
    end_ = object.data() + object.size();
}

bool Members::next() {
    if (at_ != end_ && *at_ == ',') ++at_;
    if (at_ == end_ || *at_ != '"') return false;
    const char* const name_end = skip_string(at_, end_);
    const char* const value = std::min(name_end + 1, end_);
    if (value == end_) return false;
    name_ = {at_ + 1, static_cast<std::size_t>(name_end - at_ - 2)};
    at_ = skip_value(value, end_);
    value_ = {value, static_cast<std::size_t>(at_ - value)};
    return true;
}

Elements::Elements(std::string_view array) {
    if (array.size() < 2 || array.front() != '[') return;
    at_ = array.data() + 1;
    end_ = array.data() + array.size();
}

bool Elements::next() {
    if (at_ != end_ && *at_ == ',') ++at_;
    if (at_ == end_ || *at_ == ']') return false;
    const char* const value = at_;
    at_ = skip_value(at_, end_);
    value_ = {value, static_cast<std::size_t>(at_ - value)};
    return !value_.empty();
}

Match match_name(std::string_view raw, std::string_view name) {
    // An escape is longer than what it stands for, so a raw name that is shorter cannot match.
    if (raw.size() < name.size()) return Match::none;
    if (raw.find('\\') == std::string_view::npos) return match_plain(raw, name);
    return match_plain(unescape(raw), name);
}

}  // namespace lockstep::json
