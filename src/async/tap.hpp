// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Tap: news. It counts its rings, so that any number of listeners each miss nothing: remember rings()
// before looking at the truth, look, and wait for a ring past that number. A tap may be rung for nothing
// and nothing breaks, because the truth is in the feed.
//
//     auto const seen = tap.rings();
//     if (!look()) co_await tap.past_until(seen, clock, clock.instant() + 5s);
#pragma once

#include <cstdint>

#include "async/clock.hpp"
#include "async/waiters.hpp"

namespace lockstep {

class Tap {
  public:
    void ring();
    std::uint64_t rings() const { return rings_; }
    // Returns at once if it rang since `seen` was read.
    Task<void> past(std::uint64_t seen);
    Task<Woken> past_until(std::uint64_t seen, Clock& clock, Instant deadline);

  private:
    Waiters waiters_;
    std::uint64_t rings_ = 0;
};

// A level instead of an edge: many may wait, all pass while it is open.
class Gate {
  public:
    explicit Gate(bool open = false) : open_(open) {}
    bool is_open() const { return open_; }
    void open();
    void close() { open_ = false; }
    Task<void> passed();

  private:
    Waiters waiters_;
    bool open_;
};

}  // namespace lockstep
