// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "identity/node_key.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>

#include "base/must.hpp"

namespace lockstep::identity {

namespace {

// The crypt alphabet: its order is the order of ASCII, so texts sort as the bytes do.
constexpr std::string_view digits = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t text_size = 43;  // 258 bits: two zero bits follow the 256

}  // namespace

std::string NodeId::text() const {
    std::string out;
    out.reserve(text_size);
    std::uint32_t held = 0;
    int bits = 0;
    for (auto const byte : bytes) {
        held = (held << 8) | byte;
        bits += 8;
        while (bits >= 6) {
            bits -= 6;
            out += digits[(held >> bits) & 63];
        }
    }
    out += digits[(held << (6 - bits)) & 63];
    return out;
}

std::optional<NodeId> NodeId::parse(std::string_view text) {
    if (text.size() != text_size) return std::nullopt;
    NodeId id;
    std::uint32_t held = 0;
    int bits = 0;
    std::size_t filled = 0;
    for (auto const letter : text) {
        auto const digit = digits.find(letter);
        if (digit == std::string_view::npos) return std::nullopt;
        held = (held << 6) | static_cast<std::uint32_t>(digit);
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        id.bytes[filled++] = static_cast<std::uint8_t>(held >> bits);
    }
    if ((held & 3) != 0) return std::nullopt;  // one id has one text
    return id;
}

NodeKey::NodeKey(std::array<std::uint8_t, 32> seed) : seed_(seed) {
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> const key(
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed_.data(), seed_.size()), EVP_PKEY_free);
    MUST(key, "any 32 bytes are a seed of Ed25519");
    auto size = id_.bytes.size();
    auto const got = EVP_PKEY_get_raw_public_key(key.get(), id_.bytes.data(), &size);
    MUST(got == 1 && size == id_.bytes.size(), "an Ed25519 key has a public half of 32 bytes");
}

NodeKey NodeKey::make(Chance& chance) {
    std::array<std::uint8_t, 32> seed{};
    chance.fill(seed);
    return NodeKey(seed);
}

std::optional<NodeKey> NodeKey::parse(std::string_view seed_hex) {
    auto const bytes = from_hex(seed_hex);
    if (!bytes || bytes->size() != 32) return std::nullopt;
    std::array<std::uint8_t, 32> seed{};
    std::copy(bytes->begin(), bytes->end(), seed.begin());
    return NodeKey(seed);
}

std::string NodeKey::seed_hex() const { return to_hex(seed_); }

}  // namespace lockstep::identity
