// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Past events through a filter: what a subscription would have delivered.
#pragma once

#include "delivery/delivery.hpp"

namespace lockstep::delivery {

// The offsets to look through, both included.
struct HistoryRange {
    Offset first, last;
};

// FF10463 when both ends are given and are more than `events_max` apart. An end that is missing is chosen
// so many away, or at the newest event.
Result<HistoryRange> history_range(const HistoryQuery& query, Offset newest, std::size_t events_max);

HistoryPage read_history(store::Snapshot& snapshot,
                         const log::Timeline& timeline,
                         const Enricher& enricher,
                         const Filter& filter,
                         const HistoryQuery& query,
                         HistoryRange range);

}  // namespace lockstep::delivery
