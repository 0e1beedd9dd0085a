// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The one primitive under Tap, sleep, Gate and the queues: a list of suspended coroutines that can be
// resumed one by one or all at once, and that obeys cancellation. Used on one executor only.
#pragma once

#include <cstddef>
#include <list>
#include <memory>

#include "async/task.hpp"

namespace lockstep {

class Clock;
struct Instant;

enum class Woken { rung, timed_out };

class Waiters {
  public:
    Waiters();
    // Whoever still waits is resumed with cancellation.
    ~Waiters();
    Waiters(const Waiters&) = delete;
    Waiters& operator=(const Waiters&) = delete;

    // Suspends until wake_one() or wake_all() picks this coroutine. Throws
    // system_error(operation_aborted) when cancelled.
    Task<void> wait();
    // The same, or until the clock reaches `deadline`, whichever is first.
    Task<Woken> wait_until(Clock& clock, Instant deadline);
    // False if nobody waits. The woken run later, from the executor, never inside the waker.
    bool wake_one();
    void wake_all();
    bool empty() const;

    struct State;

  private:
    std::shared_ptr<State> state_;
};

}  // namespace lockstep
