// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The ledger as everything above it sees it. Implementations: dev/ (in this process, true but without
// a network), remote/ (the same over a local socket), later EVM. Calls that need the ledger are
// awaited and throw when it cannot be reached; a refusal (bad nonce, bad signature) returns.
#pragma once

#include <vector>

#include "async/task.hpp"
#include "base/result.hpp"
#include "identity/ledger_key.hpp"
#include "ledger/types.hpp"

namespace lockstep::ledger {

class Ledger {
  public:
    virtual ~Ledger() = default;

    virtual Task<Info> info() = 0;

    // Pure: the transaction that pins a batch, and its final bytes once signed.
    virtual Unsigned prepare_pin(const PinRequest& request, const std::string& from, LedgerNonce nonce) const = 0;
    virtual RawTransaction assemble(const Unsigned& transaction, const identity::Signature& signature) const = 0;

    // Takes a signed transaction. Sending the same bytes again is no error, also after it is in a block.
    // Refuses LS10301 (signature), LS10302 (nonce used by another), LS10303 (nonce too far ahead),
    // LS10306 (malformed), LS10002 (too many wait for a block).
    virtual Task<Result<void>> send(Bytes raw) = 0;
    // The first nonce that the account has not used, pending ones counted.
    virtual Task<LedgerNonce> next_nonce(std::string account) = 0;

    virtual Task<Head> head() = 0;
    // Blocks first..last of the chain as it is now; fewer when there are fewer, or when the page is full.
    virtual Task<std::vector<Block>> blocks(BlockNumber first, BlockNumber last) = 0;
    // Returns when the head is another than `seen` (or when a replay was asked for).
    virtual Task<void> changed(Head seen) = 0;
};

}  // namespace lockstep::ledger
