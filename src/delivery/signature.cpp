// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "delivery/signature.hpp"

#include <array>

#include "core/sha256.hpp"
#include "delivery/base64.hpp"
#include "delivery/errors.hpp"

namespace lockstep::delivery {

namespace {

constexpr std::string_view secret_prefix = "whsec_";
constexpr std::size_t secret_bytes_min = 24, secret_bytes_max = 64;
constexpr std::size_t hmac_block = 64;

Error bad_secrets() { return refuse(errors::bad_signing_secret, {{"limit", std::to_string(signing_secrets_max)}}); }

}  // namespace

Result<std::vector<Bytes>> parse_signing_secrets(json::Value secrets) {
    std::vector<Bytes> out;
    if (secrets.is_null()) return out;
    if (secrets.kind() != json::Kind::array) return bad_secrets();
    for (auto const& one : secrets.elements()) {
        auto const text = one.as_string();
        if (!text || !text->starts_with(secret_prefix) || out.size() == signing_secrets_max) return bad_secrets();
        auto bytes = from_base64(std::string_view(*text).substr(secret_prefix.size()));
        if (!bytes || bytes->size() < secret_bytes_min || bytes->size() > secret_bytes_max) return bad_secrets();
        out.push_back(std::move(*bytes));
    }
    return out;
}

Hash hmac_sha256(BytesView key, std::string_view text) {
    std::array<std::uint8_t, hmac_block> inner{}, outer{};
    auto const hashed = sha256(key);
    auto const used = key.size() > hmac_block ? hashed.view() : key;
    for (std::size_t i = 0; i < hmac_block; ++i) {
        auto const byte = i < used.size() ? used[i] : std::uint8_t{0};
        inner[i] = byte ^ 0x36;
        outer[i] = byte ^ 0x5c;
    }
    Sha256 hash;
    auto const inside = hash.add(BytesView(inner)).add(text).finish();
    return hash.add(BytesView(outer)).add(inside.view()).finish();
}

std::string webhook_signature(const std::vector<Bytes>& secrets,
                              std::string_view id,
                              std::string_view timestamp,
                              std::string_view body) {
    std::string content;
    content.reserve(id.size() + timestamp.size() + body.size() + 2);
    content.append(id).append(".").append(timestamp).append(".").append(body);
    std::string out;
    for (auto const& secret : secrets) {
        if (!out.empty()) out += ' ';
        out += "v1," + to_base64(hmac_sha256(secret, content).view());
    }
    return out;
}

}  // namespace lockstep::delivery
