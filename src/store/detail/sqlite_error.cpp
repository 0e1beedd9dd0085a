// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "store/detail/sqlite_error.hpp"

#include <fmt/format.h>

#include "store/detail/page_checksum.hpp"

namespace lockstep::store::detail {

bool SqliteError::is_damage() const {
    return (code & 0xff) == SQLITE_NOTADB || (code & 0xff) == SQLITE_CORRUPT || code == SQLITE_IOERR_DATA;
}

std::string describe_failure(sqlite3* connection, int code, std::string_view about) {
    auto const* const said = connection ? sqlite3_errmsg(connection) : sqlite3_errstr(code);
    constexpr std::size_t about_bytes_max = 200;
    // Of a page whose checksum is wrong SQLite knows only that it could not be read.
    auto const damaged = connection && sqlite3_extended_errcode(connection) == SQLITE_IOERR_DATA;
    auto const seen = damaged ? take_damage() : std::string();
    auto const cut = about.size() > about_bytes_max;
    return fmt::format("{}{}{} (SQLite {}) at: {}{}", seen, seen.empty() ? "" : "; ", said, code,
                       about.substr(0, about_bytes_max), cut ? "…" : "");
}

bool is_uniqueness(int extended_code) {
    return extended_code == SQLITE_CONSTRAINT_UNIQUE || extended_code == SQLITE_CONSTRAINT_PRIMARYKEY ||
           extended_code == SQLITE_CONSTRAINT_ROWID;
}

bool is_failed_sync(int extended_code) {
    return extended_code == SQLITE_IOERR_FSYNC || extended_code == SQLITE_IOERR_DIR_FSYNC;
}

bool breaks_transaction(int extended_code) {
    switch (extended_code & 0xff) {
        case SQLITE_ERROR:
        case SQLITE_CONSTRAINT:
        case SQLITE_MISMATCH:
        case SQLITE_MISUSE:
        case SQLITE_RANGE:
        case SQLITE_TOOBIG:
        case SQLITE_SCHEMA: return false;
        default: return true;
    }
}

}  // namespace lockstep::store::detail
