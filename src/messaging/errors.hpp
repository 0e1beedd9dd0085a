// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Refusals of this module that the original has no code for.
#pragma once

#include "base/error.hpp"

namespace lockstep::errors {

inline constexpr ErrorSpec wrong_member_type{"LS10502", 400, "The member '{member}' must be {wanted}"};
inline constexpr ErrorSpec cannot_sign{"LS10503", 400,
                                       "This member holds no key of the account '{key}', so it cannot sign with it"};
inline constexpr ErrorSpec blobs_not_supported{"LS10504", 400, "Blobs are not supported by this version"};

}  // namespace lockstep::errors
