// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The lock that says whose directory this is: flock on a file beside the database, held while this lives.
// The file stays when the lock goes: removing it would let two processes lock two files of one name.
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"

namespace lockstep::store::detail {

class FileLock {
  public:
    // Refuses with LS10201. Throws StoreError when the file cannot be made.
    static Result<std::unique_ptr<FileLock>> take(const std::string& database_path);
    ~FileLock();
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;

  private:
    explicit FileLock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
};

}  // namespace lockstep::store::detail
