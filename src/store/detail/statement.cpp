// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "store/detail/statement.hpp"

#include <cstring>

#include "store/detail/connection.hpp"
#include "store/detail/sqlite_error.hpp"

namespace lockstep::store::detail {

SqliteStatement::SqliteStatement(Connection& home, std::string_view sql) : home_(home), sql_(sql) {
    const char* rest = nullptr;
    // With the zero counted SQLite needs no copy of its own.
    auto const code = sqlite3_prepare_v3(home_.handle(), sql_.c_str(), static_cast<int>(sql_.size() + 1),
                                         SQLITE_PREPARE_PERSISTENT, &handle_, &rest);
    if (code != SQLITE_OK) home_.fail(code, sql_);
    auto const one = handle_ && std::string_view(rest).find_first_not_of(" \t\r\n;") == std::string_view::npos;
    if (!one) {
        sqlite3_finalize(handle_);
        throw StoreError("not one statement: " + sql_);
    }
    read_only_ = sqlite3_stmt_readonly(handle_) != 0;
}

SqliteStatement::~SqliteStatement() { sqlite3_finalize(handle_); }

void SqliteStatement::renew() {
    reset();
    if (bound_) sqlite3_clear_bindings(handle_);  // else a forgotten parameter would read what was freed
    bound_ = false;
    copies_ = false;
    copied_bytes_ = 0;
}

SqliteStatement::Place SqliteStatement::place(const void* data, std::size_t size) {
    bound_ = true;
    if (size == 0) return {"", SQLITE_STATIC};  // a null pointer would bind NULL
    if (!copies_) return {data, SQLITE_STATIC};
    if (size > copied_.size() - copied_bytes_) return {data, SQLITE_TRANSIENT};
    auto* const to = copied_.data() + copied_bytes_;
    std::memcpy(to, data, size);
    copied_bytes_ += size;
    return {to, SQLITE_STATIC};
}

void SqliteStatement::check_bound(int code) {
    if (code != SQLITE_OK) home_.fail(code, sql_);
}

void SqliteStatement::bind_null(int index) { check_bound(sqlite3_bind_null(handle_, index)); }

void SqliteStatement::bind_integer(int index, std::int64_t value) {
    bound_ = true;
    check_bound(sqlite3_bind_int64(handle_, index, value));
}

void SqliteStatement::bind_real(int index, double value) {
    bound_ = true;
    check_bound(sqlite3_bind_double(handle_, index, value));
}

void SqliteStatement::bind_text(int index, std::string_view value) {
    auto const [data, how] = place(value.data(), value.size());
    check_bound(sqlite3_bind_text64(handle_, index, static_cast<const char*>(data), value.size(), how, SQLITE_UTF8));
}

void SqliteStatement::bind_blob(int index, BytesView value) {
    auto const [data, how] = place(value.data(), value.size());
    check_bound(sqlite3_bind_blob64(handle_, index, data, value.size(), how));
}

bool SqliteStatement::step() {
    home_.check_usable();
    if (!stepped_) {
        stepped_ = true;
        home_.statement_opened();
    }
    auto const code = sqlite3_step(handle_);
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) {
        // The message is gone after the reset.
        auto const extended = sqlite3_extended_errcode(home_.handle());
        auto text = describe_failure(home_.handle(), extended, sql_);
        reset();
        home_.fail_with(extended, std::move(text));
    }
    reset();
    return false;
}

void SqliteStatement::reset() {
    if (!stepped_) return;
    stepped_ = false;
    sqlite3_reset(handle_);  // its code repeats what step() has said
    home_.statement_closed();
}

std::string_view SqliteStatement::text(int column) const {
    auto const* const data = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
    return {data, static_cast<std::size_t>(data ? sqlite3_column_bytes(handle_, column) : 0)};
}

BytesView SqliteStatement::blob(int column) const {
    auto const* const data = static_cast<const std::uint8_t*>(sqlite3_column_blob(handle_, column));
    return {data, static_cast<std::size_t>(data ? sqlite3_column_bytes(handle_, column) : 0)};
}

}  // namespace lockstep::store::detail
