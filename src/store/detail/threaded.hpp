// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// ThreadedDatabase: the writer, the readers and the checkpointer, each a thread with its own connection.
#pragma once

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "store/database.hpp"
#include "store/detail/checkpointer.hpp"
#include "store/detail/connection.hpp"
#include "store/detail/file_lock.hpp"
#include "store/detail/work.hpp"
#include "store/detail/work_queue.hpp"

namespace lockstep::store::detail {

class ThreadedDatabase final : public Database {
  public:
    // `writer` is open on a file that is adopted and migrated; the others are opened like it.
    ThreadedDatabase(Options options,
                     std::unique_ptr<FileLock> lock,
                     std::unique_ptr<Connection> writer,
                     const Connection::Options& like);
    ~ThreadedDatabase() override;

    void close() override;
    Stats stats() const override;

  protected:
    void submit_write(std::function<void(Transaction&)> work, Done done) override;
    void submit_read(std::function<void(Snapshot&)> work, Done done) override;

  private:
    void run_writer();
    void run_reader(Connection& connection);

    Options options_;
    std::unique_ptr<FileLock> lock_;
    std::unique_ptr<Connection> writer_;
    std::unique_ptr<Connection> checkpoint_connection_;
    std::vector<std::unique_ptr<Connection>> readers_;
    std::shared_ptr<DiskProbe> probe_;

    WorkQueue<Write> writes_;
    WorkQueue<Read> reads_;
    std::atomic<std::uint64_t> commits_{0}, closures_{0}, reads_done_{0}, commit_ns_{0};
    std::unique_ptr<Checkpointer> checkpointer_;
    std::thread writer_thread_;
    std::vector<std::thread> reader_threads_;
};

}  // namespace lockstep::store::detail
