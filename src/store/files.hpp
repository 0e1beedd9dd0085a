// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Files: one flat folder of files beside the database, for what is too big for a row. Plain blocking calls,
// made on a Worker. The real one is a folder; the simulation's is a part of a SimDisk, with its crashes.
//
// Failures throw StoreError. Names have no slashes and are the caller's own, never a stranger's.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace lockstep::store {

class File {
  public:
    virtual ~File() = default;
    virtual std::uint64_t size() const = 0;
    // At the end. It may be lost in a crash until sync() has returned.
    virtual void append(BytesView bytes) = 0;
    // Fills `out` from `offset`; less only at the end of the file.
    virtual std::size_t read(std::uint64_t offset, std::span<std::uint8_t> out) const = 0;
    virtual void sync() = 0;
};

class Files {
  public:
    struct Entry {
        std::string name;
        std::uint64_t size = 0;
    };
    virtual ~Files() = default;
    // To write: what is there stays, and is appended to.
    virtual std::unique_ptr<File> open(const std::string& name) = 0;
    // To read; null when there is none. What is removed meanwhile can still be read.
    virtual std::unique_ptr<File> find(const std::string& name) = 0;
    // Replaces `to`. Durable when it returns, together with what was synced of the file.
    virtual void rename(const std::string& from, const std::string& to) = 0;
    // No failure when there is none. May come back after a crash.
    virtual void remove(const std::string& name) = 0;
    virtual std::vector<Entry> list() = 0;
};

// Makes the folder if it is not there.
std::unique_ptr<Files> make_files(std::string folder);

}  // namespace lockstep::store
