// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// PlainFile: a file of a VFS, read without SQLite's knowledge, and without its locks.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <string>

#include "base/bytes.hpp"

namespace lockstep::store::detail {

class PlainFile {
  public:
    // One that is not there is empty.
    PlainFile(const std::string& vfs, const std::string& path);
    ~PlainFile();
    PlainFile(const PlainFile&) = delete;
    PlainFile& operator=(const PlainFile&) = delete;

    std::uint64_t bytes() const { return bytes_; }
    // How many bytes could be read; the rest of `out` is zero.
    std::size_t read(std::span<std::uint8_t> out, std::uint64_t at) const;

  private:
    sqlite3_file* file() const { return reinterpret_cast<sqlite3_file*>(const_cast<std::uint64_t*>(room_.data())); }

    std::string path_;                 // the VFS keeps a pointer to it
    std::vector<std::uint64_t> room_;  // of the VFS's own kind of file
    std::uint64_t bytes_ = 0;
};

}  // namespace lockstep::store::detail
