// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// SqliteStatement: one prepared statement of one connection.
#pragma once

#include <sqlite3.h>

#include <array>
#include <string>

#include "store/session.hpp"

namespace lockstep::store::detail {

class Connection;

class SqliteStatement final : public Statement {
  public:
    // Throws SqliteError when `sql` does not compile or is more than one statement.
    SqliteStatement(Connection& home, std::string_view sql);
    ~SqliteStatement() override;
    SqliteStatement(const SqliteStatement&) = delete;
    SqliteStatement& operator=(const SqliteStatement&) = delete;

    void copy_values() override { copies_ = true; }
    void bind_null(int index) override;
    void bind_integer(int index, std::int64_t value) override;
    void bind_real(int index, double value) override;
    void bind_text(int index, std::string_view value) override;
    void bind_blob(int index, BytesView value) override;
    bool step() override;
    void reset() override;

    int columns() const override { return sqlite3_column_count(handle_); }
    bool is_null(int column) const override { return sqlite3_column_type(handle_, column) == SQLITE_NULL; }
    std::int64_t integer(int column) const override { return sqlite3_column_int64(handle_, column); }
    double real(int column) const override { return sqlite3_column_double(handle_, column); }
    std::string_view text(int column) const override;
    BytesView blob(int column) const override;

    // As if just prepared: reset, nothing bound, nothing copied.
    void renew();
    bool is_read_only() const { return read_only_; }
    std::string_view sql() const { return sql_; }

  private:
    // Where the value lies while bound, and what SQLite is to do with it.
    struct Place {
        const void* data;
        sqlite3_destructor_type how;
    };
    Place place(const void* data, std::size_t size);
    void check_bound(int code);

    Connection& home_;
    std::string sql_;
    sqlite3_stmt* handle_ = nullptr;
    bool read_only_ = false;
    bool stepped_ = false;  // holds cursors until reset
    bool bound_ = false;
    bool copies_ = false;
    std::size_t copied_bytes_ = 0;
    std::array<char, 256> copied_;  // ids, hashes and names fit; what does not is copied by SQLite
};

}  // namespace lockstep::store::detail
