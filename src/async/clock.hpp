// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Clock: the time of records (now), the time of deadlines (instant), and waiting. The real one wraps a
// single timer of Asio; the simulation's stands still until nothing is ready and then steps to the next
// sleeper. All of it belongs to one executor, except now() and instant(), which any thread may ask.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "async/task.hpp"
#include "base/clock.hpp"

namespace lockstep {

using Duration = std::chrono::nanoseconds;
using namespace std::chrono_literals;

// Steady nanoseconds from an arbitrary beginning.
struct Instant {
    std::int64_t ns = 0;
    friend auto operator<=>(const Instant&, const Instant&) = default;
    Instant operator+(Duration d) const { return {ns + d.count()}; }
    Duration operator-(Instant other) const { return Duration{ns - other.ns}; }
};

class Clock : public WallClock {
  public:
    using TimerId = std::uint64_t;

    virtual Instant instant() const = 0;
    // Calls `ring` once on the clock's executor, not before `at`, unless cancelled.
    virtual TimerId schedule(Instant at, std::function<void()> ring) = 0;
    virtual void cancel(TimerId id) = 0;

    Task<void> sleep(Duration duration);
    Task<void> sleep_until(Instant at);
};

// Over `executor`, whose io_context must outlive it.
std::unique_ptr<Clock> make_clock(Executor executor);

}  // namespace lockstep
