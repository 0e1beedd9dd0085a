// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "base/uuid.hpp"

#include "base/detail/hex_tables.hpp"

namespace lockstep {

namespace {

constexpr std::size_t dashed_size = 36;

// Where the two digits of each byte begin in the dashed form.
constexpr std::array<std::uint8_t, 16> places = {0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};

void write_dashed(char* to, const std::array<std::uint8_t, 16>& bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) std::memcpy(to + places[i], &hex_pairs[bytes[i]], 2);
    to[8] = to[13] = to[18] = to[23] = '-';
}

std::optional<Uuid> parse_dashed(std::string_view text) {
    if (text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-') return std::nullopt;
    Uuid out;
    std::uint8_t bad = 0;
    for (std::size_t i = 0; i < out.bytes.size(); ++i) {
        const std::uint8_t high = hex_values[static_cast<std::uint8_t>(text[places[i]])];
        const std::uint8_t low = hex_values[static_cast<std::uint8_t>(text[places[i] + 1u])];
        bad = static_cast<std::uint8_t>(bad | high | low);
        out.bytes[i] = static_cast<std::uint8_t>(high << 4 | (low & 15));
    }
    if ((bad & 0xF0) != 0) return std::nullopt;
    return out;
}

bool equal_ignoring_case(std::string_view text, std::string_view lower) {
    if (text.size() != lower.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) != lower[i]) return false;
    }
    return true;
}

}  // namespace

std::string Uuid::text() const {
    std::string out(dashed_size, '\0');
    write_dashed(out.data(), bytes);
    return out;
}

void Uuid::append_to(std::string& out) const {
    const std::size_t begin = out.size();
    out.resize(begin + dashed_size);
    write_dashed(out.data() + begin, bytes);
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
    constexpr std::string_view urn = "urn:uuid:";
    switch (text.size()) {
        case dashed_size: return parse_dashed(text);
        case 32: {
            Uuid out;
            if (!decode_hex(text.data(), out.bytes)) return std::nullopt;
            return out;
        }
        case dashed_size + 2:
            if (text.front() != '{' || text.back() != '}') return std::nullopt;
            return parse_dashed(text.substr(1, dashed_size));
        case dashed_size + urn.size():
            if (!equal_ignoring_case(text.substr(0, urn.size()), urn)) return std::nullopt;
            return parse_dashed(text.substr(urn.size()));
        default: return std::nullopt;
    }
}

std::optional<Uuid> Uuid::from(std::span<const std::uint8_t> bytes) {
    Uuid out;
    if (bytes.size() != out.bytes.size()) return std::nullopt;
    std::memcpy(out.bytes.data(), bytes.data(), out.bytes.size());
    return out;
}

std::uint64_t Uuid::unix_ms() const {
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < 6; ++i) out = out << 8 | bytes[i];
    return out;
}

}  // namespace lockstep
