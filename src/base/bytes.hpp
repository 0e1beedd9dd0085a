// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Bytes, hex, and the 32-byte hash.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lockstep {

using Bytes = std::vector<std::uint8_t>;
using BytesView = std::span<const std::uint8_t>;

inline BytesView as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(BytesView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

// Lower-case hex without a prefix.
std::string to_hex(BytesView bytes);
void append_hex(std::string& out, BytesView bytes);
// Even number of hex digits of either case, without a prefix.
std::optional<Bytes> from_hex(std::string_view text);

// A 32-byte value: SHA-256, Keccak-256, a pin, a context. Printed as 64 lower-case hex digits.
struct Hash {
    std::array<std::uint8_t, 32> bytes{};

    friend auto operator<=>(const Hash&, const Hash&) = default;
    std::string text() const { return to_hex(bytes); }
    void append_to(std::string& out) const { append_hex(out, bytes); }
    BytesView view() const { return bytes; }
    // 64 hex digits with or without 0x (FFTypes' Bytes32). Anything else is empty.
    static std::optional<Hash> parse(std::string_view text);
    // Exactly 32 bytes, or empty.
    static std::optional<Hash> from(BytesView bytes);
};

}  // namespace lockstep

template <>
struct std::hash<lockstep::Hash> {
    std::size_t operator()(const lockstep::Hash& hash) const noexcept {
        std::size_t out;
        std::memcpy(&out, hash.bytes.data(), sizeof out);
        return out;
    }
};
