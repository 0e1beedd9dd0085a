// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "base/must.hpp"

#include <execinfo.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace lockstep {

// The heap may be what is broken: everything here lives on the stack, and the trace goes straight to
// the descriptor.
void must_failed(const char* condition, const char* why, const char* file, int line) {
    char text[1024];
    const int length = std::snprintf(text, sizeof text, "MUST failed: %s: %s (%s:%d)\n", condition, why, file, line);
    const auto size = static_cast<std::size_t>(length < 0 ? 0 : length);
    std::fflush(stderr);
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text, size < sizeof text ? size : sizeof text - 1);
    void* frames[64];
    ::backtrace_symbols_fd(frames, ::backtrace(frames, 64), STDERR_FILENO);
    std::abort();
}

}  // namespace lockstep
