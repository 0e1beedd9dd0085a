// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "store/detail/plain_file.hpp"

#include <algorithm>

#include "base/must.hpp"

namespace lockstep::store::detail {

PlainFile::PlainFile(const std::string& vfs, const std::string& path) : path_(path) {
    path_ += '\0';  // names that come from SQLite end twice
    auto* const found = sqlite3_vfs_find(vfs.c_str());
    MUST(found, "the VFS is registered");
    room_.resize(static_cast<std::size_t>(found->szOsFile) / 8 + 1);
    // As a WAL it takes no locks with it when it is closed.
    auto const code = found->xOpen(found, path_.c_str(), file(), SQLITE_OPEN_READONLY | SQLITE_OPEN_WAL, nullptr);
    if (code != SQLITE_OK || !file()->pMethods) return;
    sqlite3_int64 bytes = 0;
    if (file()->pMethods->xFileSize(file(), &bytes) == SQLITE_OK) bytes_ = static_cast<std::uint64_t>(bytes);
}

PlainFile::~PlainFile() {
    if (file()->pMethods) file()->pMethods->xClose(file());
}

std::size_t PlainFile::read(std::span<std::uint8_t> out, std::uint64_t at) const {
    std::fill(out.begin(), out.end(), std::uint8_t{0});
    if (at >= bytes_) return 0;
    auto const size = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), bytes_ - at));
    auto const code =
        file()->pMethods->xRead(file(), out.data(), static_cast<int>(size), static_cast<sqlite3_int64>(at));
    return code == SQLITE_OK ? size : 0;
}

}  // namespace lockstep::store::detail
