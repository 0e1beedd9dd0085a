// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "store/detail/sim_vfs.hpp"

#include <atomic>
#include <cstring>
#include <new>

#include "base/must.hpp"
#include "store/detail/page_checksum.hpp"
#include "store/detail/sim_disk_state.hpp"
#include "store/detail/vfs.hpp"

namespace lockstep::store::detail {

namespace {

struct OpenFile : sqlite3_file {
    SimDisk::State* disk;
    SimDisk::State::FilePtr file;
    std::string name;  // empty: temporary, in no directory
    bool remove_on_close = false;
    bool is_main = false, has_checksums = false;
};

OpenFile& opened(sqlite3_file* file) { return *static_cast<OpenFile*>(file); }
SimDisk::State& disk_of(sqlite3_vfs* vfs) { return *static_cast<SimDisk::State*>(vfs->pAppData); }

int file_close(sqlite3_file* file) {
    auto& self = opened(file);
    --self.disk->open_files;
    if (self.name.empty()) {
        self.disk->bytes_used -= self.file->size();
    } else if (self.remove_on_close) {
        self.disk->remove(self.name, false);
    }
    self.~OpenFile();
    return SQLITE_OK;
}
int file_read(sqlite3_file* file, void* out, int bytes, sqlite3_int64 at) {
    auto const size = static_cast<std::size_t>(bytes);
    auto& self = opened(file);
    auto const place = static_cast<std::size_t>(at);
    auto const there = self.file->read({static_cast<std::uint8_t*>(out), size}, place);
    if (there < size) return SQLITE_IOERR_SHORT_READ;
    if (!self.has_checksums || size != page_size || place % page_size != 0) return SQLITE_OK;
    return check_read(self.name, {static_cast<const std::uint8_t*>(out), size}, place);
}
int file_write(sqlite3_file* file, const void* data, int bytes, sqlite3_int64 at) {
    auto& self = opened(file);
    BytesView const view(static_cast<const std::uint8_t*>(data), static_cast<std::size_t>(bytes));
    auto const place = static_cast<std::size_t>(at);
    if (self.is_main && place == 0) self.has_checksums = has_checksums(view);
    if (!self.has_checksums || view.size() != page_size || place % page_size != 0)
        return self.disk->write(*self.file, view, place);
    std::uint8_t sealed[page_size];
    seal_page(view, place / page_size + 1, sealed);
    return self.disk->write(*self.file, sealed, place);
}
int file_truncate(sqlite3_file* file, sqlite3_int64 size) {
    auto& self = opened(file);
    return self.disk->truncate(*self.file, static_cast<std::size_t>(size));
}
int file_sync(sqlite3_file* file, int) {
    auto& self = opened(file);
    return self.disk->sync(self.name, *self.file);
}
int file_size(sqlite3_file* file, sqlite3_int64* size) {
    *size = static_cast<sqlite3_int64>(opened(file).file->size());
    return SQLITE_OK;
}
// One process, one connection: nobody to lock out.
int file_lock(sqlite3_file*, int) { return SQLITE_OK; }
int file_check_reserved_lock(sqlite3_file*, int* held) {
    *held = 0;
    return SQLITE_OK;
}
int file_control(sqlite3_file* file, int op, void*) {
    if (op != op_begin_checksums) return SQLITE_NOTFOUND;
    opened(file).has_checksums = opened(file).is_main;
    return SQLITE_OK;
}
int file_sector_size(sqlite3_file*) { return 4096; }
// As "unix" says: a torn write leaves the bytes around it alone.
int file_characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

const sqlite3_io_methods file_methods = {
    1,  // no shared memory
    file_close,
    file_read,
    file_write,
    file_truncate,
    file_sync,
    file_size,
    file_lock,
    file_lock,
    file_check_reserved_lock,
    file_control,
    file_sector_size,
    file_characteristics,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
};

int vfs_open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* flags_out) {
    auto& disk = disk_of(vfs);
    file->pMethods = nullptr;
    auto found = name ? disk.open(name, (flags & SQLITE_OPEN_CREATE) != 0) : std::make_shared<SimFile>();
    if (!found) return SQLITE_CANTOPEN;
    auto* const self = new (static_cast<void*>(file)) OpenFile{};
    self->pMethods = &file_methods;
    self->disk = &disk;
    self->file = std::move(found);
    if (name) self->name = name;
    self->is_main = (flags & SQLITE_OPEN_MAIN_DB) != 0;
    std::uint8_t header[100] = {};
    self->has_checksums = self->is_main && self->file->read(header, 0) == sizeof header && has_checksums(header);
    self->remove_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
    ++disk.open_files;
    if (flags_out) *flags_out = flags;
    return SQLITE_OK;
}

int vfs_remove(sqlite3_vfs* vfs, const char* name, int sync_directory) {
    if (!disk_of(vfs).exists(name)) return SQLITE_IOERR_DELETE_NOENT;
    disk_of(vfs).remove(name, sync_directory != 0);
    return SQLITE_OK;
}

int vfs_access(sqlite3_vfs* vfs, const char* name, int, int* out) {
    *out = disk_of(vfs).exists(name) ? 1 : 0;
    return SQLITE_OK;
}

int vfs_full_path(sqlite3_vfs*, const char* name, int bytes, char* out) {
    auto const size = std::strlen(name) + 1;
    if (size > static_cast<std::size_t>(bytes)) return SQLITE_CANTOPEN;
    std::memcpy(out, name, size);
    return SQLITE_OK;
}

// SQLite takes salts from the default VFS; nothing that it takes from here is seen outside.
int vfs_randomness(sqlite3_vfs*, int bytes, char* out) {
    std::memset(out, 0x5a, static_cast<std::size_t>(bytes));
    return bytes;
}
int vfs_sleep(sqlite3_vfs*, int microseconds) { return microseconds; }
int vfs_current_time(sqlite3_vfs*, double* julian_day) {
    *julian_day = 2440587.5;  // 1970: SQL does not ask for the time
    return SQLITE_OK;
}

std::string unique_name() {
    static std::atomic<std::uint64_t> count{0};
    return "lockstep-sim-" + std::to_string(count.fetch_add(1));
}

}  // namespace

SimVfs::SimVfs(SimDisk::State& disk) : name_(unique_name()), vfs_{} {
    initialize_sqlite();
    vfs_.iVersion = 1;
    vfs_.szOsFile = static_cast<int>(sizeof(OpenFile));
    vfs_.mxPathname = 512;
    vfs_.zName = name_.c_str();
    vfs_.pAppData = &disk;
    vfs_.xOpen = vfs_open;
    vfs_.xDelete = vfs_remove;
    vfs_.xAccess = vfs_access;
    vfs_.xFullPathname = vfs_full_path;
    vfs_.xRandomness = vfs_randomness;
    vfs_.xSleep = vfs_sleep;
    vfs_.xCurrentTime = vfs_current_time;
    MUST(sqlite3_vfs_register(&vfs_, 0) == SQLITE_OK, "a VFS can be registered");
}

SimVfs::~SimVfs() { sqlite3_vfs_unregister(&vfs_); }

}  // namespace lockstep::store::detail
