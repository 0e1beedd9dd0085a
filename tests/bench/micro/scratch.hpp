// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// A database in a folder that goes when it goes, and a logic thread before it.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "async/clock.hpp"
#include "async/task.hpp"
#include "base/chance.hpp"
#include "store/database.hpp"

namespace lockstep::bench {

class Folder {
  public:
    // Under `parent`: benchmarks of a disk say on which.
    explicit Folder(const std::string& parent) {
        std::string name = parent + "/lockstep-bench-XXXXXX";
        if (!mkdtemp(name.data())) throw std::runtime_error("no folder under " + parent);
        path_ = name;
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    std::string file(const std::string& name) const { return (path_ / name).string(); }

  private:
    std::filesystem::path path_;
};

class Loop {
  public:
    Loop() : work_(asio::make_work_guard(io)), clock(make_clock(io.get_executor())), thread_([this] { io.run(); }) {}
    ~Loop() {
        work_.reset();
        io.stop();
        thread_.join();
    }
    template <class T>
    T run(Task<T> task) {
        return asio::co_spawn(io, std::move(task), asio::use_future).get();
    }
    asio::io_context io{1};

  private:
    asio::executor_work_guard<asio::io_context::executor_type> work_;

  public:
    std::unique_ptr<Clock> clock;

  private:
    std::thread thread_;
};

inline std::unique_ptr<store::Database> open(Loop& loop,
                                             std::string path,
                                             const std::vector<store::Migrations>& schema) {
    store::Database::Options options;
    options.path = std::move(path);
    auto opened = store::open_database(std::move(options), schema, loop.io.get_executor());
    if (!opened) throw std::runtime_error(opened.error().message());
    return std::move(*opened);
}

class Stopwatch {
  public:
    double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

  private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace lockstep::bench
