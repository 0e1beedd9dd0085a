// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Connection: one SQLite connection, used by one thread at a time, with its statements.
//
// A transaction that has met a failure of the disk is broken: SQLite may have rolled it back by itself,
// and whatever ran after that would run outside any transaction. So every use of it throws until
// rollback().
#pragma once

#include <sqlite3.h>

#include <exception>
#include <memory>
#include <optional>
#include <string>

#include "store/detail/disk_probe.hpp"
#include "store/detail/sqlite_error.hpp"
#include "store/detail/statement_cache.hpp"

namespace lockstep::store::detail {

class Connection {
  public:
    struct Options {
        std::string path;
        std::string vfs;
        std::size_t cache_bytes = 0;
        bool exclusive = false;  // no other connection, and none of the shared memory that it would need
        std::shared_ptr<DiskProbe> probe;
    };
    static constexpr int page_bytes = 4096;
    static constexpr int busy_ms = 5000;  // only a stranger, like a backup tool, can make us wait

    explicit Connection(Options options);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // The file becomes ours: WAL and what goes with it. Separate, since a stranger's file is not touched.
    void adopt();

    // Bytes at the end of each page that SQLite leaves alone; to be set before a new file has any page.
    void reserve(int bytes);
    int reserved_bytes();
    // Carries the whole WAL over, so that the next commit begins it anew. False when something is in the way.
    bool restart_wal();

    // Resets it if it was in use. Valid until the next begin().
    SqliteStatement& prepare(std::string_view sql);
    // Any number of statements, not kept.
    void execute(const std::string& sql);
    std::int64_t number(std::string_view sql);

    void begin(std::string_view sql);  // "BEGIN" or "BEGIN IMMEDIATE"
    void commit();
    // Never throws: a transaction that cannot be rolled back is gone already.
    void rollback() noexcept;
    bool in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }
    // Resets the statements that a closure has left standing on a row.
    void settle();
    // Why nothing may use the transaction any more, or null.
    std::exception_ptr broken() const { return broken_; }

    // Nothing is written from here on, not even by closing.
    void abandon() noexcept;

    sqlite3* handle() const { return handle_; }
    const std::string& path() const { return options_.path; }
    const std::shared_ptr<DiskProbe>& probe() const { return options_.probe; }

    // For SqliteStatement.
    void check_usable() const {
        if (broken_) std::rethrow_exception(broken_);
    }
    void statement_opened() { ++open_statements_; }
    void statement_closed() { --open_statements_; }
    [[noreturn]] void fail(int code, std::string_view about);
    [[noreturn]] void fail_with(int extended_code, std::string text);

  private:
    Options options_;
    sqlite3* handle_ = nullptr;
    int open_statements_ = 0;
    std::exception_ptr broken_;
    StatementCache statements_;
};

}  // namespace lockstep::store::detail
