// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "store/detail/threaded.hpp"

#include "async/blocking.hpp"
#include "base/thread_name.hpp"
#include "store/detail/group_commit.hpp"
#include "store/detail/stopwatch.hpp"

namespace lockstep::store::detail {

namespace {

// A commit that has run so long takes no more closures: those in it wait for their answer.
constexpr auto commit_duration_max = std::chrono::milliseconds(2);
// Readers take turns on what waits; together, because a snapshot of its own costs more than a small read.
constexpr std::size_t reads_in_snapshot_max = 16;
constexpr auto patience_max = std::chrono::microseconds(250);
constexpr const char* closed = "the database is closed";

}  // namespace

ThreadedDatabase::ThreadedDatabase(Options options,
                                   std::unique_ptr<FileLock> lock,
                                   std::unique_ptr<Connection> writer,
                                   const Connection::Options& like)
    : options_(std::move(options)), lock_(std::move(lock)), writer_(std::move(writer)), probe_(like.probe) {
    auto small = like;
    small.cache_bytes = 64 << 10;  // a checkpoint copies pages and keeps none
    checkpoint_connection_ = std::make_unique<Connection>(small);
    for (int i = 0; i < std::max(options_.readers, 1); ++i) readers_.push_back(std::make_unique<Connection>(like));
    checkpointer_ = std::make_unique<Checkpointer>(*checkpoint_connection_, *writer_, options_.wal_bytes_max);
    writer_thread_ = std::thread([this] {
        name_this_thread("writer");
        run_writer();
    });
    for (auto& reader : readers_)
        reader_threads_.emplace_back([this, &connection = *reader] {
            name_this_thread("reader");
            run_reader(connection);
        });
}

ThreadedDatabase::~ThreadedDatabase() { close(); }

void ThreadedDatabase::close() {
    if (!writer_thread_.joinable()) return;
    writes_.close();
    reads_.close();
    writer_thread_.join();
    for (auto& thread : reader_threads_) thread.join();
    checkpointer_->stop();
    readers_.clear();
    checkpoint_connection_.reset();
    writer_.reset();  // the last one to close carries over the whole WAL
    lock_.reset();
}

Database::Stats ThreadedDatabase::stats() const {
    return {.commits = commits_,
            .closures = closures_,
            .reads = reads_done_,
            .checkpoints = checkpointer_->checkpoints(),
            .wal_bytes = checkpointer_->wal_bytes(),
            .bytes_written = probe_->bytes_written,
            .bytes_synced = probe_->bytes_synced,
            .syncs = probe_->syncs,
            .commit_seconds = static_cast<double>(commit_ns_) / 1e9};
}

void ThreadedDatabase::submit_write(std::function<void(Transaction&)> work, Done done) {
    Write write{std::move(work), std::move(done), nullptr};
    if (!writes_.push(std::move(write))) write.refuse(closed);
}

void ThreadedDatabase::submit_read(std::function<void(Snapshot&)> work, Done done) {
    Read read{std::move(work), std::move(done), nullptr};
    if (!reads_.push(std::move(read))) read.refuse(closed);
}

void ThreadedDatabase::run_writer() {
    GroupCommit commit(*writer_, nullptr);
    std::deque<Write> waiting;
    // Those that the last commit answered come back one after the other. To begin without them would make
    // every second commit a small one, at the price of a large one.
    std::size_t answered = 0;
    std::chrono::nanoseconds patience{0};
    while (!waiting.empty() || writes_.take_all(waiting)) {
        checkpointer_->between_commits();
        Stopwatch const watch;
        do {
            commit.add(std::move(waiting.front()));
            waiting.pop_front();
        } while (!commit.is_broken() && commit.size() < options_.commit_closures_max &&
                 watch.elapsed() < commit_duration_max &&
                 (!waiting.empty() || writes_.take_ready(waiting) ||
                  (commit.size() < answered && writes_.take_within(waiting, patience))));
        answered = commit.size();
        Stopwatch const syncing;
        auto const outcome = commit.commit();
        patience = std::min<std::chrono::nanoseconds>(syncing.elapsed() / 16, patience_max);
        // Before the answers, so that who is answered finds himself counted.
        closures_.fetch_add(commit.size(), std::memory_order_relaxed);
        commits_.fetch_add(1, std::memory_order_relaxed);
        commit_ns_.fetch_add(static_cast<std::uint64_t>(watch.elapsed().count()), std::memory_order_relaxed);
        {
            ResumeTogether const together;
            commit.answer();
        }
        if (outcome == GroupCommit::Outcome::committed) {
            checkpointer_->committed();
        } else {
            checkpointer_->failed();
        }
    }
}

void ThreadedDatabase::run_reader(Connection& connection) {
    std::deque<Read> taken;
    while (reads_.take_part(taken, readers_.size(), reads_in_snapshot_max)) {
        reads_done_.fetch_add(taken.size(), std::memory_order_relaxed);
        run_reads(connection, taken);
    }
}

}  // namespace lockstep::store::detail
