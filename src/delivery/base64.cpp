// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "delivery/base64.hpp"

namespace lockstep::delivery {

namespace {

constexpr std::string_view base64_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string to_base64(BytesView bytes) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        auto const left = bytes.size() - at;
        auto group = static_cast<std::uint32_t>(bytes[at]) << 16;
        if (left > 1) group |= static_cast<std::uint32_t>(bytes[at + 1]) << 8;
        if (left > 2) group |= bytes[at + 2];
        out += base64_alphabet[group >> 18 & 63];
        out += base64_alphabet[group >> 12 & 63];
        out += left > 1 ? base64_alphabet[group >> 6 & 63] : '=';
        out += left > 2 ? base64_alphabet[group & 63] : '=';
    }
    return out;
}

std::optional<Bytes> from_base64(std::string_view text) {
    auto const padded = text.find('=');
    auto const given = text;
    if (padded != text.npos) text = text.substr(0, padded);
    Bytes out;
    std::uint32_t bits = 0;
    auto count = 0;
    for (auto const c : text) {
        auto const value = base64_alphabet.find(c);
        if (value == base64_alphabet.npos) return std::nullopt;
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        out.push_back(static_cast<std::uint8_t>(bits >> count & 255));
    }
    auto const canonical = to_base64(out);
    auto const bare = std::string_view(canonical).substr(0, canonical.find('='));
    if (given != canonical && given != bare) return std::nullopt;
    return out;
}

}  // namespace lockstep::delivery
