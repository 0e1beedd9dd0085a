// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "identity/ledger_key.hpp"

#include <cryptopp/keccak.h>
#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include <algorithm>

#include "base/must.hpp"
#include "identity/errors.hpp"

namespace lockstep::identity {

namespace {

// Read-only after it is made, so threads share it.
const secp256k1_context* context() {
    static const secp256k1_context* const shared = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
    return shared;
}

std::string address_of(const secp256k1_pubkey& key) {
    std::array<std::uint8_t, 65> point{};  // 0x04, then x and y
    auto size = point.size();
    secp256k1_ec_pubkey_serialize(context(), point.data(), &size, &key, SECP256K1_EC_UNCOMPRESSED);
    auto const hash = keccak256(BytesView(point).subspan(1));
    return "0x" + to_hex(hash.view().last(20));
}

std::string_view without_0x(std::string_view text) {
    if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
    return text;
}

}  // namespace

Hash keccak256(BytesView bytes) {
    CryptoPP::Keccak_256 state;
    state.Update(bytes.data(), bytes.size());
    Hash hash;
    state.Final(hash.bytes.data());
    return hash;
}

LedgerKey::LedgerKey(std::array<std::uint8_t, 32> secret) : secret_(secret) {
    secp256k1_pubkey key;
    auto const made = secp256k1_ec_pubkey_create(context(), &key, secret_.data());
    MUST(made == 1, "the secret was checked to be within the order of the curve");
    address_ = address_of(key);
}

LedgerKey LedgerKey::make(Chance& chance) {
    std::array<std::uint8_t, 32> secret{};
    do {
        chance.fill(secret);  // outside the order once in 2^128
    } while (secp256k1_ec_seckey_verify(context(), secret.data()) != 1);
    return LedgerKey(secret);
}

Result<LedgerKey> LedgerKey::parse(std::string_view secret_hex) {
    auto const bytes = from_hex(without_0x(secret_hex));
    // The text itself is not shown: it may be a secret with a typing error.
    if (!bytes || bytes->size() != 32)
        return refuse(errors::malformed_key, {{"what", "The ledger key"}, {"reason", "64 hex digits are expected"}});
    std::array<std::uint8_t, 32> secret{};
    std::copy(bytes->begin(), bytes->end(), secret.begin());
    if (secp256k1_ec_seckey_verify(context(), secret.data()) != 1)
        return refuse(errors::malformed_key,
                      {{"what", "The ledger key"}, {"reason", "it is zero or not below the order of secp256k1"}});
    return LedgerKey(secret);
}

Signature LedgerKey::sign(const Hash& digest) const {
    secp256k1_ecdsa_recoverable_signature made;
    auto const signed_ =
        secp256k1_ecdsa_sign_recoverable(context(), &made, digest.bytes.data(), secret_.data(), nullptr, nullptr);
    MUST(signed_ == 1, "a checked secret signs every digest");
    Signature signature{};
    int recovery = 0;
    secp256k1_ecdsa_recoverable_signature_serialize_compact(context(), signature.data(), &recovery, &made);
    MUST(recovery <= 1, "2 and 3 need a point whose x lies above the order, and nobody knows one");
    signature[64] = static_cast<std::uint8_t>(recovery);
    return signature;
}

std::string LedgerKey::secret_hex() const { return to_hex(secret_); }

Result<std::string> recover_address(const Hash& digest, const Signature& signature) {
    if (signature[64] > 1) return refuse(errors::no_signature, {{"reason", "the recovery id is neither 0 nor 1"}});
    secp256k1_ecdsa_recoverable_signature recoverable;
    if (secp256k1_ecdsa_recoverable_signature_parse_compact(context(), &recoverable, signature.data(), signature[64]) !=
        1)
        return refuse(errors::no_signature, {{"reason", "r or s is not below the order of secp256k1"}});
    // With a high s anybody could write the same signature in a second way and so rename a transaction.
    secp256k1_ecdsa_signature plain;
    secp256k1_ecdsa_recoverable_signature_convert(context(), &plain, &recoverable);
    if (secp256k1_ecdsa_signature_normalize(context(), nullptr, &plain) == 1)
        return refuse(errors::no_signature, {{"reason", "s is in the upper half of the order"}});
    secp256k1_pubkey key;
    if (secp256k1_ecdsa_recover(context(), &key, &recoverable, digest.bytes.data()) != 1)
        return refuse(errors::no_signature, {{"reason", "no public key belongs to it"}});
    return address_of(key);
}

Result<std::string> normalise_address(std::string_view text) {
    auto const bytes = from_hex(without_0x(text));
    if (!bytes || bytes->size() != 20) return refuse(errors::bad_ethereum_address, {{"address", text}});
    return "0x" + to_hex(*bytes);
}

}  // namespace lockstep::identity
