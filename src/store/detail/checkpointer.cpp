// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "store/detail/checkpointer.hpp"

#include <algorithm>

#include "base/logging.hpp"
#include "base/thread_name.hpp"

namespace lockstep::store::detail {

Checkpointer::Checkpointer(Connection& own, Connection& writer, std::size_t wal_bytes_max)
    : own_(own), writer_(writer), frames_max_(std::max<std::uint64_t>(wal_bytes_max / frame_bytes, 64)) {
    sqlite3_wal_hook(writer_.handle(), &Checkpointer::on_wal, this);
    thread_ = std::thread([this] {
        name_this_thread("checkpoint");
        run();
    });
}

Checkpointer::~Checkpointer() { stop(); }

void Checkpointer::stop() {
    if (!thread_.joinable()) return;
    {
        std::lock_guard const lock(mutex_);
        stopping_ = true;
    }
    wakes_.notify_one();
    thread_.join();
    sqlite3_wal_hook(writer_.handle(), nullptr, nullptr);
}

int Checkpointer::on_wal(void* self, sqlite3*, const char*, int frames) {
    static_cast<Checkpointer*>(self)->frames_ = static_cast<std::uint64_t>(frames);
    return SQLITE_OK;
}

void Checkpointer::wake() {
    {
        std::lock_guard const lock(mutex_);
        woken_ = true;
    }
    wakes_.notify_one();
}

void Checkpointer::committed() {
    auto const frames = frames_.load();
    if (frames < woken_at_) woken_at_ = restart_after_ = 0;  // SQLite began the WAL anew by itself
    auto const step = frames > frames_max_ ? frames_max_ / 16 : frames_max_ / 4;
    if (frames - woken_at_ < step) return;
    woken_at_ = frames;
    wake();
}

void Checkpointer::failed() { wake(); }

void Checkpointer::lengthen_wal() {
    // A little more than the limit, for what is committed while it is carried over.
    auto const bytes = frames_max_ * frame_bytes / 8 * 9;
    auto const path = own_.path() + "-wal";
    auto const filled = own_.probe()->wal.fill(path, bytes, [this] { return stopping_.load(); });
    if (filled == WalExtent::Filled::sync_failed) own_.probe()->sync_failed("sync of " + path + " failed");
    if (filled == WalExtent::Filled::no_room) logging::warn("no room for a WAL of full length", {{"path", path}});
}

void Checkpointer::run() {
    lengthen_wal();
    std::unique_lock lock(mutex_);
    for (;;) {
        wakes_.wait(lock, [this] { return woken_ || stopping_; });
        if (stopping_) return;
        woken_ = false;
        lock.unlock();
        auto const more = carry_over();
        lock.lock();
        woken_ = woken_ || more;
    }
}

bool Checkpointer::carry_over() {
    std::lock_guard const lock(checkpointing_);
    int in_wal = 0;
    int carried = 0;
    auto const code = sqlite3_wal_checkpoint_v2(own_.handle(), "main", SQLITE_CHECKPOINT_PASSIVE, &in_wal, &carried);
    if (code != SQLITE_OK) {
        if (code != SQLITE_BUSY) {
            logging::warn("checkpoint failed", {{"error", describe_failure(own_.handle(), code, "checkpoint")}});
        }
        return false;
    }
    checkpoints_.fetch_add(1, std::memory_order_relaxed);
    if (frames_.load() <= frames_max_) return false;
    // What was committed meanwhile is left; a reader in its way leaves more, and then to repeat is no use.
    auto const held_back = carried < in_wal;
    auto const left = frames_.load() - std::min(frames_.load(), static_cast<std::uint64_t>(carried));
    if (left <= frames_max_ / 16) {
        restart_wanted_ = true;
        return false;
    }
    return !held_back;
}

void Checkpointer::between_commits() {
    auto const frames = frames_.load(std::memory_order_relaxed);
    auto const urgent = frames > 2 * frames_max_;  // the thread does not keep up: writers pay now
    if (!urgent && !restart_wanted_.load(std::memory_order_relaxed)) return;
    if (frames >= restart_after_) restart(urgent);
}

void Checkpointer::restart(bool urgent) {
    std::unique_lock lock(checkpointing_, std::defer_lock);
    if (urgent) {
        lock.lock();
    } else if (!lock.try_lock()) {
        return;  // it carries over, which makes this cheaper after the next commit
    }
    restart_wanted_ = false;
    auto* const handle = writer_.handle();
    sqlite3_busy_timeout(handle, restart_patience_ms);
    auto const code = sqlite3_wal_checkpoint_v2(handle, "main", SQLITE_CHECKPOINT_RESTART, nullptr, nullptr);
    sqlite3_busy_timeout(handle, Connection::busy_ms);
    checkpoints_.fetch_add(1, std::memory_order_relaxed);
    if (code == SQLITE_OK) {
        frames_ = 0;
        woken_at_ = restart_after_ = 0;
        return;
    }
    // A reader that stays: to try after each commit would cost each commit the patience.
    restart_after_ = frames_.load() + frames_max_ / 8;
    if (code != SQLITE_BUSY) {
        logging::warn("WAL restart failed", {{"error", describe_failure(handle, code, "checkpoint")}});
    }
}

}  // namespace lockstep::store::detail
