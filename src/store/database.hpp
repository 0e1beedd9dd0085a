// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Database: one writer, a few readers, a checkpointer, each on a thread and connection of its own.
// write() and read() take plain synchronous closures and are awaited from the logic thread.
//
// Invariants
//   1. What write() has returned is durable (WAL, synchronous=FULL). Closures that wait are committed
//      together, each in a savepoint: one that throws is rolled back alone, and its write() rethrows.
//   2. Closures run in the order in which write() was called, so sequence order is commit order.
//   3. A closure owns its inputs and returns its outputs. It never touches a member of what sent it.
//   4. One process owns the directory: open refuses (LS10201) while another holds its lock.
//   5. A sync that fails ends the process (Options::on_fatal), for nobody knows what the disk holds.
//   6. A write that fails for another reason (disk full, I/O error) rolls back the whole commit and
//      rethrows StoreError to each closure's caller; the next write tries anew.
//
// In the simulation (Options::inline_) there are no threads: closures run one commit at a time when the
// executor gets to them, on one connection with exclusive locking, over the VFS that Options names.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "async/blocking.hpp"
#include "async/task.hpp"
#include "base/result.hpp"
#include "store/session.hpp"

namespace lockstep::store {

// The schema of one module: steps that have run are remembered by (module, number).
struct Migrations {
    std::string module;
    std::vector<std::string_view> steps;  // step i brings the module from version i to i + 1
};

class Database {
  public:
    struct Options {
        std::string path{};  // the file; its directory must exist
        std::string vfs{};   // empty: the real one
        bool inline_ = false;
        int readers = 2;
        std::size_t commit_closures_max = 512;               // most closures in one commit
        std::size_t wal_bytes_max = 32 << 20;                // beyond it the checkpointer restarts the WAL
        std::size_t cache_bytes = 8 << 20;                   // page cache of each connection
        std::function<void(const std::string&)> on_fatal{};  // default: log and std::_Exit(70)
        // Simulation: called before and after each commit; true means "the process died here": the
        // commit is not made (before) or is made (after), and nothing is answered ever again.
        std::function<bool(bool after)> crash{};
    };
    struct Stats {
        std::uint64_t commits = 0, closures = 0, reads = 0, checkpoints = 0;
        std::uint64_t wal_bytes = 0;                                   // in use, not the length of the file
        std::uint64_t bytes_written = 0, bytes_synced = 0, syncs = 0;  // of the real VFS
        double commit_seconds = 0;  // sum, from the first closure's begin; 0 when inline
    };

    virtual ~Database() = default;

    template <class F>
    Task<std::invoke_result_t<F&, Transaction&>> write(F closure) {
        return run<Transaction>(std::move(closure),
                                [this](auto work, auto done) { submit_write(std::move(work), std::move(done)); });
    }
    template <class F>
    Task<std::invoke_result_t<F&, Snapshot&>> read(F closure) {
        return run<Snapshot>(std::move(closure),
                             [this](auto work, auto done) { submit_read(std::move(work), std::move(done)); });
    }

    // Finishes what waits, checkpoints, closes. Blocks. What is submitted after it gets StoreError. The
    // destructor does the same; the executors of whoever waits must still live then.
    virtual void close() = 0;
    virtual Stats stats() const = 0;

  protected:
    using Done = std::function<void(std::exception_ptr)>;  // called once, on any thread
    virtual void submit_write(std::function<void(Transaction&)> work, Done done) = 0;
    virtual void submit_read(std::function<void(Snapshot&)> work, Done done) = 0;

  private:
    template <class S, class F, class Submit>
    static Task<std::invoke_result_t<F&, S&>> run(F closure, Submit submit) {
        using T = std::invoke_result_t<F&, S&>;
        using Value = std::conditional_t<std::is_void_v<T>, std::monostate, T>;
        std::exception_ptr failure;
        std::optional<Value> value;
        // Named, not a temporary: GCC 12 destroys lambdas in the operand of co_await twice.
        std::function<void(std::function<void()>)> start = [&](std::function<void()> resume) {
            submit(
                [&closure, &value](S& session) {
                    if constexpr (std::is_void_v<T>) {
                        closure(session);
                    } else {
                        value.emplace(closure(session));
                    }
                },
                [&failure, resume = std::move(resume)](std::exception_ptr error) {
                    failure = std::move(error);
                    resume();
                });
        };
        co_await suspend(std::move(start));
        if (failure) std::rethrow_exception(failure);
        if constexpr (!std::is_void_v<T>) co_return std::move(*value);
    }
};

// Opens or creates, migrates, and starts the threads. Refuses with LS10201 (another process owns it),
// LS10202 (made by a newer version), LS10203 (not a database of ours, or damaged).
// `executor` is where inline work runs; the threaded kind ignores it.
Result<std::unique_ptr<Database>> open_database(Database::Options options,
                                                const std::vector<Migrations>& schema,
                                                Executor executor);

}  // namespace lockstep::store
