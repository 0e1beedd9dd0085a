// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The inside of a SimDisk: its directory, and which of its writes fail. What SQLite calls is in sim_vfs.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "store/detail/sim_file.hpp"
#include "store/detail/sim_vfs.hpp"
#include "store/sim_disk.hpp"

namespace lockstep::store {

struct SimDisk::State {
    using FilePtr = std::shared_ptr<detail::SimFile>;

    explicit State(Chance& disk_chance) : chance(disk_chance) {}

    // Null when there is none and `create` is false.
    FilePtr open(const std::string& name, bool create);
    bool exists(const std::string& name) const { return names.count(name) > 0; }
    void remove(const std::string& name, bool sync_directory);
    // These return codes of SQLite.
    int write(detail::SimFile& file, BytesView data, std::size_t at);
    int truncate(detail::SimFile& file, std::size_t size);
    int sync(const std::string& name, detail::SimFile& file);
    // With a sync of the directory.
    int rename(const std::string& from, const std::string& to);
    void crash();

    Chance& chance;
    std::map<std::string, FilePtr> names;          // as the process sees the directory
    std::map<std::string, FilePtr> platter_names;  // as the platter holds it
    std::set<std::string> unsynced_removals;
    int open_files = 0;
    std::uint64_t bytes_used = 0;  // of files in `names`

    std::uint64_t fail_next = 0, pass_before_failing = 0;
    bool is_short = false;  // how the last one failed
    Fault fail_next_with = Fault::io_error;
    double fail_probability = 0;
    Fault fail_some_with = Fault::io_error;
    std::uint64_t fail_syncs = 0;
    std::optional<std::uint64_t> capacity;
    std::optional<std::uint64_t> writes_until_frozen;
    bool frozen = false;
    Stats stats;
    std::unique_ptr<detail::SimVfs> vfs;

  private:
    // SQLITE_OK, or how this write fails.
    int fault();
    int fail(Fault fault);
    void pass_towards_freezing();
};

}  // namespace lockstep::store
