// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Who may not, and files of credentials that cannot be used.
#pragma once

#include "base/error_list.hpp"

namespace lockstep::errors {

// clang-format off
#define LOCKSTEP_AUTH_ERRORS(X)                                                                                      \
    X(unauthorised, "FF00169", 401, "Unauthorized: valid credentials have to be given")                              \
    X(too_many_logins, "LS10820", 503, "Too many passwords are being checked at once: try again in a moment")        \
    X(bad_password_file, "LS10821", 500, "{file}:{line}: these are no users with passwords: {reason}")               \
    X(bad_token_file, "LS10822", 500, "{file}:{line}: these are no tokens: {reason}")                                \
    X(cannot_read_secrets, "LS10823", 500, "The file {file} cannot be read: {reason}")
// clang-format on
LOCKSTEP_ERROR_LIST(of_auth, LOCKSTEP_AUTH_ERRORS)

}  // namespace lockstep::errors
