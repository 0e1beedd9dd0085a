// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "delivery/page.hpp"

#include <algorithm>
#include <bit>
#include <iterator>

namespace lockstep::delivery {

namespace {

constexpr std::size_t chunk_events = 64;  // between two looks at the size; one word of bits
constexpr std::size_t event_bytes = sizeof(EnrichedEvent) + 64;

}  // namespace

FilterSet::FilterSet(std::vector<std::shared_ptr<const Filter>> filters) : filters_(std::move(filters)) {
    for (std::size_t slot = 0; slot < filters_.size(); ++slot) slots_.emplace(filters_[slot].get(), slot);
}

std::optional<std::size_t> FilterSet::slot_of(const Filter* filter) const {
    auto const found = slots_.find(filter);
    if (found == slots_.end()) return std::nullopt;
    return found->second;
}

PagePtr Page::read(store::Snapshot& snapshot,
                   const log::Timeline& timeline,
                   const Enricher& enricher,
                   Request request) {
    auto page = std::make_shared<Page>();
    page->after_ = page->through_ = request.after;
    page->filters_ = std::move(request.filters);
    page->words_ = (request.events_max + chunk_events - 1) / chunk_events;
    page->bits_.resize(page->words_ * page->filters_->filters().size());

    auto events =
        timeline.read(snapshot, {.first = request.after.next(), .any_of_tags = {}, .most = request.events_max});
    page->at_end_ = events.size() < request.events_max;
    page->events_.reserve(events.size());
    for (std::size_t at = 0; at < events.size(); at += chunk_events) {
        if (page->bytes_ >= request.bytes_max) {
            page->at_end_ = false;
            break;
        }
        auto const begin = events.begin() + static_cast<std::ptrdiff_t>(at);
        auto const end = events.begin() + static_cast<std::ptrdiff_t>(std::min(at + chunk_events, events.size()));
        page->add_chunk(snapshot, enricher, {std::make_move_iterator(begin), std::make_move_iterator(end)});
    }
    if (!page->events_.empty()) page->through_ = page->newest_ = page->events_.back().event.sequence;
    if (page->events_.empty()) page->newest_ = timeline.newest(snapshot);
    return page;
}

void Page::add_chunk(store::Snapshot& snapshot, const Enricher& enricher, std::vector<log::Event> events) {
    auto const& filters = filters_->filters();
    auto const first = events_.size();
    auto const word = first / chunk_events;

    std::uint64_t wanted = 0;
    for (std::size_t slot = 0; slot < filters.size(); ++slot) {
        std::uint64_t bits = 0;
        for (std::size_t i = 0; i < events.size(); ++i) {
            if (filters[slot]->may_match(events[i])) bits |= std::uint64_t{1} << i;
        }
        bits_[slot * words_ + word] = bits;
        wanted |= bits;
    }

    std::vector<log::Event> to_find;
    to_find.reserve(static_cast<std::size_t>(std::popcount(wanted)));
    for (std::size_t i = 0; i < events.size(); ++i) {
        if (wanted >> i & 1) to_find.push_back(std::move(events[i]));
    }
    auto found = to_find.empty() ? std::vector<EnrichedEvent>{} : enricher.enrich(snapshot, std::move(to_find));
    auto next = found.begin();
    for (std::size_t i = 0; i < events.size(); ++i) {
        if (wanted >> i & 1) {
            bytes_ += next->json.size();
            events_.push_back(std::move(*next++));
        } else {
            events_.emplace_back().event = std::move(events[i]);
        }
        bytes_ += event_bytes;
    }

    for (std::size_t slot = 0; slot < filters.size(); ++slot) {
        auto& bits = bits_[slot * words_ + word];
        for (auto left = bits; left != 0; left &= left - 1) {
            auto const i = static_cast<std::size_t>(std::countr_zero(left));
            if (!filters[slot]->matches_object(events_[first + i])) bits &= ~(std::uint64_t{1} << i);
        }
    }
}

std::size_t Page::next_match(std::size_t slot, std::size_t from) const {
    auto const* bits = bits_.data() + slot * words_;
    for (auto word = from / chunk_events; word * chunk_events < events_.size(); ++word) {
        auto left = bits[word];
        if (word == from / chunk_events) left &= ~std::uint64_t{0} << (from % chunk_events);
        if (left != 0) return word * chunk_events + static_cast<std::size_t>(std::countr_zero(left));
    }
    return events_.size();
}

}  // namespace lockstep::delivery
