// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What a ledger refuses, beside what the catalogue of core lists already.
#pragma once

#include "core/errors.hpp"

namespace lockstep::ledger::errors {

using namespace lockstep::errors;  // bad_ledger_signature, nonce_too_low, nonce_too_far, overloaded

inline constexpr ErrorSpec fork_refused{
    "LS10304", 400,
    "A fork of {depth} blocks cannot be made: from 1 to {limit} are possible, for no more are unconfirmed"};
inline constexpr ErrorSpec malformed_transaction{"LS10306", 400, "This is no transaction of this ledger: {reason}"};
inline constexpr ErrorSpec wrong_chain{"LS10307", 500,
                                       "{what} holds chain '{found}', and chain '{expected}' is configured"};

}  // namespace lockstep::ledger::errors
