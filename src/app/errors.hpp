// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Refusals of the program itself.
#pragma once

#include "base/error.hpp"

namespace lockstep::errors {

inline constexpr ErrorSpec unknown_fault{"LS10801", 400, "The fault cannot be made: {reason}"};
inline constexpr ErrorSpec bad_option{"LS10802", 400, "The option {option} cannot be {value}: {reason}"};

}  // namespace lockstep::errors
