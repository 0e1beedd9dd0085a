// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The whole public catalogue of refusals, in number order: the errors.hpp of every module, joined.
// docs/reference/errors.md is printed from it.
#pragma once

#include <span>

#include "base/error.hpp"

namespace lockstep::app {

std::span<const ErrorSpec* const> catalogue();

}  // namespace lockstep::app
