// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Work that blocks or is heavy runs on a thread of its own with an awaitable face: the caller suspends,
// the work runs there, the caller goes on on its own executor. The work owns its inputs and returns its
// outputs. In the simulation a Worker (async/worker.hpp) has no thread and runs the work when the executor gets to it.
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

// While one lives on a thread, the coroutines that this thread resumes wait; its end sends those of each
// executor there in one go, in order. For who has many answers at once: each post of its own may wake
// the other thread anew.
class ResumeTogether {
  public:
    ResumeTogether();
    ~ResumeTogether();
    ResumeTogether(const ResumeTogether&) = delete;
    ResumeTogether& operator=(const ResumeTogether&) = delete;

    struct Waiting;

  private:
    std::unique_ptr<Waiting> waiting_;
    Waiting* outer_;
};

}  // namespace lockstep
