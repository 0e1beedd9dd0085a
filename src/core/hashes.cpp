// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "core/errors.hpp"
#include "core/message.hpp"
#include "core/sha256.hpp"

namespace lockstep {

namespace {

std::array<std::uint8_t, 8> big_endian(std::uint64_t number) {
    std::array<std::uint8_t, 8> out;
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(number >> (56 - i * 8));
    return out;
}

}  // namespace

Result<Hash> data_hash(std::string_view value, const std::optional<Hash>& blob) {
    const bool no_value = value.empty() || value == "null";
    if (no_value && !blob) return refuse(errors::data_is_empty);
    if (no_value) return *blob;
    const Hash of_value = sha256(value);
    if (!blob) return of_value;
    return Sha256().add(of_value.text()).add(blob->text()).finish();  // over the hex texts, not the bytes
}

Hash broadcast_context(std::string_view topic) { return sha256(topic); }

Hash private_context(std::string_view topic, const Hash& group) {
    return Sha256().add(topic).add(group.view()).finish();
}

Hash nonce_key(std::string_view topic, const Hash& group, std::string_view author) {
    return Sha256().add(topic).add(group.view()).add(author).finish();
}

Hash masked_pin(std::string_view topic, const Hash& group, std::string_view author, std::uint64_t nonce) {
    return Sha256().add(topic).add(group.view()).add(author).add(big_endian(nonce)).finish();
}

Hash verifier_hash(std::string_view namespace_, std::string_view type, std::string_view value) {
    return Sha256().add(namespace_).add(type).add(value).finish();
}

std::string definition_topic(std::string_view kind, std::string_view namespace_, std::string_view name) {
    return Sha256().add(kind).add(namespace_).add(name).finish().text();
}

std::string identity_topic(std::string_view did) { return sha256(did).text(); }

void seal(Message& message) {
    message.header.datahash = sha256(data_refs_json(message.data));
    message.hash = sha256(header_json(message.header));
}

}  // namespace lockstep
