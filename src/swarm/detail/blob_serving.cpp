// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "swarm/detail/blob_serving.hpp"

#include <algorithm>

#include "swarm/errors.hpp"

namespace lockstep::swarm {

Result<void> BlobServing::wanted(const BlobWantFrame& want) {
    if (wants_.size() >= wants_max)
        return refuse(errors::bad_frame, {{"reason", "too many parts are asked for at once"}});
    wants_.push_back({want.hash, want.offset, want.offset + want.length});
    link_.tap().ring();
    return {};
}

void BlobServing::offered(const Hash& hash) {
    if (!common_.options.blobs || awaited_.size() >= offers_max || offers_.size() >= offers_max) return;
    // First, so that one that is stored while we look is not missed. One that is offered again is looked for again: it
    // may have come another way.
    awaited_.insert(hash);
    offers_.push_back(hash);
    link_.tap().ring();
}

void BlobServing::stored(const Hash& hash) {
    if (awaited_.erase(hash) == 0) return;
    here_.push_back(hash);
    link_.tap().ring();
}

Task<void> BlobServing::run() {
    while (!link_.has_ended()) {
        auto const seen = link_.tap().rings();
        if (!here_.empty()) {
            auto frame = encode(BlobAckFrame{here_.front()});
            here_.pop_front();
            co_await link_.send(std::move(frame));
        } else if (!offers_.empty()) {
            co_await look_at_offer();
        } else if (!wants_.empty()) {
            co_await serve_one();
        } else {
            co_await link_.tap().past(seen);
        }
    }
}

Task<void> BlobServing::look_at_offer() {
    auto const hash = offers_.front();
    offers_.pop_front();
    auto look = [ns = common_.ns, hash](store::Snapshot& snapshot) { return blobs::has(snapshot, ns, hash); };
    auto const here = co_await common_.database.read(std::move(look));
    if (here) stored(hash);
}

Task<BlobServing::BlobPtr> BlobServing::find(Hash hash) {
    if (common_.withhold || !common_.options.blobs) co_return nullptr;
    if (auto const found = open_.find(hash); found != open_.end()) co_return found->second;
    auto const& may_have = common_.options.may_have;
    if (may_have) {
        auto look = [&may_have, hash, peer = neighbour_.peer.id](store::Snapshot& snapshot) {
            return may_have(snapshot, hash, peer);
        };
        auto const allowed = co_await common_.database.read(std::move(look));
        if (!allowed) co_return nullptr;
    }
    auto blob = co_await common_.options.blobs->open(hash);
    if (blob) open_[hash] = blob;
    co_return blob;
}

Task<void> BlobServing::serve_one() {
    auto want = wants_.front();
    wants_.pop_front();
    auto blob = co_await find(want.hash);
    if (blob && want.offset > blob->size()) blob = nullptr;  // of another blob by that name, or of nobody's
    Bytes frame;
    if (!blob) {
        frame = encode(BlobHaveNotFrame{want.hash});
    } else {
        want.end = std::min(want.end, blob->size());
        auto const most = static_cast<std::size_t>(std::min<std::uint64_t>(want.end - want.offset, blob_chunk_bytes));
        auto const bytes = co_await blob->read(want.offset, most);
        frame = encode(BlobChunkFrame{want.hash, blob->size(), want.offset, as_bytes(bytes)});
        want.offset += most;
    }
    co_await link_.send(std::move(frame));
    if (blob && want.offset < want.end) {
        // Before later parts of the same blob, which have to come in order, and behind other blobs.
        auto const next =
            std::find_if(wants_.begin(), wants_.end(), [&](auto const& one) { return one.hash == want.hash; });
        wants_.insert(next, want);
        if (wants_.size() > 1 && wants_.front().hash == want.hash) {
            auto const other =
                std::find_if(wants_.begin(), wants_.end(), [&](auto const& one) { return one.hash != want.hash; });
            if (other != wants_.end()) std::rotate(wants_.begin(), other, other + 1);
        }
        co_return;
    }
    auto const again =
        std::any_of(wants_.begin(), wants_.end(), [&](auto const& one) { return one.hash == want.hash; });
    if (!again) open_.erase(want.hash);
    if (blob) ++neighbour_.status.served;
}

}  // namespace lockstep::swarm
