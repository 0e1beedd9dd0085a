// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// For tests: a place for one database, real (a folder, threads) or simulated (SimDisk, inline), and a loop
// to await it on.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <filesystem>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <vector>

#include "base/chance.hpp"
#include "store/database.hpp"
#include "store/sim_disk.hpp"

namespace lockstep::store {

enum class Kind { threaded, simulated };

inline std::string kind_name(const testing::TestParamInfo<Kind>& info) {
    return info.param == Kind::threaded ? "threaded" : "simulated";
}

class TestWorld {
  public:
    explicit TestWorld(Kind kind, std::uint64_t seed = 1)
        : kind_(kind), chance_(make_seeded_chance(seed)), disk_(*chance_) {
        if (kind_ == Kind::simulated) return;
        std::string name = (std::filesystem::temp_directory_path() / "lockstep-store-XXXXXX").string();
        if (!mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
        folder_ = name;
    }
    ~TestWorld() {
        database_.reset();
        if (!folder_.empty()) std::filesystem::remove_all(folder_);
    }

    Kind kind() const { return kind_; }
    std::string path() const { return kind_ == Kind::threaded ? (folder_ / "db").string() : "db"; }
    SimDisk& disk() { return disk_; }
    Chance& chance() { return *chance_; }
    asio::io_context& io() { return io_; }

    Database::Options options() {
        Database::Options options{.path = path()};
        if (kind_ == Kind::simulated) {
            options.vfs = disk_.vfs();
            options.inline_ = true;
        }
        return options;
    }
    Result<std::unique_ptr<Database>> try_open(const std::vector<Migrations>& schema, Database::Options options) {
        return open_database(std::move(options), schema, io_.get_executor());
    }
    Database& open(const std::vector<Migrations>& schema, Database::Options options) {
        database_.reset();
        auto opened = try_open(schema, std::move(options));
        if (!opened) throw std::runtime_error(opened.error().text());
        database_ = std::move(*opened);
        return *database_;
    }
    Database& open(const std::vector<Migrations>& schema) { return open(schema, options()); }
    // With a table of numbers and names.
    Database& open() { return open({numbers()}); }
    Database& db() { return *database_; }
    void close() { database_.reset(); }

    static Migrations numbers() { return {"numbers", {"CREATE TABLE numbers (n BIGINT PRIMARY KEY, name TEXT)"}}; }

    // Until nobody waits any more.
    void run_all() {
        io_.restart();
        io_.run();
    }
    // Until the task has ended; rethrows what it throws.
    template <class T>
    T run(Task<T> task) {
        auto future = asio::co_spawn(io_, std::move(task), asio::use_future);
        run_all();
        return future.get();
    }

    // Begins the writes in this order, so that they are in one commit, and returns how each ended.
    std::vector<std::exception_ptr> together(std::vector<std::function<void(Transaction&)>> closures) {
        std::vector<std::exception_ptr> ends(closures.size());
        std::promise<void> all_wait;
        auto wait = [go = all_wait.get_future().share()](Transaction&) { go.wait(); };
        io_.restart();
        if (kind_ == Kind::threaded) asio::co_spawn(io_, database_->write(std::move(wait)), asio::detached);
        for (std::size_t i = 0; i < closures.size(); ++i) {
            asio::co_spawn(io_, database_->write(std::move(closures[i])),
                           [&ends, i](std::exception_ptr end) { ends[i] = end; });
        }
        // Begins what was spawned. On the simulated kind this also commits.
        io_.poll();
        all_wait.set_value();
        run_all();
        return ends;
    }

    void insert(std::int64_t n, const std::string& name = "") {
        run(database_->write(
            [n, name](Transaction& tx) { tx.run("INSERT INTO numbers (n, name) VALUES (?1, ?2)", n, name); }));
    }
    std::vector<std::int64_t> numbers_stored() {
        return run(database_->read([](Snapshot& snapshot) {
            std::vector<std::int64_t> numbers;
            for (auto& row : snapshot.query("SELECT n FROM numbers ORDER BY n")) numbers.push_back(row.integer(0));
            return numbers;
        }));
    }

  private:
    Kind kind_;
    std::filesystem::path folder_;
    asio::io_context io_;
    std::unique_ptr<Chance> chance_;
    SimDisk disk_;
    std::unique_ptr<Database> database_;
};

}  // namespace lockstep::store
