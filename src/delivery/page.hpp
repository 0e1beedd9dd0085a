// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Page: a stretch of the timeline, read once and matched once against every filter that was asked for,
// on a reader's thread. An event is looked up only when some filter lets its type and topic pass; the
// others are in the page bare, for their sequence.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "delivery/filter.hpp"
#include "delivery/ports.hpp"

namespace lockstep::delivery {

// The filters of one read, each once. Shared by pages until the set changes.
class FilterSet {
  public:
    explicit FilterSet(std::vector<std::shared_ptr<const Filter>> filters);

    const std::vector<std::shared_ptr<const Filter>>& filters() const { return filters_; }
    std::optional<std::size_t> slot_of(const Filter* filter) const;

  private:
    std::vector<std::shared_ptr<const Filter>> filters_;
    std::unordered_map<const Filter*, std::size_t> slots_;  // for looking up only
};

class Page {
  public:
    struct Request {
        Offset after{-1};
        std::size_t events_max = 500;
        std::size_t bytes_max = 1 << 20;  // the page ends after the chunk that passes it
        std::shared_ptr<const FilterSet> filters;
    };
    static std::shared_ptr<const Page> read(store::Snapshot& snapshot,
                                            const log::Timeline& timeline,
                                            const Enricher& enricher,
                                            Request request);

    // It covers what comes after the first, up to and with the second.
    Offset after() const { return after_; }
    Offset through() const { return through_; }
    // Nothing came behind it when it was read.
    bool at_end() const { return at_end_; }
    // The newest event that is known to exist.
    Offset newest() const { return newest_; }

    std::size_t size() const { return events_.size(); }
    std::size_t bytes() const { return bytes_; }
    const EnrichedEvent& event(std::size_t index) const { return events_[index]; }
    // The first index from `from` on that the filter of a slot lets pass; size() when there is none.
    std::size_t next_match(std::size_t slot, std::size_t from) const;
    std::optional<std::size_t> slot_of(const Filter* filter) const { return filters_->slot_of(filter); }

  private:
    void add_chunk(store::Snapshot& snapshot, const Enricher& enricher, std::vector<log::Event> events);

    Offset after_{-1}, through_{-1}, newest_{-1};
    bool at_end_ = false;
    std::size_t bytes_ = 0;
    std::vector<EnrichedEvent> events_;
    std::shared_ptr<const FilterSet> filters_;
    std::size_t words_ = 0;            // of one slot
    std::vector<std::uint64_t> bits_;  // slot after slot, one bit an event
};

using PagePtr = std::shared_ptr<const Page>;

}  // namespace lockstep::delivery
