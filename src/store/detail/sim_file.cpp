// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "store/detail/sim_file.hpp"

#include <algorithm>
#include <cstring>

namespace lockstep::store::detail {

std::size_t SimFile::read(std::span<std::uint8_t> out, std::size_t at) const {
    auto const there = at < seen_.size() ? std::min(out.size(), seen_.size() - at) : 0;
    if (there > 0) std::memcpy(out.data(), seen_.data() + at, there);
    if (there < out.size()) std::memset(out.data() + there, 0, out.size() - there);
    return there;
}

void SimFile::put(Bytes& image, BytesView data, std::size_t at) {
    if (data.empty()) return;
    if (at == image.size()) {  // an append, without filling with zeros first
        image.insert(image.end(), data.begin(), data.end());
        return;
    }
    if (at + data.size() > image.size()) image.resize(at + data.size());
    std::memcpy(image.data() + at, data.data(), data.size());
}

void SimFile::write(BytesView data, std::size_t at, bool lasting) {
    put(seen_, data, at);
    if (!lasting) return;
    unsynced_.push_back({at, data.size(), log_.size(), false});
    log_.insert(log_.end(), data.begin(), data.end());
}

void SimFile::truncate(std::size_t size, bool lasting) {
    seen_.resize(size);
    if (lasting) unsynced_.push_back({size, 0, 0, true});
}

void SimFile::apply(const Change& change, std::size_t bytes) {
    if (change.is_truncation) {
        platter_.resize(change.at);
    } else {
        put(platter_, BytesView(log_).subspan(change.in_log, bytes), change.at);
    }
}

void SimFile::forget() {
    unsynced_.clear();
    log_.clear();
}

void SimFile::sync() {
    for (auto const& change : unsynced_) apply(change, change.bytes);
    forget();
}

void SimFile::damage(std::size_t at, std::uint8_t bits) {
    seen_[at] ^= bits;
    if (at < platter_.size()) platter_[at] ^= bits;
}

void SimFile::crash(Chance& chance, SimDisk::Stats& stats) {
    for (auto const& change : unsynced_) {
        auto const sectors = change.bytes / sector_bytes;
        switch (chance.below(sectors > 1 ? 3 : 2)) {
            case 0:
                ++stats.kept;
                apply(change, change.bytes);
                break;
            case 1: ++stats.dropped; break;
            default:
                ++stats.torn;
                apply(change, (1 + chance.below(sectors - 1)) * sector_bytes);
                break;
        }
    }
    forget();
    seen_ = platter_;
}

}  // namespace lockstep::store::detail
