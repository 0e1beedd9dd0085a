// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What a ledger refuses.
#pragma once

#include "base/error_list.hpp"

namespace lockstep::errors {

// clang-format off
#define LOCKSTEP_LEDGER_ERRORS(X)                                                                                    \
    X(bad_ledger_signature, "LS10301", 400, "The signature of the ledger transaction does not fit its sender")       \
    X(nonce_too_low, "LS10302", 409, "Nonce {nonce} of account {account} is used; the next is {next}")               \
    X(nonce_too_far, "LS10303", 409, "Nonce {nonce} of account {account} is too far ahead; the next is {next}")      \
    X(fork_refused, "LS10304", 400,                                                                                  \
      "A fork of {depth} blocks cannot be made: from 1 to {limit} are possible, for no more are unconfirmed")        \
    X(malformed_transaction, "LS10306", 400, "This is no transaction of this ledger: {reason}")                      \
    X(wrong_chain, "LS10307", 500, "{what} holds chain '{found}', and chain '{expected}' is configured")
// clang-format on
LOCKSTEP_ERROR_LIST(of_ledger, LOCKSTEP_LEDGER_ERRORS)

}  // namespace lockstep::errors
