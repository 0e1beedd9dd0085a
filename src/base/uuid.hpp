// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// UUIDs. The ones that we make are version 7 (RFC 9562), so that what is stored together lies together.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace lockstep {

struct Uuid {
    std::array<std::uint8_t, 16> bytes{};

    friend auto operator<=>(const Uuid&, const Uuid&) = default;
    bool is_nil() const { return *this == Uuid{}; }
    // 36 characters, lower case.
    std::string text() const;
    void append_to(std::string& out) const;
    std::span<const std::uint8_t> view() const { return bytes; }
    // The forms that Go's google/uuid accepts: 36 dashed characters, 32 hex digits, {braced},
    // urn:uuid:…, either case.
    static std::optional<Uuid> parse(std::string_view text);
    static std::optional<Uuid> from(std::span<const std::uint8_t> bytes);
    // Milliseconds of Unix time in the first 48 bits. Meaningful for version 7 only.
    std::uint64_t unix_ms() const;
};

}  // namespace lockstep

template <>
struct std::hash<lockstep::Uuid> {
    std::size_t operator()(const lockstep::Uuid& id) const noexcept {
        std::size_t out;  // the tail: the head of version 7 is time and says little
        std::memcpy(&out, id.bytes.data() + 8, sizeof out);
        return out;
    }
};
