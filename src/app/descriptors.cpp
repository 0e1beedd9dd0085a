// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "app/descriptors.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <limits>

namespace lockstep::app {

std::uint64_t raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    auto const soft = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : soft;
}

int connection_descriptor_max() {
    constexpr rlim_t kept_most = 1024;
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    auto const kept = std::min(kept_most, limit.rlim_cur / 4);
    return static_cast<int>(std::min<rlim_t>(limit.rlim_cur - kept, std::numeric_limits<int>::max())) - 1;
}

}  // namespace lockstep::app
