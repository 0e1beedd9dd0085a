// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "store/detail/inline.hpp"

#include <boost/asio/post.hpp>
#include <deque>

#include "store/detail/group_commit.hpp"

namespace lockstep::store::detail {

namespace {

// Posted jobs hold it weakly, so they may outlive the database.
class Inline : public std::enable_shared_from_this<Inline> {
  public:
    Inline(Database::Options options, std::unique_ptr<Connection> connection, Executor executor)
        : options_(std::move(options)),
          executor_(std::move(executor)),
          connection_(std::move(connection)),
          commit_(*connection_, options_.crash),
          checkpoint_at_(options_.wal_bytes_max) {
        sqlite3_wal_hook(
            connection_->handle(),
            [](void* frames, sqlite3*, const char*, int count) {
                *static_cast<std::uint64_t*>(frames) = static_cast<std::uint64_t>(count);
                return SQLITE_OK;
            },
            &frames_);
    }

    void write(Write write) {
        if (!connection_) return write.refuse(why_gone_);
        writes_.push_back(std::move(write));
        if (commit_is_posted_) return;
        commit_is_posted_ = true;
        post([](Inline& self) { self.commit(); });
    }

    void read(Read read) {
        if (!connection_) return read.refuse(why_gone_);
        reads_.push_back(std::move(read));
        post([](Inline& self) { self.read_one(); });
    }

    void close() {
        if (!connection_) return;
        while (connection_ && !writes_.empty()) commit();
        while (connection_ && !reads_.empty()) read_one();
        if (!connection_) return;  // the process died meanwhile
        why_gone_ = "the database is closed";
        connection_.reset();
    }

    const Database::Stats& stats() const { return stats_; }

  private:
    static constexpr std::uint64_t frame_bytes = Connection::page_bytes + 24;

    void post(void (*job)(Inline&)) {
        asio::post(executor_, [weak = weak_from_this(), job] {
            if (auto const self = weak.lock()) job(*self);
        });
    }

    void commit() {
        commit_is_posted_ = false;
        if (!connection_ || writes_.empty()) return;
        while (!writes_.empty() && !commit_.is_broken() && commit_.size() < options_.commit_closures_max) {
            auto write = std::move(writes_.front());
            writes_.pop_front();
            commit_.add(std::move(write));
        }
        if (commit_.commit() == GroupCommit::Outcome::died) return die();
        stats_.closures += commit_.size();
        ++stats_.commits;
        commit_.answer();
        checkpoint_if_due();
        if (writes_.empty() || commit_is_posted_) return;
        commit_is_posted_ = true;
        post([](Inline& self) { self.commit(); });
    }

    void read_one() {
        if (reads_.empty()) return;
        std::deque<Read> one;
        one.push_back(std::move(reads_.front()));
        reads_.pop_front();
        ++stats_.reads;
        run_reads(*connection_, one);
    }

    // Nobody reads meanwhile, so all is carried over and the next commit begins the WAL anew. One that fails
    // (the disk is full) is tried again when the WAL has grown by another quarter.
    void checkpoint_if_due() {
        stats_.wal_bytes = frames_ * frame_bytes;
        if (stats_.wal_bytes < checkpoint_at_) return;
        auto const code =
            sqlite3_wal_checkpoint_v2(connection_->handle(), "main", SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
        ++stats_.checkpoints;
        checkpoint_at_ = code == SQLITE_OK ? options_.wal_bytes_max : stats_.wal_bytes + options_.wal_bytes_max / 4;
    }

    void die() {
        why_gone_ = "the process has died";
        connection_->abandon();
        auto unanswered = commit_.take_unanswered();
        connection_.reset();
        for (auto& write : unanswered) write.refuse(why_gone_);
        for (auto& write : std::exchange(writes_, {})) write.refuse(why_gone_);
        for (auto& read : std::exchange(reads_, {})) read.refuse(why_gone_);
    }

    Database::Options options_;
    Executor executor_;
    std::unique_ptr<Connection> connection_;  // null: closed, or dead
    GroupCommit commit_;
    std::string why_gone_;
    std::deque<Write> writes_;
    std::deque<Read> reads_;
    bool commit_is_posted_ = false;
    std::uint64_t frames_ = 0;  // in the WAL
    std::uint64_t checkpoint_at_;
    Database::Stats stats_;
};

class InlineDatabase final : public Database {
  public:
    explicit InlineDatabase(std::shared_ptr<Inline> state) : state_(std::move(state)) {}
    ~InlineDatabase() override { close(); }

    void close() override { state_->close(); }
    Stats stats() const override { return state_->stats(); }

  protected:
    void submit_write(std::function<void(Transaction&)> work, Done done) override {
        state_->write({std::move(work), std::move(done), nullptr});
    }
    void submit_read(std::function<void(Snapshot&)> work, Done done) override {
        state_->read({std::move(work), std::move(done), nullptr});
    }

  private:
    std::shared_ptr<Inline> state_;
};

}  // namespace

std::unique_ptr<Database> make_inline(Database::Options options,
                                      std::unique_ptr<Connection> connection,
                                      Executor executor) {
    return std::make_unique<InlineDatabase>(
        std::make_shared<Inline>(std::move(options), std::move(connection), std::move(executor)));
}

}  // namespace lockstep::store::detail
