// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "swarm/detail/receiver.hpp"

#include "core/sha256.hpp"
#include "swarm/errors.hpp"

namespace lockstep::swarm {

Result<Receiver::Step> Receiver::on(const Frame& frame) {
    if (auto const* push = std::get_if<PushFrame>(&frame)) {
        if (push->bytes.size() > payload_bytes_max_)
            return Step{Answer{RefuseFrame{push->hash, RefuseCode::too_large}}};
        if (sha256(push->bytes) != push->hash) return Step{Answer{RefuseFrame{push->hash, RefuseCode::damaged}}};
        current_ = {push->hash, push->bytes.size(), Bytes(push->bytes.begin(), push->bytes.end())};
        return Step{Look{current_.hash, current_.total}};
    }
    if (auto const* offer = std::get_if<OfferFrame>(&frame)) {
        if (offer->total > payload_bytes_max_) return Step{Answer{RefuseFrame{offer->hash, RefuseCode::too_large}}};
        if (offer->total == 0) return refuse(errors::bad_frame, {{"reason", "an offer of nothing"}});
        if (offer_.hash != offer->hash || offer_.total != offer->total) offer_ = {offer->hash, offer->total, {}};
        offer_is_open_ = true;
        current_ = {offer_.hash, offer_.total, {}};
        return Step{Look{offer_.hash, offer_.total}};
    }
    if (auto const* chunk = std::get_if<ChunkFrame>(&frame)) return on_chunk(*chunk);
    if (auto const* want = std::get_if<WantFrame>(&frame)) return Step{Serve{want->hash, want->offset}};
    return refuse(errors::bad_frame, {{"reason", std::string(name_of(frame)) + " has no place here"}});
}

Result<Receiver::Step> Receiver::on_chunk(const ChunkFrame& chunk) {
    if (!offer_is_open_ || chunk.hash != offer_.hash || chunk.total != offer_.total ||
        chunk.offset != offer_.bytes.size())
        return refuse(errors::bad_frame, {{"reason", "a chunk that was not asked for"}});
    offer_.bytes.reserve(offer_.total);
    offer_.bytes.insert(offer_.bytes.end(), chunk.bytes.begin(), chunk.bytes.end());
    if (!offer_.is_whole()) return Step{Nothing{}};
    offer_is_open_ = false;
    current_ = std::exchange(offer_, {});
    if (sha256(current_.bytes) != current_.hash) return Step{Answer{RefuseFrame{current_.hash, RefuseCode::damaged}}};
    return Step{Look{current_.hash, current_.total}};
}

Receiver::Step Receiver::looked(Found found) {
    if (found != Found::missing) {
        if (offer_is_open_) offer_ = {};
        offer_is_open_ = false;
        auto const hash = std::exchange(current_, {}).hash;
        if (found == Found::here) return Answer{AckFrame{hash}};
        return Answer{RefuseFrame{hash, RefuseCode::quota}};
    }
    if (!current_.is_whole()) return Answer{WantFrame{offer_.hash, static_cast<std::uint32_t>(offer_.bytes.size())}};
    return Store{current_.hash, std::move(current_.bytes)};
}

Receiver::Step Receiver::stored() { return Answer{AckFrame{std::exchange(current_, {}).hash}}; }

void Receiver::connected() {
    current_ = {};
    offer_is_open_ = false;
}

}  // namespace lockstep::swarm
