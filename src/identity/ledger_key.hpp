// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Keys of ledger accounts: secp256k1, named by the address that Ethereum derives from them (the last 20
// bytes of Keccak-256 of the public key). Clients know such verifiers as `ethereum_address`.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/chance.hpp"
#include "base/result.hpp"

namespace lockstep::identity {

Hash keccak256(BytesView bytes);

// r, s (low), and the recovery id 0 or 1.
using Signature = std::array<std::uint8_t, 65>;

class LedgerKey {
  public:
    static LedgerKey make(Chance& chance);
    // 32 bytes of secret, hex with or without 0x; LS10310 otherwise.
    static Result<LedgerKey> parse(std::string_view secret_hex);

    // "0x" and 40 lower-case hex digits.
    const std::string& address() const { return address_; }
    // Deterministic (RFC 6979). Thread-safe.
    Signature sign(const Hash& digest) const;
    // For the key file only.
    std::string secret_hex() const;

  private:
    explicit LedgerKey(std::array<std::uint8_t, 32> secret);
    std::array<std::uint8_t, 32> secret_;
    std::string address_;
};

// The address whose key made the signature; LS10311 when it is none.
Result<std::string> recover_address(const Hash& digest, const Signature& signature);

// Lower-cases and adds 0x; FF10141 for what is not 40 hex digits.
Result<std::string> normalise_address(std::string_view text);

}  // namespace lockstep::identity
