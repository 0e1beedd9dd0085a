// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Checkpointer: carries pages from the WAL to the database file beside the writer, and keeps the WAL from
// growing without end.
//
// A passive checkpoint stops nobody, but SQLite begins the WAL anew only at an instant when all of it is
// carried over, and under steady load there is none: each commit adds to it. So beyond the limit the
// thread here carries over all but a little; then the writer, between two commits, carries over that rest
// and restarts the WAL, waiting a moment for readers of the old part. Readers that begin meanwhile read
// the file and are in nobody's way. The file of the WAL is not cut: to overwrite it costs less than to
// make it grow, and so it is made as long as it will get as soon as it is opened (WalExtent).
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>

#include "store/detail/connection.hpp"

namespace lockstep::store::detail {

class Checkpointer {
  public:
    // Both connections must outlive stop(). The writer's is used inside between_commits() only.
    Checkpointer(Connection& own, Connection& writer, std::size_t wal_bytes_max);
    ~Checkpointer();

    void stop();

    // The writer's thread, after each commit and after a failed one (then room is wanted).
    void committed();
    void failed();
    // The writer's thread, outside any transaction.
    void between_commits();

    // Of frames in use; the file may be longer, up to the longest that the WAL has been.
    std::uint64_t wal_bytes() const { return frames_.load(std::memory_order_relaxed) * frame_bytes; }
    std::uint64_t checkpoints() const { return checkpoints_.load(std::memory_order_relaxed); }

  private:
    static constexpr std::uint64_t frame_bytes = Connection::page_bytes + 24;
    // The longest that one restart makes a commit wait for readers.
    static constexpr int restart_patience_ms = 20;

    static int on_wal(void* self, sqlite3* connection, const char* schema, int frames);
    void run();
    void lengthen_wal();
    // True when there is more to do at once.
    bool carry_over();
    void wake();
    void restart(bool urgent);

    Connection& own_;
    Connection& writer_;
    const std::uint64_t frames_max_;

    std::atomic<std::uint64_t> frames_{0};  // in the WAL
    std::atomic<std::uint64_t> checkpoints_{0};
    std::atomic<bool> restart_wanted_{false};
    std::uint64_t woken_at_ = 0;       // writer's thread: frames when the last checkpoint was asked for
    std::uint64_t restart_after_ = 0;  // writer's thread: not before there are so many frames

    std::mutex checkpointing_;  // held during a checkpoint by whoever runs it
    std::mutex mutex_;          // of the two below
    bool woken_ = false;
    std::atomic<bool> stopping_{false};
    std::condition_variable wakes_;
    std::thread thread_;
};

}  // namespace lockstep::store::detail
