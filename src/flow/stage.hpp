// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// A stage turns one feed into effects, in order, each exactly once.
//
// Invariants
//   1. apply() and the cursor move commit together or not at all.
//   2. apply() is called with consecutive entries, never twice for a committed one.
//   3. Entries in a page are in feed order; the next page begins where this one ended.
//   4. Two stages never share a name.
//
// A page and not an entry, because a commit costs the same for one or for a hundred. A failure (disk
// full, database gone) rolls the page back and it is tried again with backoff, for ever: an entry that
// is wrong is no failure, apply() must settle it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "async/retry.hpp"
#include "flow/feed.hpp"

namespace lockstep::flow {

using Page = std::vector<Entry>;

struct StageStatus {
    std::string name;
    std::int64_t position = 0;
    std::int64_t newest = 0;  // of the feed, when last looked
    std::uint64_t commits = 0, entries = 0, retries = 0;
    std::string last_error;
};

class Step {
  public:
    virtual ~Step() = default;
    // Slow and cancellable, outside any transaction.
    virtual Task<void> prepare(const Page&) { co_return; }
    // Decide and write, on the writer's thread; must not look at clocks, networks or members that the
    // logic thread changes meanwhile. prepare() has returned and committed() has not been called.
    virtual void apply(store::Transaction& tx, const Page& page) = 0;
    // After the commit is durable, on the logic thread: ring taps, and nothing else.
    virtual void committed() {}
};

class Stage {
  public:
    struct Options {
        std::size_t page_entries_max = 64;
        Duration slow_look = 5s;  // how long the bell is trusted
    };
    // All references must outlive the stage.
    Stage(std::string name,
          Feed& feed,
          store::Database& database,
          Clock& clock,
          Chance& chance,
          Step& step,
          Options options);

    // Returns only by cancellation.
    Task<void> run();
    const StageStatus& status() const { return status_; }
    // Rings when the position moved: for who waits until a stage has caught up.
    Tap& moved() { return moved_; }

  private:
    Task<bool> turn();

    Feed& feed_;
    store::Database& database_;
    Clock& clock_;
    Step& step_;
    Options options_;
    Backoff backoff_;
    StageStatus status_;
    Tap moved_;
    bool loaded_ = false;
};

}  // namespace lockstep::flow
