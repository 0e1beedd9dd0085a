// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "core/detail/json_bytes.hpp"
#include "core/json.hpp"

namespace lockstep::json {

namespace {

void append_control(std::string& out, char c) {
    switch (c) {
        case '\b': out += "\\b"; break;
        case '\f': out += "\\f"; break;
        case '\n': out += "\\n"; break;
        case '\r': out += "\\r"; break;
        case '\t': out += "\\t"; break;
        default:
            out += "\\u00";
            out += hex_digits[static_cast<unsigned char>(c) >> 4];
            out += hex_digits[static_cast<unsigned char>(c) & 15];
    }
}

template <class Number>
void append_number(std::string& out, Number value) {
    char digits[20];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
    static_cast<void>(error);  // twenty characters hold every 64-bit number
    out.append(digits, end);
}

}  // namespace

void append_string(std::string& out, std::string_view text) {
    out += '"';
    const char* at = text.data();
    const char* const end = at + text.size();
    while (true) {
        const char* const run = at;
        at = skip_plain(at, end);
        out.append(run, at);
        if (at == end) break;
        const std::size_t size = utf8_size(at, end);
        const std::string_view escape = forced_escape(at, size);
        if (!escape.empty()) {
            out += escape;
        } else if (*at == '"' || *at == '\\') {
            out += '\\';
            out += *at;
        } else if (size == 1) {
            append_control(out, *at);
        } else {
            out.append(at, size);
        }
        at += size == 0 ? 1 : size;
    }
    out += '"';
}

void Writer::separate() {
    if (comma_) out_ += ',';
    comma_ = true;
}

Writer& Writer::begin_object() {
    separate();
    out_ += '{';
    comma_ = false;
    return *this;
}
Writer& Writer::end_object() {
    out_ += '}';
    comma_ = true;
    return *this;
}
Writer& Writer::begin_array() {
    separate();
    out_ += '[';
    comma_ = false;
    return *this;
}
Writer& Writer::end_array() {
    out_ += ']';
    comma_ = true;
    return *this;
}

Writer& Writer::key(std::string_view name) {
    separate();
    append_string(out_, name);
    out_ += ':';
    comma_ = false;
    return *this;
}

Writer& Writer::string(std::string_view text) {
    separate();
    append_string(out_, text);
    return *this;
}
Writer& Writer::number(std::int64_t value) {
    separate();
    append_number(out_, value);
    return *this;
}
Writer& Writer::unsigned_number(std::uint64_t value) {
    separate();
    append_number(out_, value);
    return *this;
}
Writer& Writer::boolean(bool value) {
    separate();
    out_ += value ? "true" : "false";
    return *this;
}
Writer& Writer::null() {
    separate();
    out_ += "null";
    return *this;
}
Writer& Writer::raw(std::string_view compacted) {
    separate();
    out_ += compacted;
    return *this;
}

}  // namespace lockstep::json
