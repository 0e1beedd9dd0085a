// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Work that blocks or is heavy runs on a thread of its own with an awaitable face: the caller suspends,
// the work runs there, the caller goes on on its own executor. The work owns its inputs and returns its
// outputs. In the simulation a Worker has no thread and runs the work when the executor gets to it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "async/task.hpp"

namespace lockstep {

// Suspends the calling coroutine; `start` receives a function that resumes it from any thread, exactly
// once, on the coroutine's executor. Cancellation does not cut it short: what runs elsewhere is waited
// for, since it may hold references into the waiting frame.
Task<void> suspend(std::function<void(std::function<void()> resume)> start);

}  // namespace lockstep
