// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// WalExtent: how far the WAL's file reaches, and zeros written ahead of the frames, so that it reaches far
// enough before that is needed.
//
// A sync after which a file is longer, or has blocks that it had not, waits for the file system's journal, and
// with it for whatever everybody else has changed: on ext4 one in some fifty takes tens of milliseconds. One of
// bytes that were there already waits for those bytes alone. Room that is only reserved (fallocate) would not
// do: to fill it is a change of metadata again. Zeros are no frames: where they begin, SQLite's recovery ends.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

namespace lockstep::store::detail {

class WalExtent {
  public:
    enum class Filled { done, stopped, no_room, sync_failed };

    // A file of the WAL was opened and is so long.
    void opened(std::uint64_t bytes);
    // Calls `write`, which writes up to `end`. What lies beyond the end of the file is the writer's and the
    // filler's by turns; what lies within is the writer's alone and costs it no lock.
    template <class Write>
    int write(std::uint64_t end, const Write& write) {
        if (end <= bytes_.load()) return write();
        std::lock_guard const lock(growing_);
        auto const code = write();
        bytes_ = std::max(bytes_.load(), end);
        return code;
    }
    // Writes zeros from the end of the file up to `end` and syncs them, in small steps, until `stop` says so.
    // Any thread; beside write(). Without room the WAL grows by itself, and whoever writes says what is wrong.
    Filled fill(const std::string& path, std::uint64_t end, const std::function<bool()>& stop);

    std::uint64_t bytes() const { return bytes_.load(); }

  private:
    std::mutex growing_;
    std::atomic<std::uint64_t> bytes_{0};  // grows under the mutex
};

}  // namespace lockstep::store::detail
