// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Why a database is not opened. The catalogue of core lists the same numbers; store stands below it.
#pragma once

#include "base/error.hpp"

namespace lockstep::store::errors {

inline constexpr ErrorSpec in_use{"LS10201", 503, "The database {path} is in use by another process ({holder})"};
inline constexpr ErrorSpec newer_version{
    "LS10202", 500,
    "The database {path} was written by a newer version: {what} has version {found}, this program knows {known}"};
inline constexpr ErrorSpec damaged{"LS10203", 500,
                                   "The file {path} is not a database of Lockstep, or is damaged: {reason}"};

}  // namespace lockstep::store::errors
