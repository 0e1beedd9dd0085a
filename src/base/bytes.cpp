// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.hpp"

#include "base/detail/hex_tables.hpp"

namespace lockstep {

void append_hex(std::string& out, BytesView bytes) {
    const std::size_t begin = out.size();
    out.resize(begin + bytes.size() * 2);
    char* to = out.data() + begin;
    for (const std::uint8_t byte : bytes) {
        std::memcpy(to, &hex_pairs[byte], 2);
        to += 2;
    }
}

std::string to_hex(BytesView bytes) {
    std::string out;
    append_hex(out, bytes);
    return out;
}

std::optional<Bytes> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    Bytes out(text.size() / 2);
    if (!decode_hex(text.data(), out)) return std::nullopt;
    return out;
}

std::optional<Hash> Hash::parse(std::string_view text) {
    if (text.starts_with("0x")) text.remove_prefix(2);
    Hash out;
    if (text.size() != out.bytes.size() * 2 || !decode_hex(text.data(), out.bytes)) return std::nullopt;
    return out;
}

std::optional<Hash> Hash::from(BytesView bytes) {
    Hash out;
    if (bytes.size() != out.bytes.size()) return std::nullopt;
    std::memcpy(out.bytes.data(), bytes.data(), out.bytes.size());
    return out;
}

}  // namespace lockstep
