// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The bytes of the development ledger: transactions and block headers (README, "Bytes"). Pure functions,
// the same in the process that holds the ledger and in one that only prepares transactions for it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "identity/ledger_key.hpp"
#include "ledger/types.hpp"

namespace lockstep::ledger::dev {

inline constexpr std::size_t contexts_max = 65'536;
inline constexpr std::size_t payload_ref_bytes_max = 1'024;
inline constexpr std::size_t chain_id_bytes_max = 64;
// The longest transaction that these limits allow.
inline constexpr std::size_t transaction_bytes_max =
    4 + 1 + 1 + 1 + chain_id_bytes_max + 20 + 8 + 16 + 16 + 32 + 2 + payload_ref_bytes_max + 4 + 32 * contexts_max + 65;

// The request is within the limits above and `from` is an address, or it is a bug.
Unsigned prepare_pin(const PinRequest& request, std::string_view chain_id, const std::string& from, LedgerNonce nonce);
RawTransaction assemble(const Unsigned& transaction, const identity::Signature& signature);

struct Decoded {
    std::string chain_id;
    std::string from;  // normalised; what it says, not yet who signed
    LedgerNonce nonce;
    PinRequest pin;
    Hash digest;
    identity::Signature signature{};
};
// Total; LS10306. It has one byte form: what decodes is what prepare_pin and assemble would make of it.
Result<Decoded> decode(BytesView raw);
// LS10301 unless `from` has signed.
Result<void> check_signature(const Decoded& transaction);

inline Hash transaction_hash(BytesView raw) { return identity::keccak256(raw); }
// The address that pins are said to be sent to. The ledger has no contracts; clients want to see one.
std::string contract_address(std::string_view chain_id);

struct Header {
    BlockNumber number;
    Hash parent;
    Time timestamp;
    Hash transactions;       // keccak256 of the transactions' hashes, one after another
    std::uint64_t salt = 0;  // 0, or chance in a fork, so that no two forks have the same hash
};
Hash transactions_hash(const std::vector<Hash>& hashes);
Hash header_hash(const Header& header, std::string_view chain_id);

// Appends a transaction that is in the ledger to a block that has its header facts. Only what decodes was accepted
// into it: DamagedRow otherwise.
void include(Block& block, const Hash& hash, BytesView raw);

}  // namespace lockstep::ledger::dev
