// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// SimDisk: a disk in memory for the simulation, as a VFS of its own. Each file has what the process sees
// and what the platter holds; between them lies what was written and not yet synced.
//
//     SimDisk disk(*chance);
//     open_database({.path = "db", .vfs = disk.vfs(), .inline_ = true}, schema, executor);
//     disk.freeze();  /* … the member unwinds … */  disk.crash();  /* … and opens it again */
//
// Promises that a crash keeps: what was synced is there. Of each write since the last sync of its file
// chance decides alone: kept, dropped, or torn after a multiple of 512 bytes. A file that was never synced
// may be missing; one deleted without a sync of the directory may be back.
//
// One thread. No shared memory for a WAL index: databases need the exclusive locking of Options::inline_.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/chance.hpp"

namespace lockstep::store {

class Files;

class SimDisk {
  public:
    enum class Fault { io_error, disk_full, short_write };  // short: half of it is there, and an error

    struct Stats {
        std::uint64_t writes = 0, syncs = 0, bytes_written = 0;
        std::uint64_t failed_writes = 0;  // by fail_writes, as an I/O error
        std::uint64_t full_writes = 0;    // by fail_writes, as a full disk
        std::uint64_t over_capacity = 0;
        std::uint64_t failed_syncs = 0;
        std::uint64_t frozen_writes = 0;  // with no effect on the platter
        std::uint64_t crashes = 0;
        std::uint64_t kept = 0, dropped = 0, torn = 0;  // unsynced writes and truncations at crashes
        std::uint64_t files_missing = 0, files_back = 0;
    };

    // `chance` outlives the disk.
    explicit SimDisk(Chance& chance);
    // No file is open any more.
    ~SimDisk();
    SimDisk(const SimDisk&) = delete;
    SimDisk& operator=(const SimDisk&) = delete;

    // For Database::Options::vfs. Unique in the process.
    const std::string& vfs() const;
    // A folder of plain files on this disk. The disk outlives it; its files count as open to nobody.
    std::unique_ptr<Files> files(std::string folder);

    // The next `count` writes fail and change nothing.
    void fail_writes(std::uint64_t count, Fault fault);
    // So many writes pass, and then `count` fail.
    void fail_writes_after(std::uint64_t passing, std::uint64_t count, Fault fault);
    // From now on each write fails with this probability; 0 ends it.
    void fail_writes_with(double probability, Fault fault);
    // The next `count` syncs fail, which by design ends a process.
    void fail_syncs(std::uint64_t count);
    // The most bytes of all files together; writes that need more fail as on a full disk. Empty: no limit.
    void set_capacity(std::optional<std::uint64_t> bytes);

    // The power is gone: no write, truncation, sync or deletion from here on reaches the platter. The
    // process, which ought to be dead, still sees what it writes, so that it can unwind undisturbed.
    void freeze();
    // The same after so many more writes have passed: a crash in the middle of a commit.
    void freeze_after(std::uint64_t writes);
    bool is_frozen() const;

    // Power off and on. No file may be open. Ends freezing and whatever was to fail; the capacity stays.
    void crash();

    // What nobody wrote: turns over these bits of a byte on the platter, and of what the process sees.
    void damage(const std::string& file, std::uint64_t at, std::uint8_t bits);
    // The bytes that the process sees; empty when there is no such file.
    Bytes contents(const std::string& file) const;

    std::uint64_t bytes_used() const;
    const Stats& stats() const;

    struct State;

  private:
    std::unique_ptr<State> state_;
};

}  // namespace lockstep::store
