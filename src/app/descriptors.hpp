// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Each connection is an open file, and what a shell starts may have 1,024 of them while the system would
// allow many more.
#pragma once

#include <cstdint>

namespace lockstep::app {

// Raises this process's soft limit of open files to its hard one. What the limit is now.
std::uint64_t raise_descriptor_limit();

// The highest descriptor that a connection of the API may have, so that databases, peers and webhooks find some too.
int connection_descriptor_max();

}  // namespace lockstep::app
