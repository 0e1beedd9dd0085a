// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "net/detail/ws_handshake.hpp"

#include <openssl/evp.h>

#include <array>
#include <span>

namespace lockstep::net {

namespace {

constexpr std::string_view handshake_guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455, 1.3

std::string base64(std::span<const std::uint8_t> bytes) {
    std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
    auto const size =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes.data(), static_cast<int>(bytes.size()));
    out.resize(static_cast<std::size_t>(size));
    return out;
}

// 16 bytes in base64.
bool is_key(std::string_view text) {
    if (text.size() != 24 || !text.ends_with("==")) return false;
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    return text.substr(0, 22).find_first_not_of(alphabet) == text.npos;
}

}  // namespace

std::string accept_of_key(std::string_view key) {
    std::string text(key);
    text += handshake_guid;
    std::array<std::uint8_t, 20> hash{};
    EVP_Digest(text.data(), text.size(), hash.data(), nullptr, EVP_sha1(), nullptr);
    return base64(hash);
}

std::string make_websocket_key(Chance& chance) {
    std::array<std::uint8_t, 16> bytes{};
    chance.fill(bytes);
    return base64(bytes);
}

std::optional<std::string> websocket_accept(const Headers& headers) {
    if (headers.get("Sec-WebSocket-Version") != "13") return std::nullopt;
    auto const key = headers.get("Sec-WebSocket-Key");
    if (!is_key(key)) return std::nullopt;
    return accept_of_key(key);
}

}  // namespace lockstep::net
