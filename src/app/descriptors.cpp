// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "app/descriptors.hpp"

#include <sys/resource.h>

namespace lockstep::app {

std::uint64_t raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    auto const soft = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : soft;
}

}  // namespace lockstep::app
