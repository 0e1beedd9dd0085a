// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// A StoreError that remembers SQLite's extended code.
#pragma once

#include <sqlite3.h>

#include <string>
#include <string_view>

#include "store/session.hpp"

namespace lockstep::store::detail {

struct SqliteError : StoreError {
    SqliteError(const std::string& text, int extended_code) : StoreError(text), code(extended_code) {}
    // The file is not a database, its pages contradict each other, or one has a wrong checksum.
    bool is_damage() const;
    int code;
};

// What SQLite has to say about the last call on `connection` (may be null), with the SQL or deed it was about.
std::string describe_failure(sqlite3* connection, int code, std::string_view about);

bool is_uniqueness(int extended_code);
bool is_failed_sync(int extended_code);
// False for what undoes one statement only and leaves the transaction as good as before.
bool breaks_transaction(int extended_code);

}  // namespace lockstep::store::detail
