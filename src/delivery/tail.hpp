// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Tail: reads the timeline for all who want pages of it. Those who keep up are fed from one shared reading
// at its end, whose last pages are kept for who is a little late; those who lag read pages of their own,
// a few at a time, until they meet the end.
//
// Invariants
//   1. The shared reading goes on only while somebody waits at the end, and sleeps on the timeline's tap.
//   2. A reader gets the page that begins at or before its position and reaches beyond it, matched
//      against its filter, once for each want().
//   3. Kept pages follow each other without a gap, and end at the position of the shared reading, which is
//      never beyond the newest event.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>

#include "async/retry.hpp"
#include "async/tap.hpp"
#include "delivery/delivery.hpp"
#include "delivery/page.hpp"

namespace lockstep::delivery {

// Who reads.
class PageTaker {
  public:
    virtual ~PageTaker() = default;
    // The page of an earlier want(), on the logic thread and never inside it.
    virtual void arrived(PagePtr page) = 0;
};

class Tail {
  public:
    using ReaderId = std::uint64_t;

    Tail(const Delivery::Parts& parts, const Config& config) : parts_(parts), config_(config) {}

    // Returns only by cancellation.
    Task<void> run();

    // `page_events`: how much it takes at a time while it lags.
    ReaderId attach(PageTaker& taker, std::shared_ptr<const Filter> filter, std::size_t page_events);
    // Nothing arrives any more.
    void detach(ReaderId id);
    // Asks for the page behind a position: comes at once, or arrives later. One at a time.
    PagePtr want(ReaderId id, Offset after);
    // Takes a want back.
    void unwant(ReaderId id);

    Offset position() const { return position_; }
    std::size_t pages_kept() const { return pages_.size(); }
    std::uint64_t shared_reads() const { return shared_reads_; }
    std::uint64_t own_reads() const { return own_reads_; }

  private:
    enum class State { idle, queued, reading, waiting };
    struct Reader {
        PageTaker* taker = nullptr;
        std::shared_ptr<const Filter> filter;
        std::size_t page_events = 0;
        State state = State::idle;
        Offset after{-1};
        bool follows = false;     // it has met the end and its filter is part of the shared reading
        std::uint64_t wants = 0;  // so that a page that was read for a want taken back is dropped
    };

    Task<void> read_shared();
    Task<void> read_own();
    Task<void> read_own_page(ReaderId id);
    Task<PagePtr> read(Offset after, std::size_t events_max, std::shared_ptr<const FilterSet> filters);
    void publish(PagePtr page);
    void trim();
    PagePtr kept_page(const Reader& reader) const;
    PagePtr serve(ReaderId id, Reader& reader);
    void wait_at_end(Reader& reader);
    void queue(ReaderId id, Reader& reader);
    void jump(Offset position);
    void settle(Reader& reader);
    void follow(Reader& reader, bool follows);
    std::shared_ptr<const FilterSet> shared_filters();

    const Delivery::Parts& parts_;
    const Config& config_;

    std::map<ReaderId, Reader> readers_;
    ReaderId last_reader_ = 0;

    Offset position_{-1};
    Offset newest_{-1};  // that is known to exist
    std::deque<PagePtr> pages_;
    std::size_t kept_events_ = 0, kept_bytes_ = 0;
    std::shared_ptr<const FilterSet> shared_filters_;  // null: to be made anew
    std::size_t waiting_ = 0;
    Tap someone_waits_;

    std::deque<ReaderId> queue_;
    Tap queued_;

    std::uint64_t shared_reads_ = 0, own_reads_ = 0;
};

}  // namespace lockstep::delivery
