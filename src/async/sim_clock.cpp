// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "async/sim_clock.hpp"

#include "base/must.hpp"

#include <algorithm>

namespace lockstep {

namespace {
constexpr std::uint64_t steps_at_one_instant_max = 100'000'000;
}

Clock::TimerId SimClock::schedule(Instant at, std::function<void()> ring) {
    auto const id = ++last_id_;
    sleepers_.emplace(std::pair{at, id}, std::move(ring));
    due_.emplace(id, at);
    return id;
}

void SimClock::cancel(TimerId id) {
    auto const found = due_.find(id);
    if (found == due_.end()) return;
    sleepers_.erase({found->second, id});
    due_.erase(found);
}

bool SimClock::step(Instant limit) {
    if (sleepers_.empty()) return false;
    auto const next = sleepers_.begin()->first.first;
    if (next > limit) {
        now_ = std::max(now_, limit);
        return false;
    }
    now_ = std::max(now_, next);
    while (!sleepers_.empty() && sleepers_.begin()->first.first <= now_) {
        auto const first = sleepers_.begin();
        auto const ring = std::move(first->second);
        due_.erase(first->first.second);
        sleepers_.erase(first);
        ring();
    }
    return true;
}

void SimLoop::settle() {
    io_.restart();
    auto const before = steps_;
    while (io_.poll_one() > 0) {
        ++steps_;
        MUST(steps_ - before < steps_at_one_instant_max, "something always ends or waits");
    }
}

bool SimLoop::run_until(const std::function<bool()>& done, Duration limit) {
    auto const deadline = clock_.instant() + limit;
    for (;;) {
        settle();
        if (done()) return true;
        if (!clock_.step(deadline)) return false;
    }
}

}  // namespace lockstep
