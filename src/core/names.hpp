// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// FireFly's name rule (firefly-core.md 2.1): 1 to 64 characters of [0-9a-zA-Z._-], beginning and ending
// with a letter or digit.
#pragma once

#include <string_view>

#include "base/result.hpp"

namespace lockstep {

bool is_name(std::string_view text);
// FF00140 naming `field`.
Result<void> check_name(std::string_view text, std::string_view field);
// The same, and FF00141 for what parses as a UUID.
Result<void> check_name_no_uuid(std::string_view text, std::string_view field);

}  // namespace lockstep
