// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// For tests, here and in the modules above: a process in virtual time, over a database on a simulated disk.
// It may stop, die at a commit, or lose its power, and begins again on what the disk then holds.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "async/scope.hpp"
#include "async/sim_clock.hpp"
#include "base/ids.hpp"
#include "base/logging.hpp"
#include "flow/stage.hpp"
#include "store/sim_disk.hpp"

namespace lockstep::flow {

inline constexpr NamespaceId test_ns{1};

// Who derives from it calls open() in the constructor and close() in the destructor.
class SimProcess {
  public:
    explicit SimProcess(std::vector<store::Migrations> schema, std::uint64_t seed = 1)
        : chance_(make_seeded_chance(seed)),
          disk_(*chance_),
          ids_(loop_.clock(), *chance_),
          schema_(std::move(schema)) {
        logging::configure(logging::Level::off, false);  // failures are the subject, not news
    }
    virtual ~SimProcess() = default;

    // A process begins.
    void open() {
        died_ = false;
        store::Database::Options options{.path = "db", .vfs = disk_.vfs(), .inline_ = true};
        options.crash = [this](bool after) { return died_ = died_ || dies_here(after); };
        auto opened = store::open_database(std::move(options), schema_, loop_.executor());
        if (!opened) throw std::runtime_error(opened.error().text());
        database_ = std::move(*opened);
        running_ = std::make_unique<Scope>(loop_.executor(), Scope::Options{"test"});
        begin();
        loop_.settle();
    }
    // It ends: what runs is cancelled.
    void close() {
        if (!running_) return;
        running_->cancel();
        await(running_->join());
        end();
        running_.reset();
        database_.reset();
    }
    void restart() {
        close();
        open();
    }
    // The power fails: what was not synced may be lost.
    void crash() {
        disk_.freeze();
        close();
        disk_.crash();
        open();
    }

    // The process dies at a commit, the next being 0: before it, or after it and before anyone is answered.
    void die_at(int commit, bool after) {
        commits_to_live_ = commit;
        die_after_ = after;
    }
    bool died() const { return died_; }

    // Until close().
    void spawn(Task<void> task) {
        running_->spawn(std::move(task));
        loop_.settle();
    }
    // Until it has ended; virtual time passes as it needs.
    template <class T>
    T await(Task<T> task) {
        std::optional<std::conditional_t<std::is_void_v<T>, std::monostate, T>> value;
        std::exception_ptr failure;
        auto ended = false;
        if constexpr (std::is_void_v<T>) {
            asio::co_spawn(loop_.context(), std::move(task), [&](std::exception_ptr error) {
                failure = error;
                ended = true;
            });
        } else {
            asio::co_spawn(loop_.context(), std::move(task), [&](std::exception_ptr error, T result) {
                failure = error;
                if (!error) value.emplace(std::move(result));
                ended = true;
            });
        }
        if (!loop_.run_until([&] { return ended; }, 1h)) throw std::runtime_error("the task does not end");
        if (failure) std::rethrow_exception(failure);
        if constexpr (!std::is_void_v<T>) return std::move(*value);
    }
    template <class F>
    auto write(F closure) {
        return await(database_->write(std::move(closure)));
    }
    template <class F>
    auto read(F closure) {
        return await(database_->read(std::move(closure)));
    }
    std::int64_t count(const std::string& table) {
        return read([&](store::Snapshot& snapshot) {
            auto rows = snapshot.query("SELECT COUNT(*) FROM " + table);
            return rows.first()->integer(0);
        });
    }

    void pass(Duration time) {
        await(loop_.clock().sleep(time));
        loop_.settle();
    }
    // False when it does not become true within an hour.
    bool until(const std::function<bool()>& done) { return loop_.run_until(done, 1h); }
    void settle() { loop_.settle(); }
    Duration age() { return loop_.clock().instant() - Instant{}; }

    SimClock& clock() { return loop_.clock(); }
    Executor executor() { return loop_.executor(); }
    Chance& chance() { return *chance_; }
    IdMaker& ids() { return ids_; }
    store::SimDisk& disk() { return disk_; }
    store::Database& database() { return *database_; }

  protected:
    virtual void begin() {}  // the database is open
    virtual void end() {}    // nothing runs any more, and the database will be closed

  private:
    bool dies_here(bool after) {
        if (commits_to_live_ < 0) return false;
        auto const here = commits_to_live_ == 0 && after == die_after_;
        if (here || after) --commits_to_live_;
        return here;
    }

    SimLoop loop_;
    std::unique_ptr<Chance> chance_;
    store::SimDisk disk_;
    IdMaker ids_;
    std::vector<store::Migrations> schema_;
    std::unique_ptr<store::Database> database_;
    std::unique_ptr<Scope> running_;
    int commits_to_live_ = -1;
    bool die_after_ = false;
    bool died_ = false;
};

}  // namespace lockstep::flow
