// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "delivery/window.hpp"

#include "base/must.hpp"

namespace lockstep::delivery {

// Offsets of a stream are dense, so what lies before the first unacknowledged is settled up to its neighbour.
Offset Window::committed() const { return sent_.empty() ? seen_ : Offset{sent_.front().sequence.value - 1}; }

void Window::push(Offset sequence, const Uuid& id, std::uint64_t stamp) {
    MUST(has_room(), "the owner asks before it sends");
    MUST(sequence > seen_, "events go out in ascending sequence");
    places_.emplace(id, first_place_ + sent_.size());
    sent_.push_back({sequence, id, stamp, false});
    seen_ = sequence;
    ++in_flight_;
}

void Window::skip(Offset through) {
    MUST(through >= seen_, "a position does not go back");
    seen_ = through;
}

bool Window::holds(const Uuid& id) const { return places_.contains(id); }

bool Window::ack(const Uuid& id) {
    auto const place = places_.find(id);
    if (place == places_.end()) return false;
    sent_[place->second - first_place_].acknowledged = true;
    places_.erase(place);
    --in_flight_;
    while (!sent_.empty() && sent_.front().acknowledged) {
        sent_.pop_front();
        ++first_place_;
    }
    return true;
}

std::vector<Uuid> Window::under_way() const {
    std::vector<Uuid> ids;
    ids.reserve(in_flight_);
    for (auto const& sent : sent_) {
        if (!sent.acknowledged) ids.push_back(sent.id);
    }
    return ids;
}

void Window::nack() {
    seen_ = committed();
    first_place_ += sent_.size();
    sent_.clear();
    places_.clear();
    in_flight_ = 0;
}

}  // namespace lockstep::delivery
