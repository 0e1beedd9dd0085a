// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What is refused about keys.
#pragma once

#include "base/error_list.hpp"

namespace lockstep::errors {

// clang-format off
#define LOCKSTEP_IDENTITY_ERRORS(X)                                                                                  \
    X(bad_ethereum_address, "FF10141", 400, "'{address}' is no Ethereum address")                                    \
    X(malformed_key, "LS10310", 500, "{what} is no usable key: {reason}")                                            \
    X(no_signature, "LS10311", 400, "This is no signature of any key: {reason}")                                     \
    X(key_exposed, "LS10312", 500,                                                                                   \
      "{path} is open to others (mode {mode}), so a key may be known to them: make a new one, or chmod {expected} "  \
      "it")
// clang-format on
LOCKSTEP_ERROR_LIST(of_identity, LOCKSTEP_IDENTITY_ERRORS)

}  // namespace lockstep::errors
