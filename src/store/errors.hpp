// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Why a database is not opened, or not believed.
#pragma once

#include "base/error_list.hpp"

namespace lockstep::errors {

// clang-format off
#define LOCKSTEP_STORE_ERRORS(X)                                                                                     \
    X(store_in_use, "LS10201", 503, "The database {path} is in use by another process ({holder})")                   \
    X(store_too_new, "LS10202", 500,                                                                                 \
      "The database {path} was written by a newer version: {what} has version {found}, this program knows {known}")  \
    X(store_damaged, "LS10203", 500, "The file {path} is not a database of Lockstep, or is damaged: {reason}")       \
    X(row_damaged, "LS10206", 500, "What is stored as {what} cannot be: '{found}'")                                  \
    X(wal_damaged, "LS10210", 500,                                                                                   \
      "The write-ahead log {path} is damaged at {frame}, and {after} good frames lie behind it: what was promised "  \
      "is in them, so nothing is opened and nothing was changed")
// clang-format on
LOCKSTEP_ERROR_LIST(of_store, LOCKSTEP_STORE_ERRORS)

}  // namespace lockstep::errors
