// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// GatheredWrites: writes that follow one another in a file, as one. SQLite writes a commit's frames to the WAL
// in two calls for each page, and nobody looks at them before they are synced.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace lockstep::store::detail {

class GatheredWrites {
  public:
    // SQLite's own files take less than 128 KiB in one call.
    static constexpr std::size_t bytes_max = 64 << 10;

    bool empty() const { return bytes_.empty(); }
    std::uint64_t begin() const { return begin_; }
    std::uint64_t end() const { return begin_ + bytes_.size(); }
    std::string_view bytes() const { return {bytes_.data(), bytes_.size()}; }

    // False when what waits has to be written first: this does not follow it, or there is no room.
    bool add(std::uint64_t at, std::string_view bytes) {
        if (!empty() && (at != end() || bytes_.size() + bytes.size() > bytes_max)) return false;
        if (empty()) begin_ = at;
        bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
        return true;
    }
    void clear() { bytes_.clear(); }

  private:
    std::uint64_t begin_ = 0;
    std::vector<char> bytes_;
};

}  // namespace lockstep::store::detail
