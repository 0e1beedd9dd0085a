// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "async/tap.hpp"

namespace lockstep {

void Tap::ring() {
    ++rings_;
    waiters_.wake_all();
}

Task<void> Tap::past(std::uint64_t seen) {
    while (rings_ <= seen) co_await waiters_.wait();
}

Task<Woken> Tap::past_until(std::uint64_t seen, Clock& clock, Instant deadline) {
    while (rings_ <= seen) {
        auto const how = co_await waiters_.wait_until(clock, deadline);
        if (how == Woken::timed_out) co_return how;
    }
    co_return Woken::rung;
}

void Gate::open() {
    open_ = true;
    waiters_.wake_all();
}

Task<void> Gate::passed() {
    while (!open_) co_await waiters_.wait();
}

}  // namespace lockstep
