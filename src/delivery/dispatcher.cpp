// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "delivery/dispatcher.hpp"

#include <algorithm>

#include "base/must.hpp"

namespace lockstep::delivery {

namespace {

constexpr std::size_t batch_bytes_max = 4 << 20;
constexpr std::size_t lagging_page_events_min = 50;

std::size_t capacity_of(const DispatchOptions& options) { return options.batch ? 1 : 1 + options.read_ahead; }

// Who can have few events under way reads few at a time, so that many who lag hold little.
std::size_t page_events_of(const DispatchOptions& options) {
    return std::max(4 * (1 + options.read_ahead), lagging_page_events_min);
}

}  // namespace

Dispatcher::Dispatcher(Tail& tail,
                       Clock& clock,
                       IdMaker& ids,
                       Owner& owner,
                       std::shared_ptr<const Filter> filter,
                       const DispatchOptions& options,
                       Offset from)
    : tail_(tail),
      clock_(clock),
      ids_(ids),
      owner_(owner),
      filter_(std::move(filter)),
      options_(options),
      reader_(tail.attach(*this, filter_, page_events_of(options))),
      window_(from, capacity_of(options)),
      position_(from),
      scanned_(from) {
    want_pages();
}

Dispatcher::~Dispatcher() {
    clear_alarm();
    tail_.detach(reader_);
}

// ---- pages ----

void Dispatcher::arrived(PagePtr page) {
    wanting_ = false;
    store(std::move(page));
    want_pages();
    if (page_) owner_.ready();
}

void Dispatcher::store(PagePtr page) {
    if (page_) {
        ahead_ = std::move(page);
        return;
    }
    page_ = std::move(page);
    auto const slot = page_->slot_of(filter_.get());
    MUST(slot, "a page that arrives was matched against the filter it was wanted for");
    slot_ = *slot;
    // The page may begin before the position: when it is one that was kept.
    std::size_t first = 0;
    if (page_->after() < scanned_) {
        while (first < page_->size() && page_->event(first).event.sequence <= scanned_) ++first;
    }
    next_ = page_->next_match(slot_, first);
    if (next_ == page_->size()) turn_page();
}

// Behind the last match of the page: the rest was filtered out.
void Dispatcher::turn_page() {
    scanned_ = page_->through();
    if (gathered_.empty()) {
        window_.skip(scanned_);
        report(false);
    }
    page_.reset();
    if (ahead_) store(std::exchange(ahead_, nullptr));
}

// The page after next is asked for when half of this one is gone, so that reading and delivering overlap.
void Dispatcher::want_pages() {
    while (!wanting_ && !ahead_ && (!page_ || next_ >= page_->size() / 2)) {
        wanting_ = true;
        auto page = tail_.want(reader_, page_ ? page_->through() : scanned_);
        if (!page) return;
        wanting_ = false;
        store(std::move(page));
    }
}

// The next event that passes the filter, or null until more arrives.
std::shared_ptr<const EnrichedEvent> Dispatcher::next_event() {
    if (!page_) return nullptr;
    std::shared_ptr<const EnrichedEvent> event(page_, &page_->event(next_));
    scanned_ = event->event.sequence;
    next_ = page_->next_match(slot_, next_ + 1);
    return event;
}

// ---- taking ----

std::optional<Dispatcher::Taken> Dispatcher::take(std::uint64_t stamp) {
    auto taken = options_.batch ? take_batch(stamp) : take_one(stamp);
    if (taken) report(false);  // what the filter dropped before it
    want_pages();
    return taken;
}

std::optional<Dispatcher::Taken> Dispatcher::take_one(std::uint64_t stamp) {
    if (!window_.has_room()) return std::nullopt;
    auto event = next_event();
    if (!event) return std::nullopt;
    window_.push(event->event.sequence, event->event.id, stamp);
    if (next_ == page_->size()) turn_page();
    Taken taken{event->event.id, false, {}};
    taken.events.push_back(std::move(event));
    return taken;
}

bool Dispatcher::batch_full() const {
    return gathered_.size() >= std::max<std::size_t>(options_.read_ahead, 1) || gathered_bytes_ >= batch_bytes_max;
}

void Dispatcher::gather() {
    while (!batch_full()) {
        auto event = next_event();
        if (!event) {
            want_pages();
            if (!page_) return;
            continue;
        }
        if (gathered_.empty()) waiting_since_ = clock_.instant();
        gathered_bytes_ += event->json.size();
        gathered_.push_back(std::move(event));
        if (next_ == page_->size()) turn_page();
    }
}

std::optional<Dispatcher::Taken> Dispatcher::take_batch(std::uint64_t stamp) {
    gather();
    if (gathered_.empty() || !window_.has_room()) return std::nullopt;
    if (!batch_full() && clock_.instant() < waiting_since_ + options_.batch_timeout) {
        set_alarm();
        return std::nullopt;
    }
    clear_alarm();
    Taken taken{ids_.next(), true, std::exchange(gathered_, {})};
    gathered_bytes_ = 0;
    window_.push(taken.events.front()->event.sequence, taken.id, stamp);
    window_.skip(scanned_);
    return taken;
}

void Dispatcher::set_alarm() {
    if (alarm_set_) return;
    alarm_set_ = true;
    alarm_ = clock_.schedule(waiting_since_ + options_.batch_timeout, [this] {
        alarm_set_ = false;
        owner_.ready();
    });
}

void Dispatcher::clear_alarm() {
    if (alarm_set_) clock_.cancel(alarm_);
    alarm_set_ = false;
}

// ---- settling ----

void Dispatcher::report(bool acknowledged) {
    if (window_.committed() == position_) return;
    position_ = window_.committed();
    owner_.moved(position_, acknowledged);
}

bool Dispatcher::ack(const Uuid& id) {
    if (!window_.ack(id)) return false;
    report(true);
    owner_.ready();
    return true;
}

void Dispatcher::nack() {
    window_.nack();
    scanned_ = window_.seen();
    clear_alarm();
    gathered_.clear();
    gathered_bytes_ = 0;
    page_.reset();
    ahead_.reset();
    if (wanting_) tail_.unwant(reader_);
    wanting_ = false;
    want_pages();
    if (page_) owner_.ready();
}

}  // namespace lockstep::delivery
