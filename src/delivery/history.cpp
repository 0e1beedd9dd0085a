// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "delivery/history.hpp"

#include <algorithm>
#include <cstdint>

#include "delivery/errors.hpp"

namespace lockstep::delivery {

Result<HistoryRange> history_range(const HistoryQuery& query, Offset newest, std::size_t events_max) {
    auto const span = static_cast<std::int64_t>(events_max);
    // Whatever a client asks for, no arithmetic on it leaves the type.
    auto const bounded = [&](Offset offset) { return std::clamp<std::int64_t>(offset.value, 0, INT64_MAX - span); };
    if (query.first && query.last) {
        auto const first = bounded(*query.first);
        auto const last = bounded(*query.last);
        if (last - first > span) return refuse(errors::event_range_too_large, {{"limit", std::to_string(events_max)}});
        return HistoryRange{Offset{first}, Offset{query.last->value < 0 ? -1 : last}};
    }
    if (query.first) return HistoryRange{Offset{bounded(*query.first)}, Offset{bounded(*query.first) + span - 1}};
    auto const last = query.last.value_or(newest);
    return HistoryRange{Offset{std::max<std::int64_t>(bounded(last) - span + 1, 0)}, last};
}

HistoryPage read_history(store::Snapshot& snapshot,
                         const log::Timeline& timeline,
                         const Enricher& enricher,
                         const Filter& filter,
                         const HistoryQuery& query,
                         HistoryRange range) {
    HistoryPage page;
    if (range.last < range.first) return page;
    auto events = timeline.read(snapshot, {.first = range.first,
                                           .last = range.last,
                                           .any_of_tags = {},
                                           .newest_first = query.newest_first,
                                           .most = static_cast<std::size_t>(range.last.value - range.first.value) + 1});
    std::erase_if(events, [&](const log::Event& event) {
        return !filter.may_match(event) || (query.also && !query.also(event));
    });
    for (auto& event : enricher.enrich(snapshot, std::move(events))) {
        if (!filter.matches_object(event)) continue;
        if (page.total >= query.skip && page.events.size() < query.limit)
            page.events.push_back(std::move(event.json) + "}");
        ++page.total;
    }
    return page;
}

}  // namespace lockstep::delivery
