// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "store/detail/wal_extent.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

namespace lockstep::store::detail {

namespace {

constexpr std::uint64_t step_bytes = 256 << 10;    // the longest that a writer waits for the filler
constexpr std::uint64_t unsynced_bytes = 4 << 20;  // the most that a commit's sync has to carry with it

class OpenFile {
  public:
    explicit OpenFile(const std::string& path) : handle_(::open(path.c_str(), O_WRONLY | O_CLOEXEC)) {}
    ~OpenFile() {
        if (handle_ >= 0) ::close(handle_);  // SQLite has no locks on this file that closing could take away
    }
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;

    bool is_open() const { return handle_ >= 0; }
    // False when not all of it could be written.
    bool write(const std::vector<char>& bytes, std::uint64_t at) const {
        for (std::size_t done = 0; done < bytes.size();) {
            auto const written =
                ::pwrite(handle_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(at + done));
            if (written < 0 && errno == EINTR) continue;
            if (written <= 0) return false;
            done += static_cast<std::size_t>(written);
        }
        return true;
    }
    bool sync() const { return ::fdatasync(handle_) == 0; }

  private:
    int handle_;
};

}  // namespace

void WalExtent::opened(std::uint64_t bytes) {
    std::lock_guard const lock(growing_);
    bytes_ = std::max(bytes_.load(), bytes);
}

WalExtent::Filled WalExtent::fill(const std::string& path, std::uint64_t end, const std::function<bool()>& stop) {
    if (bytes_ >= end) return Filled::done;
    OpenFile const file(path);
    if (!file.is_open()) return Filled::no_room;
    std::vector<char> const zeros(step_bytes);
    std::uint64_t unsynced = 0;
    while (bytes_ < end) {
        if (stop()) return Filled::stopped;
        {
            std::lock_guard const lock(growing_);
            if (!file.write(zeros, bytes_)) return Filled::no_room;
            bytes_ += step_bytes;
        }
        unsynced += step_bytes;
        if (unsynced < unsynced_bytes && bytes_ < end) continue;
        unsynced = 0;
        if (!file.sync()) return Filled::sync_failed;
    }
    return Filled::done;
}

}  // namespace lockstep::store::detail
