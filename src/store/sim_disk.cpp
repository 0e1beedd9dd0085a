// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "store/sim_disk.hpp"

#include <sqlite3.h>

#include <utility>

#include "base/must.hpp"
#include "store/detail/sim_disk_state.hpp"

namespace lockstep::store {

SimDisk::SimDisk(Chance& chance) : state_(std::make_unique<State>(chance)) {
    state_->vfs = std::make_unique<detail::SimVfs>(*state_);
}

SimDisk::~SimDisk() { MUST(state_->open_files == 0, "databases are closed before their disk goes"); }

const std::string& SimDisk::vfs() const { return state_->vfs->name(); }

void SimDisk::fail_writes_after(std::uint64_t passing, std::uint64_t count, Fault fault) {
    fail_writes(count, fault);
    state_->pass_before_failing = passing;
}

void SimDisk::damage(const std::string& file, std::uint64_t at, std::uint8_t bits) {
    auto const found = state_->names.find(file);
    MUST(found != state_->names.end() && at < found->second->size(), "there is something to damage");
    found->second->damage(static_cast<std::size_t>(at), bits);
}

Bytes SimDisk::contents(const std::string& file) const {
    auto const found = state_->names.find(file);
    if (found == state_->names.end()) return {};
    Bytes out(found->second->size());
    found->second->read(out, 0);
    return out;
}

void SimDisk::fail_writes(std::uint64_t count, Fault fault) {
    state_->pass_before_failing = 0;
    state_->fail_next = count;
    state_->fail_next_with = fault;
}

void SimDisk::fail_writes_with(double probability, Fault fault) {
    state_->fail_probability = probability;
    state_->fail_some_with = fault;
}

void SimDisk::fail_syncs(std::uint64_t count) { state_->fail_syncs = count; }
void SimDisk::set_capacity(std::optional<std::uint64_t> bytes) { state_->capacity = bytes; }
void SimDisk::freeze() { state_->frozen = true; }
void SimDisk::freeze_after(std::uint64_t writes) { state_->writes_until_frozen = writes; }
bool SimDisk::is_frozen() const { return state_->frozen; }
void SimDisk::crash() { state_->crash(); }
std::uint64_t SimDisk::bytes_used() const { return state_->bytes_used; }
const SimDisk::Stats& SimDisk::stats() const { return state_->stats; }

SimDisk::State::FilePtr SimDisk::State::open(const std::string& name, bool create) {
    auto const found = names.find(name);
    if (found != names.end()) return found->second;
    if (!create) return nullptr;
    return names[name] = std::make_shared<detail::SimFile>();
}

void SimDisk::State::remove(const std::string& name, bool sync_directory) {
    auto const found = names.find(name);
    if (found == names.end()) return;
    bytes_used -= found->second->size();
    names.erase(found);
    if (frozen) return;
    if (sync_directory) {
        platter_names.erase(name);
    } else {
        unsynced_removals.insert(name);
    }
}

int SimDisk::State::fail(Fault fault) {
    is_short = false;
    if (fault == Fault::disk_full) {
        ++stats.full_writes;
        return SQLITE_FULL;
    }
    ++stats.failed_writes;
    is_short = fault == Fault::short_write;
    return SQLITE_IOERR_WRITE;
}

int SimDisk::State::fault() {
    if (fail_next > 0 && pass_before_failing > 0) {
        --pass_before_failing;
    } else if (fail_next > 0) {
        --fail_next;
        return fail(fail_next_with);
    }
    if (fail_probability > 0 && chance.fraction() < fail_probability) return fail(fail_some_with);
    return SQLITE_OK;
}

void SimDisk::State::pass_towards_freezing() {
    if (!writes_until_frozen) return;
    if (*writes_until_frozen == 0) {
        frozen = true;
        writes_until_frozen.reset();
    } else {
        --*writes_until_frozen;
    }
}

int SimDisk::State::write(detail::SimFile& file, BytesView data, std::size_t at) {
    pass_towards_freezing();
    if (!frozen) {
        if (auto const code = fault(); code != SQLITE_OK) {
            if (!is_short) return code;
            // What fits on the disk without growing past its limit: the half of it is enough.
            auto const half = data.first(data.size() / 2);
            auto const before = file.size();
            file.write(half, at, true);
            bytes_used += file.size() - before;
            return code;
        }
    }
    auto const end = at + data.size();
    auto const growth = end > file.size() ? end - file.size() : 0;
    if (capacity && growth > 0 && bytes_used + growth > *capacity) {
        ++stats.over_capacity;
        return SQLITE_FULL;
    }
    file.write(data, at, !frozen);
    bytes_used += growth;
    ++stats.writes;
    stats.bytes_written += data.size();
    if (frozen) ++stats.frozen_writes;
    return SQLITE_OK;
}

int SimDisk::State::truncate(detail::SimFile& file, std::size_t size) {
    bytes_used = bytes_used + size - file.size();
    file.truncate(size, !frozen);
    return SQLITE_OK;
}

int SimDisk::State::sync(const std::string& name, detail::SimFile& file) {
    if (frozen) return SQLITE_OK;
    if (fail_syncs > 0) {
        --fail_syncs;
        ++stats.failed_syncs;
        return SQLITE_IOERR_FSYNC;
    }
    ++stats.syncs;
    file.sync();
    auto const found = names.find(name);
    if (found == names.end() || found->second.get() != &file) return SQLITE_OK;  // removed while open
    platter_names[name] = found->second;
    unsynced_removals.erase(name);  // the name belongs to this file now
    return SQLITE_OK;
}

int SimDisk::State::rename(const std::string& from, const std::string& to) {
    auto const found = names.find(from);
    if (found == names.end()) return SQLITE_IOERR;
    auto const file = found->second;
    remove(to, true);
    names.erase(from);
    names[to] = file;
    if (frozen) return SQLITE_OK;
    platter_names.erase(from);
    platter_names[to] = file;
    unsynced_removals.erase(from);
    unsynced_removals.erase(to);
    return SQLITE_OK;
}

void SimDisk::State::crash() {
    MUST(open_files == 0, "a process that is gone has no file open: freeze the disk and close its databases first");
    ++stats.crashes;
    for (auto const& name : unsynced_removals) {
        if (platter_names.count(name) == 0) continue;
        if (chance.below(2) == 0) {
            platter_names.erase(name);
        } else {
            ++stats.files_back;
        }
    }
    for (auto const& [name, file] : names) {
        if (platter_names.count(name) > 0) continue;
        // Made while frozen, it holds nothing, and whether its name is there makes no difference.
        if (chance.below(2) == 0) {
            platter_names[name] = file;
        } else {
            ++stats.files_missing;
        }
    }
    bytes_used = 0;
    for (auto const& [name, file] : platter_names) {
        file->crash(chance, stats);
        bytes_used += file->size();
    }
    names = platter_names;
    unsynced_removals.clear();
    frozen = false;
    writes_until_frozen.reset();
    fail_next = fail_syncs = 0;
    fail_probability = 0;
}

}  // namespace lockstep::store
