// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Between the logic thread and the database's threads. It has no limit of its own: each entry is one
// coroutine that waits, and whoever owns those limits them.
#pragma once

#include <algorithm>
#include <chrono>
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
            if (idle_ == 0 || waking_) return true;
            waking_ = true;
        }
        arrived_.notify_one();
        return true;
    }

    // Appends all that waits; blocks until there is something. False when closed and empty.
    bool take_all(std::deque<T>& out) {
        std::unique_lock lock(mutex_);
        await_work(lock);
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

    // The same, waiting at most so long.
    bool take_within(std::deque<T>& out, std::chrono::nanoseconds wait) {
        std::unique_lock lock(mutex_);
        ++idle_;
        arrived_.wait_for(lock, wait, [this] { return closed_ || !waiting_.empty(); });
        --idle_;
        waking_ = false;
        if (waiting_.empty()) return false;
        move_to(out);
        return true;
    }

    // For one of `takers`: appends its part of what waits, `most` at the most; blocks until there is
    // something. False when closed and empty.
    bool take_part(std::deque<T>& out, std::size_t takers, std::size_t most) {
        std::unique_lock lock(mutex_);
        await_work(lock);
        if (waiting_.empty()) return false;
        auto const part = std::min((waiting_.size() + takers - 1) / takers, most);
        for (std::size_t i = 0; i < part; ++i) {
            out.push_back(std::move(waiting_.front()));
            waiting_.pop_front();
        }
        auto const wake_another = !waiting_.empty() && idle_ > 0;
        waking_ = wake_another;
        lock.unlock();
        if (wake_another) arrived_.notify_one();
        return true;
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
    void await_work(std::unique_lock<std::mutex>& lock) {
        ++idle_;
        arrived_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
        --idle_;
        waking_ = false;
    }

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
    // A wake-up costs more than a small read, so there is none when nobody sleeps, or when somebody was
    // woken and has not looked yet: he will find what came meanwhile.
    std::size_t idle_ = 0;
    bool waking_ = false;
    bool closed_ = false;
};

}  // namespace lockstep::store::detail
