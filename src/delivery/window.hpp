// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Window: what of one subscription is under way. A pure value: events go out in ascending sequence, they
// are acknowledged late and in any order, and the committed position is the highest one behind which
// nothing is unacknowledged. What the filter drops moves the position too and takes no room.
//
//     committed 4, seen 9, capacity 4          5 and 8 are under way, 7 is acknowledged, 6 and 9 were skipped
//     ack 5  ->  committed 7                   7 was only waiting for 5
//     nack   ->  committed 7, seen 7           8 and 9 are looked at again
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/uuid.hpp"
#include "core/positions.hpp"

namespace lockstep::delivery {

class Window {
  public:
    struct Sent {
        Offset sequence;  // of the first event, where one frame carries several
        Uuid id;
        std::uint64_t stamp = 0;  // the owner's, to compare windows by
        bool acknowledged = false;
    };

    // Acknowledgements that wait for an earlier one are remembered, so many besides those under way.
    static constexpr std::size_t waiting_max = 8192;

    // capacity >= 1
    Window(Offset committed, std::size_t capacity) : seen_(committed), capacity_(capacity) {}

    Offset committed() const;
    // The last one that was pushed or skipped: the next to look at comes after it.
    Offset seen() const { return seen_; }
    std::size_t in_flight() const { return in_flight_; }
    bool has_room() const { return in_flight_ < capacity_ && sent_.size() < capacity_ + waiting_max; }
    // The first that is not acknowledged.
    const Sent* oldest() const { return sent_.empty() ? nullptr : &sent_.front(); }

    // There must be room, and `sequence` must be beyond seen().
    void push(Offset sequence, const Uuid& id, std::uint64_t stamp = 0);
    // Everything up to `through` that was not pushed is done with. Not below seen().
    void skip(Offset through);
    // False when it is not under way (any more): nothing happens.
    bool ack(const Uuid& id);
    bool holds(const Uuid& id) const;
    // What is not acknowledged, oldest first.
    std::vector<Uuid> under_way() const;
    // Takes everything back: seen() is committed() again, and acknowledgements behind a gap are forgotten.
    void nack();

  private:
    std::deque<Sent> sent_;                           // from the first unacknowledged on
    std::unordered_map<Uuid, std::uint64_t> places_;  // counted from the first ever pushed; for looking up only
    std::uint64_t first_place_ = 0;
    Offset seen_;
    std::size_t capacity_;
    std::size_t in_flight_ = 0;
};

}  // namespace lockstep::delivery
