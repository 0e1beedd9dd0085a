// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>

namespace lockstep::net {

// Asio opens sockets that every child process inherits: it would keep the port and the connections of a
// parent that has gone.
inline void close_on_exec(int descriptor) { ::fcntl(descriptor, F_SETFD, FD_CLOEXEC); }

}  // namespace lockstep::net
