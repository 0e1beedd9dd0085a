// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "swarm/detail/send_ahead.hpp"

#include <algorithm>

#include "base/must.hpp"
#include "swarm/errors.hpp"

namespace lockstep::swarm {

void SendAhead::sealed(const Hash& hash) {
    if (!caught_up_) {
        missed_ = true;  // the page that is being read may be older than its row
        return;
    }
    if (is_known(hash)) return;
    if (queue_.size() >= options_.queue_max) {
        caught_up_ = false;
        return;
    }
    queue_.push_back(hash);
    queued_.insert(hash);
}

void SendAhead::rows(const std::vector<OutboxRow>& page, std::int64_t through, bool last) {
    cursor_ = through;
    for (auto const& row : page) {
        if (is_known(row.hash)) continue;
        queue_.push_back(row.hash);
        queued_.insert(row.hash);
    }
    caught_up_ = last && !missed_;
}

void SendAhead::fetched(const Hash& hash, Document document) {
    if (queue_.empty() || queue_.front() != hash) return;
    if (document) {
        held_ = std::move(document);
        return;
    }
    queue_.pop_front();
    queued_.erase(hash);
}

void SendAhead::land(std::map<Hash, Flight>::iterator flight) {
    if (offer_ == flight->first) {
        offer_.reset();
        stream_offset_.reset();
    }
    flying_bytes_ -= flight->second.size;
    flying_.erase(flight);
}

bool SendAhead::acked(const Hash& hash) {
    auto const flight = flying_.find(hash);
    if (flight == flying_.end()) return false;
    land(flight);
    backoff_.reset();
    return true;
}

// A peer that has no room for one has none for the next: all wait, in order. One that was damaged on its way
// is sent again behind the others. One that the peer does not take at all is set aside for longer and holds up
// nothing meanwhile; beyond queue_max of those only the next connection tries again.
void SendAhead::refused(const Hash& hash, RefuseCode code, Instant now) {
    auto const flight = flying_.find(hash);
    if (flight == flying_.end()) return;
    land(flight);
    if (code == RefuseCode::too_large) {
        if (aside_.size() >= options_.queue_max) return;
        aside_.emplace_back(now + options_.retry.most, hash);
        queued_.insert(hash);
        return;
    }
    if (code == RefuseCode::quota) {
        queue_.push_front(hash);
        held_.reset();
    } else {
        queue_.push_back(hash);
    }
    queued_.insert(hash);
    paused_until_ = now + backoff_.next();
}

Result<void> SendAhead::wanted(const WantFrame& want) {
    if (offer_ != want.hash) return refuse(errors::bad_frame, {{"reason", "what is wanted is not offered"}});
    if (want.offset >= flying_.at(want.hash).size)
        return refuse(errors::bad_frame, {{"reason", "what is wanted ends before"}});
    stream_offset_ = want.offset;
    return {};
}

std::optional<SendAhead::Step> SendAhead::next(Instant now) {
    take_up(now);  // before anything else, so that wake_at() is never in the past
    if (withhold_) return std::nullopt;
    if (stream_offset_) return next_chunk();
    if (offer_ || paused_until_) return std::nullopt;
    if (!queue_.empty()) {
        auto const hash = queue_.front();
        if (!held_) return Fetch{hash};
        if (!flying_.empty() && flying_bytes_ + held_->size() > options_.window_bytes) return std::nullopt;
        queue_.pop_front();
        queued_.erase(hash);
        return send(hash, std::move(held_));
    }
    if (caught_up_) return std::nullopt;
    missed_ = false;
    return ReadRows{cursor_, options_.page_rows_max};
}

void SendAhead::take_up(Instant now) {
    if (paused_until_ && now >= *paused_until_) paused_until_.reset();
    while (!aside_.empty() && aside_.front().first <= now) {
        queue_.push_back(aside_.front().second);
        aside_.pop_front();
    }
}

std::optional<Instant> SendAhead::wake_at() const {
    if (aside_.empty()) return paused_until_;
    auto const aside = aside_.front().first;
    return paused_until_ ? std::min(*paused_until_, aside) : aside;
}

SendAhead::Step SendAhead::send(const Hash& hash, Document document) {
    auto const size = document->size();
    flying_bytes_ += size;
    if (size <= options_.chunk_bytes) {
        flying_[hash] = {size, nullptr};
        return Send{encode(PushFrame{hash, as_bytes(*document)})};
    }
    flying_[hash] = {size, std::move(document)};
    offer_ = hash;
    return Send{encode(OfferFrame{hash, static_cast<std::uint32_t>(size)})};
}

SendAhead::Step SendAhead::next_chunk() {
    MUST(offer_ && stream_offset_, "only an open offer is streamed");
    auto const& document = *flying_.at(*offer_).document;
    auto const offset = *stream_offset_;
    stream_offset_ = offset + options_.chunk_bytes;
    if (*stream_offset_ >= document.size()) stream_offset_.reset();
    return Send{encode_chunk(*offer_, as_bytes(document), offset, options_.chunk_bytes)};
}

}  // namespace lockstep::swarm
