// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
//   log_bench [FOLDER]
//
// Durable appends to the log, of 200-byte records with two tags, beside what the disk and bare SQLite do in
// the same folder in the same run: 4 KiB appends with fdatasync; the same rows by prepared statements in
// transactions of 1,000. Three rounds in turn, because disks have moods; each figure is the middle one.
// Prints one JSON line.
#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <algorithm>
#include <array>
#include <iostream>

#include "log/log.hpp"
#include "micro/scratch.hpp"

namespace lockstep::bench {
namespace {

constexpr double seconds_each = 2;

double fdatasync_rate(const Folder& folder) {
    auto const path = folder.file("appends");
    auto const file = ::open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_TRUNC, 0600);
    std::array<char, 4096> page{};
    Stopwatch const watch;
    std::size_t count = 0;
    for (; watch.seconds() < seconds_each; ++count) {
        if (::write(file, page.data(), page.size()) != 4096 || ::fdatasync(file) != 0)
            throw std::runtime_error("the disk refuses");
    }
    auto const rate = static_cast<double>(count) / watch.seconds();
    ::close(file);
    ::unlink(path.c_str());
    return rate;
}

std::vector<log::NewRecord> records(std::size_t count, std::size_t& serial) {
    std::vector<log::NewRecord> out;
    for (std::size_t i = 0; i < count; ++i, ++serial) {
        auto payload = fmt::format(R"({{"serial":{},"text":")", serial);
        payload.append(198 - payload.size(), 'x').append("\"}");
        out.push_back({{fmt::format("order:{}", serial % 1000), "bench"}, "bench", std::move(payload)});
    }
    return out;
}

class Log {
  public:
    explicit Log(const Folder& folder) : database_(bench::open(loop_, folder.file("log.db"), {log::schema()})) {
        auto opening = [](store::Transaction& tx) { return log::open_stream(tx, {}); };
        stream_ = loop_.run(database_->write(opening));
    }
    ~Log() { database_.reset(); }

    // Records a second, by so many writers that each wait for their own commit.
    double rate(std::size_t writers, std::size_t batch) {
        Stopwatch const watch;
        std::vector<std::future<std::size_t>> all;
        for (std::size_t i = 0; i < writers; ++i)
            all.push_back(asio::co_spawn(loop_.io, one_writer(batch, watch), asio::use_future));
        std::size_t count = 0;
        for (auto& one : all) count += one.get();
        return static_cast<double>(count) / watch.seconds();
    }

  private:
    Task<std::size_t> one_writer(std::size_t batch, const Stopwatch& watch) {
        std::size_t count = 0;
        while (watch.seconds() < seconds_each) {
            auto closure = [stream = stream_, rows = records(batch, serial_),
                            now = loop_.clock->now()](store::Transaction& tx) { log::append(tx, stream, rows, now); };
            co_await database_->write(std::move(closure));
            count += batch;
        }
        co_return count;
    }

    Loop loop_;
    std::unique_ptr<store::Database> database_;
    log::StreamKey stream_;
    std::size_t serial_ = 0;
};

// The rows of the log, without the log.
class BareSqlite {
  public:
    explicit BareSqlite(const Folder& folder) {
        sqlite3_open(folder.file("bare.db").c_str(), &handle_);
        run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-8192;"
            "CREATE TABLE IF NOT EXISTS records (stream BIGINT NOT NULL, place BIGINT NOT NULL, lamport BIGINT NOT "
            "NULL,"
            " time BIGINT NOT NULL, app TEXT NOT NULL, tags TEXT NOT NULL, payload TEXT NOT NULL,"
            " PRIMARY KEY (stream, place)) WITHOUT ROWID;"
            "CREATE TABLE IF NOT EXISTS tags (stream BIGINT NOT NULL, tag TEXT NOT NULL, place BIGINT NOT NULL,"
            " PRIMARY KEY (stream, tag, place)) WITHOUT ROWID;");
        sqlite3_prepare_v2(handle_, "INSERT INTO records VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)", -1, &record_, nullptr);
        sqlite3_prepare_v2(handle_, "INSERT INTO tags VALUES (1, ?1, ?2)", -1, &tag_, nullptr);
    }
    ~BareSqlite() {
        sqlite3_finalize(record_);
        sqlite3_finalize(tag_);
        sqlite3_close(handle_);
    }

    double rate(std::size_t batch) {
        Stopwatch const watch;
        std::size_t count = 0;
        while (watch.seconds() < seconds_each) {
            auto const rows = records(batch, serial_);
            run("BEGIN IMMEDIATE");
            for (auto const& row : rows) insert(row);
            run("COMMIT");
            count += batch;
        }
        return static_cast<double>(count) / watch.seconds();
    }

  private:
    void run(const char* sql) {
        if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
            throw std::runtime_error(sqlite3_errmsg(handle_));
    }
    static void bind(sqlite3_stmt* statement, int place, const std::string& text) {
        sqlite3_bind_text(statement, place, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
    }
    void step(sqlite3_stmt* statement) {
        if (sqlite3_step(statement) != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(handle_));
        sqlite3_reset(statement);
    }
    void insert(const log::NewRecord& row) {
        ++place_;
        auto const joined = row.tags[0] + '\x1f' + row.tags[1];
        sqlite3_bind_int64(record_, 1, place_);
        sqlite3_bind_int64(record_, 2, place_);
        sqlite3_bind_int64(record_, 3, 1'700'000'000'000'000'000);
        bind(record_, 4, row.app);
        bind(record_, 5, joined);
        bind(record_, 6, row.payload);
        step(record_);
        for (auto const& tag : row.tags) {
            bind(tag_, 1, tag);
            sqlite3_bind_int64(tag_, 2, place_);
            step(tag_);
        }
    }

    sqlite3* handle_ = nullptr;
    sqlite3_stmt* record_ = nullptr;
    sqlite3_stmt* tag_ = nullptr;
    std::int64_t place_ = 0;
    std::size_t serial_ = 0;
};

double middle(std::array<double, 3> three) {
    std::sort(three.begin(), three.end());
    return three[1];
}

void run(const std::string& parent) {
    std::array<double, 3> sync, single, many, batches, bare;
    Folder const folder(parent);
    Log log(folder);
    BareSqlite sqlite(folder);
    for (std::size_t round = 0; round < 3; ++round) {
        sync[round] = fdatasync_rate(folder);
        single[round] = log.rate(1, 1);
        many[round] = log.rate(64, 1);
        batches[round] = log.rate(1, 1000);
        bare[round] = sqlite.rate(1000);
    }
    std::cout
        << fmt::format(
               R"({{"fdatasync_per_s":{:.0f},"append_one_per_s":{:.0f},"append_64_per_s":{:.0f},"append_1000_per_s":{:.0f},"bare_sqlite_per_s":{:.0f}}})",
               middle(sync), middle(single), middle(many), middle(batches), middle(bare))
        << std::endl;
}

}  // namespace
}  // namespace lockstep::bench

int main(int count, char** words) {
    try {
        lockstep::bench::run(count > 1 ? words[1] : ".");
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "log_bench: " << error.what() << "\n";
        return 1;
    }
}
