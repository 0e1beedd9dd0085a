// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// MUST(condition, "why it holds"): a bug aborts, in release too. Starting is recovering.
#pragma once

namespace lockstep {
[[noreturn]] void must_failed(const char* condition, const char* why, const char* file, int line);
}

#define MUST(condition, why) \
    (static_cast<bool>(condition) ? static_cast<void>(0) : ::lockstep::must_failed(#condition, why, __FILE__, __LINE__))
