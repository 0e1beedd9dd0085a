// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The name of the calling thread, for `top -H`, `perf` and core dumps. At most 15 bytes; the rest is cut.
#pragma once

#include <string_view>

namespace lockstep {

void name_this_thread(std::string_view name);

}  // namespace lockstep
