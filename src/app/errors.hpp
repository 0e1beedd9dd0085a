// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Refusals of the program itself.
#pragma once

#include "base/error_list.hpp"

namespace lockstep::errors {

// clang-format off
#define LOCKSTEP_APP_ERRORS(X)                                                                                       \
    X(unknown_fault, "LS10801", 400, "The fault cannot be made: {reason}")
// clang-format on
LOCKSTEP_ERROR_LIST(of_app, LOCKSTEP_APP_ERRORS)

}  // namespace lockstep::errors
