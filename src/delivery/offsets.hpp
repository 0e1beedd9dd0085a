// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Offsets: writes the positions of all durable subscriptions of a namespace, one commit at a time; while
// it is in progress the newest positions gather for the next. A crash therefore redelivers what was
// acknowledged during the last commit, and nothing older.
//
// A position that an acknowledgement moved is written at once. One that only the filter moved can wait:
// losing it costs looking at the same events again.
#pragma once

#include <map>

#include "async/clock.hpp"
#include "async/retry.hpp"
#include "async/tap.hpp"
#include "core/positions.hpp"
#include "store/database.hpp"

namespace lockstep::delivery {

class Offsets {
  public:
    // All references outlive it.
    Offsets(NamespaceId ns, store::Database& database, Clock& clock, Chance& chance, Duration filtered_interval)
        : ns_(ns), database_(database), clock_(clock), chance_(chance), filtered_interval_(filtered_interval) {}

    // Returns only by cancellation.
    Task<void> run();
    // Until everything that was noted is written. run() need not be running.
    Task<void> flush();

    // Positions only grow.
    void note(const Uuid& subscription, Offset position, bool acknowledged);
    void forget(const Uuid& subscription) { gathered_.erase(subscription); }

    std::uint64_t commits() const { return commits_; }

  private:
    Task<void> commit();
    Task<void> wait_for_work();

    NamespaceId ns_;
    store::Database& database_;
    Clock& clock_;
    Chance& chance_;
    Duration filtered_interval_;

    std::map<Uuid, Offset> gathered_;
    bool urgent_ = false;
    Tap noted_;
    bool committing_ = false;
    Tap committed_;
    std::uint64_t commits_ = 0;
};

}  // namespace lockstep::delivery
