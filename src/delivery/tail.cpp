// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "delivery/tail.hpp"

#include <algorithm>
#include <set>

#include "async/deadline.hpp"
#include "base/logging.hpp"
#include "base/must.hpp"

namespace lockstep::delivery {

// ---- those who read ----

Tail::ReaderId Tail::attach(PageTaker& taker, std::shared_ptr<const Filter> filter, std::size_t page_events) {
    auto const id = ++last_reader_;
    Reader reader;
    reader.taker = &taker;
    reader.filter = std::move(filter);
    reader.page_events = std::clamp<std::size_t>(page_events, 1, config_.page_events_max);
    readers_.emplace(id, std::move(reader));
    return id;
}

void Tail::detach(ReaderId id) {
    auto const found = readers_.find(id);
    MUST(found != readers_.end(), "a reader is attached until it goes");
    settle(found->second);
    follow(found->second, false);
    readers_.erase(found);
}

PagePtr Tail::want(ReaderId id, Offset after) {
    auto& reader = readers_.at(id);
    MUST(reader.state == State::idle, "one want at a time");
    reader.after = after;
    ++reader.wants;
    return serve(id, reader);
}

void Tail::unwant(ReaderId id) { settle(readers_.at(id)); }

PagePtr Tail::serve(ReaderId id, Reader& reader) {
    if (auto page = kept_page(reader)) {
        follow(reader, true);
        return page;
    }
    if (reader.follows && reader.after >= position_) {
        wait_at_end(reader);
    } else {
        queue(id, reader);
    }
    return nullptr;
}

PagePtr Tail::kept_page(const Reader& reader) const {
    auto const page = std::partition_point(pages_.begin(), pages_.end(),
                                           [&](auto const& kept) { return kept->through() <= reader.after; });
    if (page == pages_.end() || (*page)->after() > reader.after || !(*page)->slot_of(reader.filter.get()))
        return nullptr;
    return *page;
}

void Tail::wait_at_end(Reader& reader) {
    // Nobody may be made to wait until the shared reading has gone through what only one of its readers had
    // still to see. A position beyond the newest event (firstEvent may say so) moves nothing.
    auto const target = std::min(reader.after, newest_);
    auto const far = target.value - position_.value > static_cast<std::int64_t>(config_.tail_events_max);
    if (waiting_ == 0 || far) jump(target);
    reader.state = State::waiting;
    ++waiting_;
    someone_waits_.ring();
}

void Tail::queue(ReaderId id, Reader& reader) {
    follow(reader, false);
    reader.state = State::queued;
    queue_.push_back(id);
    queued_.ring();
}

void Tail::jump(Offset position) {
    if (position <= position_) return;
    position_ = position;
    pages_.clear();
    kept_events_ = kept_bytes_ = 0;
    for (auto& [id, reader] : readers_) {
        if (reader.state != State::waiting || reader.after >= position_) continue;
        settle(reader);
        queue(id, reader);
    }
}

// An entry that stays in the queue finds another state when its turn comes.
void Tail::settle(Reader& reader) {
    if (reader.state == State::waiting) --waiting_;
    reader.state = State::idle;
}

void Tail::follow(Reader& reader, bool follows) {
    if (reader.follows == follows) return;
    reader.follows = follows;
    shared_filters_.reset();
}

std::shared_ptr<const FilterSet> Tail::shared_filters() {
    if (shared_filters_) return shared_filters_;
    std::vector<std::shared_ptr<const Filter>> filters;
    std::set<const Filter*> seen;  // for looking up only
    for (auto const& [id, reader] : readers_) {
        if (reader.follows && seen.insert(reader.filter.get()).second) filters.push_back(reader.filter);
    }
    shared_filters_ = std::make_shared<FilterSet>(std::move(filters));
    return shared_filters_;
}

// ---- reading ----

Task<void> Tail::run() {
    using namespace asio::experimental::awaitable_operators;
    auto own = read_own();
    for (std::size_t i = 1; i < config_.page_readers; ++i) own = std::move(own) && read_own();
    co_await (read_shared() && std::move(own));
}

Task<PagePtr> Tail::read(Offset after, std::size_t events_max, std::shared_ptr<const FilterSet> filters) {
    Backoff backoff({}, parts_.chance);
    while (true) {
        std::string failure;
        try {
            Page::Request request{after, events_max, config_.page_bytes_max, filters};
            auto closure = [timeline = &parts_.timeline, enricher = &parts_.enricher,
                            request = std::move(request)](store::Snapshot& snapshot) {
                return Page::read(snapshot, *timeline, *enricher, request);
            };
            auto page = co_await parts_.database.read(std::move(closure));
            newest_ = std::max(newest_, page->newest());
            co_return page;
        } catch (const std::exception& error) {
            if (is_cancelled(error)) throw;
            failure = error.what();
        }
        auto const wait = backoff.next();
        logging::warn("timeline not read", {{"ns", parts_.namespace_name},
                                            {"after", after.value},
                                            {"error", failure},
                                            {"retry_in", duration_text(wait)}});
        co_await parts_.clock.sleep(wait);
    }
}

Task<void> Tail::read_shared() {
    while (true) {
        auto const asked = someone_waits_.rings();
        if (waiting_ == 0) {
            co_await someone_waits_.past(asked);
            continue;
        }
        auto& tap = parts_.timeline.tap();
        auto const rung = tap.rings();
        auto const position = position_;
        auto filters = shared_filters();
        auto page = co_await read(position, config_.page_events_max, std::move(filters));
        ++shared_reads_;
        if (position != position_) continue;
        if (page->size() > 0) {
            publish(std::move(page));
        } else {
            auto const deadline = parts_.clock.instant() + config_.slow_look;
            co_await tap.past_until(rung, parts_.clock, deadline);
        }
    }
}

void Tail::publish(PagePtr page) {
    position_ = page->through();
    kept_events_ += page->size();
    kept_bytes_ += page->bytes();
    pages_.push_back(page);
    trim();

    // A taker may want again at once, or go; so first who, then what.
    std::vector<ReaderId> fed;
    for (auto& [id, reader] : readers_) {
        if (reader.state != State::waiting || reader.after >= page->through()) continue;
        settle(reader);
        if (page->slot_of(reader.filter.get())) {
            fed.push_back(id);
        } else {
            queue(id, reader);  // it came while this was being read
        }
    }
    for (auto const id : fed) {
        auto const found = readers_.find(id);
        if (found != readers_.end() && found->second.state == State::idle) found->second.taker->arrived(page);
    }
}

void Tail::trim() {
    while (pages_.size() > 1 && (kept_events_ > config_.tail_events_max || kept_bytes_ > config_.tail_bytes_max)) {
        kept_events_ -= pages_.front()->size();
        kept_bytes_ -= pages_.front()->bytes();
        pages_.pop_front();
    }
}

Task<void> Tail::read_own() {
    while (true) {
        auto const seen = queued_.rings();
        if (queue_.empty()) {
            co_await queued_.past(seen);
            continue;
        }
        auto const id = queue_.front();
        queue_.pop_front();
        auto const found = readers_.find(id);
        if (found != readers_.end() && found->second.state == State::queued) co_await read_own_page(id);
    }
}

Task<void> Tail::read_own_page(ReaderId id) {
    Offset after;
    std::size_t page_events = 0;
    std::uint64_t want = 0;
    std::vector<std::shared_ptr<const Filter>> one;
    {
        auto& reader = readers_.at(id);
        reader.state = State::reading;
        after = reader.after;
        page_events = reader.page_events;
        want = reader.wants;
        one.push_back(reader.filter);
    }
    auto filters = std::make_shared<const FilterSet>(std::move(one));
    auto page = co_await read(after, page_events, std::move(filters));
    ++own_reads_;

    auto const found = readers_.find(id);
    if (found == readers_.end() || found->second.state != State::reading || found->second.wants != want) co_return;
    auto& reader = found->second;
    reader.state = State::idle;
    if (page->at_end()) follow(reader, true);
    if (page->size() == 0) page = serve(id, reader);
    if (page) reader.taker->arrived(std::move(page));
}

}  // namespace lockstep::delivery
