// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What is refused about keys, beside what the catalogue of core lists already.
#pragma once

#include "core/errors.hpp"

namespace lockstep::identity::errors {

using namespace lockstep::errors;  // bad_ethereum_address

inline constexpr ErrorSpec malformed_key{"LS10310", 500, "{what} is no usable key: {reason}"};
inline constexpr ErrorSpec no_signature{"LS10311", 400, "This is no signature of any key: {reason}"};
inline constexpr ErrorSpec key_exposed{
    "LS10312", 500,
    "{path} is open to others (mode {mode}), so a key may be known to them: make a new one, or chmod {expected} it"};

}  // namespace lockstep::identity::errors
