// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "store/detail/connection.hpp"

#include <fmt/format.h>

#include "store/detail/vfs.hpp"

namespace lockstep::store::detail {

Connection::Connection(Options options) : options_(std::move(options)), statements_(*this) {
    initialize_sqlite();
    auto const vfs = options_.vfs.empty() ? std::string(real_vfs) : options_.vfs;
    auto const code = sqlite3_open_v2(options_.path.c_str(), &handle_,
                                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, vfs.c_str());
    if (code != SQLITE_OK) {
        auto const text = describe_failure(handle_, code, "open " + options_.path);
        sqlite3_close(handle_);
        throw SqliteError(text, code);
    }
    try {
        sqlite3_extended_result_codes(handle_, 1);
        sqlite3_busy_timeout(handle_, busy_ms);
        sqlite3_wal_autocheckpoint(handle_, 0);
        attach_probe(handle_, options_.probe);
        // Exclusive before anything looks at the WAL, or its index would be shared memory already.
        // Debian builds SQLite with secure_delete, which writes pages only to zero them.
        execute(fmt::format(
            "PRAGMA locking_mode={}; PRAGMA temp_store=MEMORY; PRAGMA foreign_keys=OFF; PRAGMA mmap_size=0; "
            "PRAGMA cache_size=-{}; PRAGMA secure_delete=OFF; PRAGMA synchronous=FULL;",
            options_.exclusive ? "EXCLUSIVE" : "NORMAL", options_.cache_bytes / 1024));
    } catch (...) {
        abandon();
        throw;
    }
}

Connection::~Connection() {
    statements_.clear();
    // Not sqlite3_close_v2: a forgotten statement is a bug that should not keep the file open.
    if (handle_) sqlite3_close(handle_);
}

void Connection::adopt() {
    // To become a WAL database is the last transaction with a rollback journal. EXTRA syncs the directory
    // when the journal is deleted: one that a crash brings back would roll back to the empty file, and
    // SQLite would then throw away the WAL of what came after.
    execute("PRAGMA synchronous=EXTRA");
    auto& mode = prepare("PRAGMA journal_mode=WAL");
    auto const in_wal = mode.step() && mode.text(0) == "wal";
    mode.step();  // its commit: what fails there is told by nobody else
    mode.reset();
    if (!in_wal) throw StoreError("cannot use a write-ahead log for " + options_.path);
    execute("PRAGMA synchronous=FULL");
}

void Connection::reserve(int bytes) {
    execute(fmt::format("PRAGMA page_size={}", page_bytes));
    auto const code = sqlite3_file_control(handle_, "main", SQLITE_FCNTL_RESERVE_BYTES, &bytes);
    if (code != SQLITE_OK) fail(code, "reserve bytes of pages");
    sqlite3_file_control(handle_, "main", op_begin_checksums, nullptr);
}

int Connection::reserved_bytes() {
    auto bytes = -1;
    auto const code = sqlite3_file_control(handle_, "main", SQLITE_FCNTL_RESERVE_BYTES, &bytes);
    return code == SQLITE_OK ? bytes : 0;
}

bool Connection::restart_wal() {
    return sqlite3_wal_checkpoint_v2(handle_, "main", SQLITE_CHECKPOINT_RESTART, nullptr, nullptr) == SQLITE_OK;
}

SqliteStatement& Connection::prepare(std::string_view sql) {
    check_usable();
    auto& statement = statements_.get(sql);
    statement.renew();
    return statement;
}

void Connection::execute(const std::string& sql) {
    check_usable();
    auto const code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) fail(code, sql);
}

std::int64_t Connection::number(std::string_view sql) {
    auto& statement = prepare(sql);
    auto const value = statement.step() ? statement.integer(0) : 0;
    statement.reset();
    return value;
}

void Connection::begin(std::string_view sql) {
    statements_.trim();
    prepare(sql).step();
}

void Connection::commit() { prepare("COMMIT").step(); }

void Connection::rollback() noexcept {
    settle();
    if (in_transaction()) sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
    broken_ = nullptr;
}

void Connection::settle() {
    if (open_statements_ > 0) statements_.reset_all();
}

void Connection::abandon() noexcept {
    if (!handle_) return;
    statements_.clear();
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    sqlite3_close(handle_);
    handle_ = nullptr;
}

void Connection::fail(int code, std::string_view about) {
    auto const extended = sqlite3_extended_errcode(handle_);
    fail_with((extended & 0xff) == (code & 0xff) ? extended : code, describe_failure(handle_, code, about));
}

void Connection::fail_with(int extended_code, std::string text) {
    if (is_failed_sync(extended_code)) options_.probe->sync_failed(text);
    auto const failure = is_uniqueness(extended_code) ? std::make_exception_ptr(Conflict(text))
                                                      : std::make_exception_ptr(SqliteError(text, extended_code));
    // A statement outside any transaction breaks nothing.
    if (breaks_transaction(extended_code)) broken_ = failure;
    std::rethrow_exception(failure);
}

}  // namespace lockstep::store::detail
