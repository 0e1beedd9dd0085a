// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Dispatcher: one subscription being delivered to one consumer. It joins pages of the timeline to a
// window, and gives out what there is room for when it is asked. It has no coroutine of its own: pages
// arrive, acknowledgements come, and its owner is told when there may be something to take.
//
//              arrived()                 take()                    ack()
//     Tail ───────────────▶ pages ──────────────────▶ window ───────────────▶ position
//                             │   one by one, or a      │
//                             │   batch when it is      │ nack(): back to the position
//                             ▼   full or its time      ▼
//                        filtered out  is up       taken back
//
// With batches one is under way at a time, while the next one gathers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "delivery/tail.hpp"
#include "delivery/window.hpp"

namespace lockstep::delivery {

class Dispatcher final : public PageTaker {
  public:
    class Owner {
      public:
        virtual ~Owner() = default;
        // take() may give something now.
        virtual void ready() = 0;
        // The position moved: by an acknowledgement, or only because of the filter.
        virtual void moved(Offset position, bool acknowledged) = 0;
    };

    // One thing to send: an event, or a batch of them. Its events stay valid as long as it does.
    struct Taken {
        Uuid id;  // the event's or the batch's: what is acknowledged
        bool batch = false;
        std::vector<std::shared_ptr<const EnrichedEvent>> events;
    };

    // All references outlive it. Delivers what comes after `from`.
    Dispatcher(Tail& tail,
               Clock& clock,
               IdMaker& ids,
               Owner& owner,
               std::shared_ptr<const Filter> filter,
               const DispatchOptions& options,
               Offset from);
    ~Dispatcher() override;

    // `stamp` orders what several dispatchers have under way.
    std::optional<Taken> take(std::uint64_t stamp);
    // False when it is not under way.
    bool ack(const Uuid& id);
    bool holds(const Uuid& id) const { return window_.holds(id); }
    // Everything behind the position goes out again.
    void nack();

    bool batches() const { return options_.batch; }
    Offset position() const { return position_; }
    const Window& window() const { return window_; }

    void arrived(PagePtr page) override;

  private:
    std::shared_ptr<const EnrichedEvent> next_event();
    std::optional<Taken> take_one(std::uint64_t stamp);
    std::optional<Taken> take_batch(std::uint64_t stamp);
    void gather();
    bool batch_full() const;
    void set_alarm();
    void clear_alarm();
    void want_pages();
    void store(PagePtr page);
    void turn_page();
    void report(bool acknowledged);

    Tail& tail_;
    Clock& clock_;
    IdMaker& ids_;
    Owner& owner_;
    std::shared_ptr<const Filter> filter_;
    DispatchOptions options_;
    Tail::ReaderId reader_;

    Window window_;
    Offset position_;  // as reported
    Offset scanned_;   // in pages; beyond window_.seen() by what is gathered

    PagePtr page_, ahead_;
    std::size_t slot_ = 0;
    std::size_t next_ = 0;  // index in page_ of the next match, its size when there is none
    bool wanting_ = false;

    std::vector<std::shared_ptr<const EnrichedEvent>> gathered_;
    std::size_t gathered_bytes_ = 0;
    Instant waiting_since_;
    Clock::TimerId alarm_ = 0;
    bool alarm_set_ = false;
};

}  // namespace lockstep::delivery
