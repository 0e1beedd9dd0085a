// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "core/errors.hpp"

namespace lockstep::errors {

namespace {

#define LOCKSTEP_LIST_ERROR(name, code, status, text) &name,
constexpr const ErrorSpec* catalogue[] = {LOCKSTEP_ERRORS(LOCKSTEP_LIST_ERROR)};
#undef LOCKSTEP_LIST_ERROR

}  // namespace

std::span<const ErrorSpec* const> all() { return catalogue; }

}  // namespace lockstep::errors
