// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Between the logic thread and the database's threads. It has no limit of its own: each entry is one
// coroutine that waits, and whoever owns those limits them.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace lockstep::store::detail {

template <class T>
class WorkQueue {
  public:
    // False after close(), and then `work` is untouched.
    bool push(T&& work) {
        {
            std::lock_guard const lock(mutex_);
            if (closed_) return false;
            waiting_.push_back(std::move(work));
        }
        arrived_.notify_one();
        return true;
    }

    // Appends all that waits; blocks until there is something. False when closed and empty.
    bool take_all(std::deque<T>& out) {
        std::unique_lock lock(mutex_);
        arrived_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
        if (waiting_.empty()) return false;
        move_to(out);
        return true;
    }

    // The same without waiting; false when there is nothing.
    bool take_ready(std::deque<T>& out) {
        std::lock_guard const lock(mutex_);
        if (waiting_.empty()) return false;
        move_to(out);
        return true;
    }

    // One; blocks. Empty when closed and empty.
    std::optional<T> take() {
        std::unique_lock lock(mutex_);
        arrived_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
        if (waiting_.empty()) return std::nullopt;
        std::optional<T> work(std::move(waiting_.front()));
        waiting_.pop_front();
        return work;
    }

    // What waits can still be taken.
    void close() {
        {
            std::lock_guard const lock(mutex_);
            closed_ = true;
        }
        arrived_.notify_all();
    }

  private:
    void move_to(std::deque<T>& out) {
        if (out.empty()) {
            out.swap(waiting_);
            return;
        }
        for (auto& work : waiting_) out.push_back(std::move(work));
        waiting_.clear();
    }

    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<T> waiting_;
    bool closed_ = false;
};

}  // namespace lockstep::store::detail
