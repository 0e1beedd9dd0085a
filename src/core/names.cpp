// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "core/names.hpp"

#include <algorithm>

#include "base/uuid.hpp"
#include "core/errors.hpp"

namespace lockstep {

namespace {

constexpr std::size_t name_bytes_max = 64;

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }
bool is_inner(char c) { return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-'; }

}  // namespace

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= name_bytes_max && is_letter_or_digit(text.front()) &&
           is_letter_or_digit(text.back()) && std::all_of(text.begin(), text.end(), is_inner);
}

Result<void> check_name(std::string_view text, std::string_view field) {
    if (!is_name(text)) return refuse(errors::bad_name, {{"field", field}});
    return {};
}

Result<void> check_name_no_uuid(std::string_view text, std::string_view field) {
    if (Uuid::parse(text)) return refuse(errors::name_is_uuid, {{"field", field}});
    return check_name(text, field);
}

}  // namespace lockstep
