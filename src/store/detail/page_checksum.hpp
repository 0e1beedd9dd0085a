// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// A checksum in the last eight bytes of each page of the main file, which SQLite leaves to us (reserved
// bytes). The VFS puts it there when a page is written and looks at it when one is read; in the WAL SQLite's
// own checksums do that. The number of the page is in it, so a page that was written to another's place is
// noticed too. A page of zeros was never written and is good: SQLite leaves such holes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace lockstep::store::detail {

inline constexpr std::size_t page_size = 4096;
inline constexpr int checksum_bytes = 8;  // what SQLite is asked to reserve

// XXH3 of all but the last eight bytes, with the number as its seed.
std::uint64_t page_checksum(BytesView page, std::uint64_t number);
// A copy with its checksum at the end. `page` has page_size bytes.
void seal_page(BytesView page, std::uint64_t number, std::uint8_t* out);
bool page_is_good(BytesView page, std::uint64_t number);

// Whether the file that begins so has such pages: decided by its header, as SQLite reads it. At least 100 bytes.
bool has_checksums(BytesView header);

// What this page is to SQLite by its first byte, for the message: "a leaf of an index".
std::string_view page_kind(BytesView page, std::uint64_t number);

// The VFS cannot say anything to SQLite but a code. What it saw on this thread is taken by whoever tells.
void note_damage(std::string what);
std::string take_damage();

// For both VFS: a page of the main file was read; SQLITE_OK, or SQLITE_IOERR_DATA with a note.
int check_read(const std::string& file, BytesView page, std::uint64_t at);

}  // namespace lockstep::store::detail
