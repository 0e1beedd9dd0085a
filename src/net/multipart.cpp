// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "net/multipart.hpp"

#include <algorithm>

#include "net/detail/ascii.hpp"
#include "net/http.hpp"

namespace lockstep::net {

namespace {

constexpr std::size_t boundary_bytes_max = 70;
constexpr std::size_t preamble_bytes_max = 64 << 10;

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

// Takes `name=value` or `name="value"` from the front of the parameters of a header.
struct Parameter {
    std::string_view name;
    std::string value;
};

std::optional<Parameter> take_parameter(std::string_view& text) {
    while (!text.empty() && (text.front() == ';' || text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    auto const equals = text.find('=');
    if (equals == text.npos) return std::nullopt;
    Parameter out;
    out.name = trimmed(text.substr(0, equals));
    text = text.substr(equals + 1);
    if (!text.starts_with('"')) {
        auto const end = std::min(text.find(';'), text.size());
        out.value = trimmed(text.substr(0, end));
        text.remove_prefix(end);
        return out;
    }
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '"') {
            text.remove_prefix(i + 1);
            return out;
        }
        // Browsers write a backslash as it is; only quotes and backslashes are taken for escaped.
        if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\')) ++i;
        out.value += text[i];
    }
    return std::nullopt;  // no closing quote
}

// RFC 5987: UTF-8''percent%20encoded
std::optional<std::string> extended_value(std::string_view text) {
    auto const charset = text.find('\'');
    if (charset == text.npos || !same_ignoring_case(text.substr(0, charset), "utf-8")) return std::nullopt;
    auto const language = text.find('\'', charset + 1);
    if (language == text.npos) return std::nullopt;
    return percent_decode(text.substr(language + 1), false);
}

// What stands behind the last separator of a path, as a client may send one.
std::string last_component(const std::string& path) {
    auto const slash = path.find_last_of('/');
    return slash == std::string::npos ? path : path.substr(slash + 1);
}

// False when it is no form-data with a name.
bool read_disposition(std::string_view value, Multipart::Part& part) {
    part.disposition = value;
    auto const kind = std::min(value.find(';'), value.size());
    if (!same_ignoring_case(trimmed(value.substr(0, kind)), "form-data")) return false;
    auto rest = value.substr(kind);
    bool has_name = false;
    std::optional<std::string> extended;
    while (auto parameter = take_parameter(rest)) {
        if (same_ignoring_case(parameter->name, "name")) {
            part.name = std::move(parameter->value);
            has_name = true;
        } else if (same_ignoring_case(parameter->name, "filename")) {
            part.filename = last_component(parameter->value);
        } else if (same_ignoring_case(parameter->name, "filename*")) {
            extended = extended_value(parameter->value);
        }
    }
    if (extended) part.filename = last_component(*extended);
    return has_name;
}

}  // namespace

std::optional<std::string> multipart_boundary(std::string_view content_type) {
    auto const kind = std::min(content_type.find(';'), content_type.size());
    if (!same_ignoring_case(trimmed(content_type.substr(0, kind)), "multipart/form-data")) return std::nullopt;
    auto rest = content_type.substr(kind);
    while (auto parameter = take_parameter(rest)) {
        if (!same_ignoring_case(parameter->name, "boundary")) continue;
        if (parameter->value.empty() || parameter->value.size() > boundary_bytes_max) return std::nullopt;
        return std::move(parameter->value);
    }
    return std::nullopt;
}

Multipart::Multipart(std::string_view boundary, Limits limits) : delimiter_("\r\n--"), limits_(limits) {
    delimiter_ += boundary;
}

void Multipart::feed(std::string_view bytes) {
    held_.erase(0, at_);
    at_ = 0;
    held_ += bytes;
}

Multipart::Kind Multipart::fail(std::string reason) {
    state_ = State::failed;
    reason_ = std::move(reason);
    return Kind::malformed;
}

Multipart::Kind Multipart::wait() {
    if (ended_) return fail("it ends before its last boundary");
    return Kind::more;
}

Multipart::Kind Multipart::next() {
    switch (state_) {
        case State::preamble: return begin();
        case State::delimited: return delimited();
        case State::header: return header();
        case State::body: return body();
        case State::over: at_ = held_.size(); return Kind::end;
        case State::failed: break;
    }
    return Kind::malformed;
}

Multipart::Kind Multipart::begin() {
    auto const found = held_.find(delimiter_, at_);
    if (found == held_.npos || found > preamble_bytes_max) {
        if (held_.size() > preamble_bytes_max) return fail("its boundary is not found");
        return wait();
    }
    at_ = found + delimiter_.size();
    state_ = State::delimited;
    return delimited();
}

// Behind a boundary: "--" ends the form, a line break begins a part.
Multipart::Kind Multipart::delimited() {
    auto const text = rest();
    if (text.starts_with("--")) {
        state_ = State::over;
        return next();
    }
    auto const line = text.find("\r\n");
    if (line == text.npos || line > limits_.header_bytes_max) {
        if (text.size() > limits_.header_bytes_max) return fail("a boundary's line does not end");
        return wait();
    }
    if (!trimmed(text.substr(0, line)).empty()) return fail("something follows a boundary on its line");
    if (++parts_ > limits_.parts_max) return fail("it has more than " + std::to_string(limits_.parts_max) + " parts");
    at_ += line;  // the line break stays: an empty header is followed by nothing but another
    state_ = State::header;
    return header();
}

Multipart::Kind Multipart::header() {
    auto const text = rest();
    auto const end = text.find("\r\n\r\n");
    if (end == text.npos || end > limits_.header_bytes_max) {
        if (text.size() > limits_.header_bytes_max)
            return fail("the header of a part is longer than " + std::to_string(limits_.header_bytes_max) + " bytes");
        return wait();
    }
    part_ = Part{};
    bool has_name = false;
    auto lines = text.substr(0, end);
    while (!lines.empty()) {
        lines.remove_prefix(2);
        auto const line = lines.substr(0, std::min(lines.find("\r\n"), lines.size()));
        lines.remove_prefix(line.size());
        auto const colon = line.find(':');
        if (colon == line.npos) return fail("a header line of a part has no colon");
        auto const name = trimmed(line.substr(0, colon));
        auto const value = trimmed(line.substr(colon + 1));
        if (same_ignoring_case(name, "content-disposition")) has_name = read_disposition(value, part_);
        if (same_ignoring_case(name, "content-type")) part_.content_type = value;
    }
    if (!has_name) return fail("a part has no name");
    // The last line break is kept: with it begins the boundary of a part that is empty.
    at_ += end + 2;
    state_ = State::body;
    skip_ = 2;
    return Kind::part;
}

Multipart::Kind Multipart::body() {
    auto const text = rest();
    auto const found = text.find(delimiter_);
    if (found != text.npos) {
        // At 0 with skip_ left the boundary shares the header's line break: the part is empty.
        if (found > skip_) {
            bytes_ = text.substr(skip_, found - skip_);
            at_ += found;
            skip_ = 0;
            return Kind::bytes;
        }
        at_ += found + delimiter_.size();
        skip_ = 0;
        state_ = State::delimited;
        return Kind::part_end;
    }
    // The last bytes may be the beginning of a boundary.
    if (text.size() < delimiter_.size() + skip_) return wait();
    auto const sure = text.size() - (delimiter_.size() - 1);
    if (sure <= skip_) return wait();
    bytes_ = text.substr(skip_, sure - skip_);
    at_ += sure;
    skip_ = 0;
    return Kind::bytes;
}

}  // namespace lockstep::net
