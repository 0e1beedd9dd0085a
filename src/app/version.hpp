// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The heading at the top of CHANGELOG.md is the version.
// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace lockstep::app {
inline constexpr std::string_view version = "0.1.0";
}
