// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "async/clock.hpp"

#include <boost/asio/steady_timer.hpp>
#include <map>

#include "async/waiters.hpp"

namespace lockstep {

Task<void> Clock::sleep(Duration duration) { return sleep_until(instant() + duration); }

Task<void> Clock::sleep_until(Instant at) {
    Waiters nobody_rings;
    co_await nobody_rings.wait_until(*this, at);
}

namespace {

// One timer of Asio for all sleepers, armed for the first of them.
class AsioClock final : public Clock {
  public:
    explicit AsioClock(Executor executor) : timer_(executor) {}
    ~AsioClock() override { *alive_ = false; }

    Time now() const override {
        return {std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch()).count()};
    }
    Instant instant() const override {
        return {std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()).count()};
    }

    TimerId schedule(Instant at, std::function<void()> ring) override {
        auto const id = ++last_id_;
        auto const first = sleepers_.empty() || at < sleepers_.begin()->first.first;
        sleepers_.emplace(std::pair{at, id}, std::move(ring));
        due_.emplace(id, at);
        if (first) arm();
        return id;
    }

    void cancel(TimerId id) override {
        auto const found = due_.find(id);
        if (found == due_.end()) return;
        sleepers_.erase({found->second, id});
        due_.erase(found);
        if (sleepers_.empty()) timer_.cancel();  // else the armed timer wakes early and arms again
    }

  private:
    void arm() {
        if (sleepers_.empty()) return;
        timer_.expires_at(
            std::chrono::steady_clock::time_point{std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                Duration{sleepers_.begin()->first.first.ns})});
        // A wait that is over when the clock goes can no longer be cancelled.
        timer_.async_wait([this, alive = alive_](boost::system::error_code error) {
            if (!error && *alive) ring_due();
        });
    }

    void ring_due() {
        auto const now = instant();
        while (!sleepers_.empty() && sleepers_.begin()->first.first <= now) {
            auto const first = sleepers_.begin();
            auto const ring = std::move(first->second);
            due_.erase(first->first.second);
            sleepers_.erase(first);
            ring();
        }
        arm();
    }

    asio::steady_timer timer_;
    std::map<std::pair<Instant, TimerId>, std::function<void()>> sleepers_;
    std::map<TimerId, Instant> due_;
    TimerId last_id_ = 0;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace

std::unique_ptr<Clock> make_clock(Executor executor) { return std::make_unique<AsioClock>(executor); }

}  // namespace lockstep
