// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <cstdint>

#include "base/must.hpp"
#include "core/detail/scan.hpp"
#include "core/json.hpp"

namespace lockstep::json {

Kind Value::kind() const {
    if (text_.empty()) return Kind::null_;
    switch (text_.front()) {
        case '{': return Kind::object;
        case '[': return Kind::array;
        case '"': return Kind::string;
        case 't':
        case 'f': return Kind::boolean;
        case 'n': return Kind::null_;
        default: return Kind::number;
    }
}

std::optional<std::string> Value::as_string() const {
    if (kind() != Kind::string || text_.size() < 2) return std::nullopt;
    return unescape(text_.substr(1, text_.size() - 2));
}

std::optional<bool> Value::as_bool() const {
    if (text_ == "true") return true;
    if (text_ == "false") return false;
    return std::nullopt;
}

std::optional<std::int64_t> Value::as_int() const {
    std::int64_t out = 0;
    const char* const end = text_.data() + text_.size();
    const auto [at, error] = std::from_chars(text_.data(), end, out);
    if (error != std::errc{} || at != end) return std::nullopt;
    return out;
}

std::optional<double> Value::as_number() const {
    if (kind() != Kind::number) return std::nullopt;
    double out = 0;
    const char* const end = text_.data() + text_.size();
    const auto [at, error] = std::from_chars(text_.data(), end, out);
    if (error != std::errc{} || at != end) return std::nullopt;
    return out;
}

Value Value::operator[](std::string_view name) const {
    Value out;
    pick(std::span(&name, 1), std::span(&out, 1));
    return out;
}

void Value::pick(std::span<const std::string_view> names, std::span<Value> out) const {
    constexpr std::size_t names_max = 64;
    MUST(names.size() <= names_max && names.size() == out.size(), "a caller names the members of one structure");
    Match found[names_max] = {};
    for (Members members(text_); members.next();) {
        for (std::size_t i = 0; i < names.size(); ++i) {
            const Match match = match_name(members.name(), names[i]);
            if (match == Match::none || (match == Match::folded && found[i] != Match::none)) continue;
            found[i] = match;
            out[i] = Value(members.value());
        }
    }
}

std::vector<std::pair<std::string, Value>> Value::members() const {
    std::vector<std::pair<std::string, Value>> out;
    for (Members members(text_); members.next();) out.emplace_back(unescape(members.name()), Value(members.value()));
    return out;
}

std::vector<Value> Value::elements() const {
    std::vector<Value> out;
    for (Elements elements(text_); elements.next();) out.emplace_back(elements.value());
    return out;
}

}  // namespace lockstep::json
