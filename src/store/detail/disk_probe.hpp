// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What one database's files report: bytes, and the sync that failed.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "store/detail/wal_extent.hpp"

namespace lockstep::store::detail {

class DiskProbe {
  public:
    // `on_fatal` empty: log the reason and end the process with 70 (EX_SOFTWARE).
    explicit DiskProbe(std::function<void(const std::string&)> on_fatal) : on_fatal_(std::move(on_fatal)) {}

    // Any thread. Only the first call counts: after it nothing that the disk says can be believed.
    void sync_failed(const std::string& reason);

    std::atomic<std::uint64_t> bytes_written{0};
    std::atomic<std::uint64_t> bytes_synced{0};
    std::atomic<std::uint64_t> syncs{0};
    WalExtent wal;

  private:
    std::function<void(const std::string&)> on_fatal_;
    std::atomic<bool> failed_{false};
};

}  // namespace lockstep::store::detail
