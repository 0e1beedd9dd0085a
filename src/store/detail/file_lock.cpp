// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "store/detail/file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "store/errors.hpp"
#include "store/session.hpp"

namespace lockstep::store::detail {

namespace {

std::string holder_of(int descriptor) {
    char text[32] = {};
    auto const size = pread(descriptor, text, sizeof text - 1, 0);
    std::string holder(text, size > 0 ? static_cast<std::size_t>(size) : 0);
    while (!holder.empty() && holder.back() == '\n') holder.pop_back();
    return "process " + (holder.empty() ? "unknown" : holder);
}

}  // namespace

Result<std::unique_ptr<FileLock>> FileLock::take(const std::string& database_path) {
    auto const path = database_path + ".lock";
    auto const descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) throw StoreError("cannot open " + path + ": " + std::strerror(errno));
    std::unique_ptr<FileLock> lock(new FileLock(descriptor));
    if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) throw StoreError("cannot lock " + path + ": " + std::strerror(errno));
        return refuse(errors::store_in_use, {{"path", database_path}, {"holder", holder_of(descriptor)}});
    }
    // The number only serves the message above; a lock without it is as good.
    auto const text = std::to_string(getpid()) + "\n";
    if (ftruncate(descriptor, 0) == 0) static_cast<void>(!pwrite(descriptor, text.data(), text.size(), 0));
    return lock;
}

FileLock::~FileLock() { ::close(descriptor_); }

}  // namespace lockstep::store::detail
