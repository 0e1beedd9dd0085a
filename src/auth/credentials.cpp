// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "auth/credentials.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace lockstep::auth {

namespace {

constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr auto values = [] {
    std::array<std::int8_t, 256> out{};
    out.fill(-1);
    for (std::size_t i = 0; i < digits.size(); ++i)
        out[static_cast<unsigned char>(digits[i])] = static_cast<std::int8_t>(i);
    return out;
}();

// With or without the padding, which some clients forget.
std::optional<std::string> decode_base64(std::string_view text) {
    while (text.ends_with('=')) text.remove_suffix(1);
    if (text.size() % 4 == 1) return std::nullopt;
    std::string out;
    std::uint32_t bits = 0;
    int count = 0;
    for (auto const c : text) {
        auto const value = values[static_cast<unsigned char>(c)];
        if (value < 0) return std::nullopt;
        bits = (bits << 6 | static_cast<std::uint32_t>(value)) & 0xffffff;
        count += 6;
        if (count < 8) continue;
        count -= 8;
        out += static_cast<char>(bits >> count & 0xff);
    }
    return out;
}

std::string encode_base64(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); i += 3) {
        std::uint32_t bits = 0;
        for (std::size_t j = 0; j < 3; ++j)
            bits = bits << 8 | (i + j < text.size() ? static_cast<unsigned char>(text[i + j]) : 0u);
        for (std::size_t j = 0; j < 4; ++j) out += i + j <= text.size() ? digits[bits >> (18 - 6 * j) & 63] : '=';
    }
    return out;
}

// True, and cut off with the spaces behind it, when `text` begins with the scheme.
bool take_scheme(std::string_view& text, std::string_view scheme) {
    if (text.size() <= scheme.size() || text[scheme.size()] != ' ') return false;
    for (std::size_t i = 0; i < scheme.size(); ++i) {
        if ((text[i] | 0x20) != scheme[i]) return false;
    }
    text.remove_prefix(scheme.size());
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return true;
}

}  // namespace

Credentials parse_authorization(std::string_view header) {
    if (header.size() > authorization_bytes_max) return Nobody{};
    if (take_scheme(header, "basic")) {
        auto const pair = decode_base64(header);
        if (!pair || pair->find('\0') != std::string::npos) return Nobody{};
        auto const colon = pair->find(':');
        if (colon == std::string::npos) return Nobody{};
        return Login{pair->substr(0, colon), pair->substr(colon + 1)};
    }
    if (take_scheme(header, "bearer") && !header.empty()) return Token{std::string(header)};
    return Nobody{};
}

std::string basic_authorization(std::string_view user_and_password) {
    return "Basic " + encode_base64(user_and_password);
}

std::string bearer_authorization(std::string_view token) { return "Bearer " + std::string(token); }

}  // namespace lockstep::auth
