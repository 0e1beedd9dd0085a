// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "async/worker.hpp"

#include <boost/asio/post.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "base/thread_name.hpp"

namespace lockstep {

namespace {

class ThreadWorker final : public Worker {
  public:
    explicit ThreadWorker(std::string name) : thread_([this, name = std::move(name)] { work_off(name); }) {}
    ~ThreadWorker() override {
        {
            std::lock_guard const lock(mutex_);
            ending_ = true;
        }
        news_.notify_one();
        thread_.join();
    }

    void post(std::function<void()> job) override {
        {
            std::lock_guard const lock(mutex_);
            jobs_.push_back(std::move(job));
        }
        news_.notify_one();
    }

  private:
    void work_off(const std::string& name) {
        name_this_thread(name);
        for (;;) {
            std::function<void()> job;
            {
                std::unique_lock lock(mutex_);
                news_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
                if (jobs_.empty()) return;
                job = std::move(jobs_.front());
                jobs_.pop_front();
            }
            job();
        }
    }

    std::mutex mutex_;
    std::condition_variable news_;
    std::deque<std::function<void()>> jobs_;
    bool ending_ = false;
    std::thread thread_;  // last: it uses the others
};

class InlineWorker final : public Worker {
  public:
    explicit InlineWorker(Executor executor) : executor_(std::move(executor)) {}
    void post(std::function<void()> job) override {
        asio::post(executor_, [lives = std::weak_ptr<bool>(lives_), job = std::move(job)] {
            if (!lives.expired()) job();
        });
    }

  private:
    Executor executor_;
    std::shared_ptr<bool> lives_ = std::make_shared<bool>(true);
};

}  // namespace

std::unique_ptr<Worker> make_worker(std::string name) { return std::make_unique<ThreadWorker>(std::move(name)); }
std::unique_ptr<Worker> make_inline_worker(Executor executor) {
    return std::make_unique<InlineWorker>(std::move(executor));
}

}  // namespace lockstep
