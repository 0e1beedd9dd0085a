// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "store/detail/vfs.hpp"

#include <cstdint>
#include <mutex>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "base/must.hpp"
#include "store/detail/gathered_writes.hpp"
#include "store/detail/page_checksum.hpp"

namespace lockstep::store::detail {

namespace {

constexpr int op_attach_probe = 0x4c530001;  // far above SQLite's own

struct HeardFile : sqlite3_file {
    std::shared_ptr<DiskProbe> probe;
    std::uint64_t unsynced_bytes = 0;
    std::string name;
    bool is_main = false, is_wal = false;
    bool has_checksums = false;  // the main file, and its pages end with them
    GatheredWrites gathered;     // of a WAL

    // SQLite allocates szOsFile bytes; the real file lies behind ours.
    sqlite3_file* inner() { return reinterpret_cast<sqlite3_file*>(this + 1); }
    const sqlite3_io_methods* calls() { return inner()->pMethods; }
};
static_assert(alignof(HeardFile) <= 8 && sizeof(HeardFile) % 8 == 0, "SQLite aligns files to 8 bytes");

HeardFile& heard(sqlite3_file* file) { return *static_cast<HeardFile*>(file); }

int write_through(HeardFile& self, std::string_view bytes, std::uint64_t at) {
    auto const code = self.calls()->xWrite(self.inner(), bytes.data(), static_cast<int>(bytes.size()),
                                           static_cast<sqlite3_int64>(at));
    if (code != SQLITE_OK) return code;
    self.unsynced_bytes += bytes.size();
    if (self.probe) self.probe->bytes_written.fetch_add(bytes.size(), std::memory_order_relaxed);
    return code;
}
// Before anything else is done with the file. What cannot be written is dropped: SQLite rolls back, and writes
// the same place again for the next commit.
int write_gathered(HeardFile& self) {
    if (self.gathered.empty()) return SQLITE_OK;
    auto const code = self.probe->wal.write(
        self.gathered.end(), [&] { return write_through(self, self.gathered.bytes(), self.gathered.begin()); });
    self.gathered.clear();
    return code;
}
int gather(HeardFile& self, std::string_view bytes, std::uint64_t at) {
    if (self.gathered.add(at, bytes)) return SQLITE_OK;
    if (auto const code = write_gathered(self); code != SQLITE_OK) return code;
    self.gathered.add(at, bytes);
    return SQLITE_OK;
}

int file_close(sqlite3_file* file) {
    auto& self = heard(file);
    write_gathered(self);  // what was never synced was never promised
    auto const code = self.calls()->xClose(self.inner());
    self.~HeardFile();
    return code;
}
int file_read(sqlite3_file* file, void* out, int bytes, sqlite3_int64 at) {
    auto& self = heard(file);
    if (auto const code = write_gathered(self); code != SQLITE_OK) return code;
    auto const code = self.calls()->xRead(self.inner(), out, bytes, at);
    if (code != SQLITE_OK || !self.has_checksums || bytes != page_size || at % page_size != 0) return code;
    return check_read(self.name, {static_cast<const std::uint8_t*>(out), page_size}, static_cast<std::uint64_t>(at));
}
int file_write(sqlite3_file* file, const void* data, int bytes, sqlite3_int64 at) {
    auto& self = heard(file);
    std::string_view const piece(static_cast<const char*>(data), static_cast<std::size_t>(bytes));
    auto const begin = static_cast<std::uint64_t>(at);
    if (self.is_main) {
        if (begin == 0) self.has_checksums = has_checksums(as_bytes(piece));
        if (self.has_checksums && piece.size() == page_size && begin % page_size == 0) {
            std::uint8_t sealed[page_size];
            seal_page(as_bytes(piece), begin / page_size + 1, sealed);
            return write_through(self, as_text(sealed), begin);
        }
    }
    return self.is_wal ? gather(self, piece, begin) : write_through(self, piece, begin);
}
int file_truncate(sqlite3_file* file, sqlite3_int64 size) {
    auto& self = heard(file);
    if (auto const code = write_gathered(self); code != SQLITE_OK) return code;
    return self.calls()->xTruncate(self.inner(), size);
}
int file_sync(sqlite3_file* file, int flags) {
    auto& self = heard(file);
    if (auto const code = write_gathered(self); code != SQLITE_OK) return code;
    auto const code = self.calls()->xSync(self.inner(), flags);
    if (!self.probe) return code;
    if (code != SQLITE_OK) {
        self.probe->sync_failed("sync of " + self.name + " failed");
        return code;
    }
    self.probe->syncs.fetch_add(1, std::memory_order_relaxed);
    self.probe->bytes_synced.fetch_add(std::exchange(self.unsynced_bytes, 0U), std::memory_order_relaxed);
    return code;
}
int file_size(sqlite3_file* file, sqlite3_int64* size) {
    auto& self = heard(file);
    if (auto const code = write_gathered(self); code != SQLITE_OK) return code;
    return self.calls()->xFileSize(self.inner(), size);
}
int file_lock(sqlite3_file* file, int level) {
    auto& self = heard(file);
    return self.calls()->xLock(self.inner(), level);
}
int file_unlock(sqlite3_file* file, int level) {
    auto& self = heard(file);
    return self.calls()->xUnlock(self.inner(), level);
}
int file_check_reserved_lock(sqlite3_file* file, int* held) {
    auto& self = heard(file);
    return self.calls()->xCheckReservedLock(self.inner(), held);
}
int file_control(sqlite3_file* file, int op, void* argument) {
    auto& self = heard(file);
    if (op == op_attach_probe) {
        self.probe = *static_cast<const std::shared_ptr<DiskProbe>*>(argument);
        return SQLITE_OK;
    }
    if (op == op_begin_checksums) {
        self.has_checksums = self.is_main;
        return SQLITE_OK;
    }
    return self.calls()->xFileControl(self.inner(), op, argument);
}
int file_sector_size(sqlite3_file* file) {
    auto& self = heard(file);
    return self.calls()->xSectorSize(self.inner());
}
int file_characteristics(sqlite3_file* file) {
    auto& self = heard(file);
    return self.calls()->xDeviceCharacteristics(self.inner());
}
int file_shm_map(sqlite3_file* file, int page, int bytes, int extend, void volatile** out) {
    auto& self = heard(file);
    return self.calls()->xShmMap(self.inner(), page, bytes, extend, out);
}
int file_shm_lock(sqlite3_file* file, int offset, int count, int flags) {
    auto& self = heard(file);
    return self.calls()->xShmLock(self.inner(), offset, count, flags);
}
void file_shm_barrier(sqlite3_file* file) {
    auto& self = heard(file);
    self.calls()->xShmBarrier(self.inner());
}
int file_shm_unmap(sqlite3_file* file, int remove) {
    auto& self = heard(file);
    return self.calls()->xShmUnmap(self.inner(), remove);
}

// Version 2: shared memory for the WAL index, and no xFetch, since we never map pages.
const sqlite3_io_methods file_methods = {
    2,
    file_close,
    file_read,
    file_write,
    file_truncate,
    file_sync,
    file_size,
    file_lock,
    file_unlock,
    file_check_reserved_lock,
    file_control,
    file_sector_size,
    file_characteristics,
    file_shm_map,
    file_shm_lock,
    file_shm_barrier,
    file_shm_unmap,
    nullptr,
    nullptr,
};

sqlite3_vfs* inner_vfs(sqlite3_vfs* vfs) { return static_cast<sqlite3_vfs*>(vfs->pAppData); }

int vfs_open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* flags_out) {
    auto* const self = new (static_cast<void*>(file)) HeardFile{};
    auto const code = inner_vfs(vfs)->xOpen(inner_vfs(vfs), name, self->inner(), flags, flags_out);
    if (!self->calls()) {  // nothing to close, and SQLite will not call xClose
        self->~HeardFile();
        file->pMethods = nullptr;
        return code;
    }
    file->pMethods = &file_methods;
    self->name = name ? name : "a temporary file";
    if (flags & SQLITE_OPEN_MAIN_DB) {
        std::uint8_t header[100] = {};
        self->is_main = true;
        self->has_checksums =
            self->calls()->xRead(self->inner(), header, sizeof header, 0) == SQLITE_OK && has_checksums(header);
    }
    if (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) {
        self->probe = heard(sqlite3_database_file_object(name)).probe;
    }
    if ((flags & SQLITE_OPEN_WAL) && self->probe) {
        sqlite3_int64 bytes = 0;
        if (self->calls()->xFileSize(self->inner(), &bytes) == SQLITE_OK) {
            self->probe->wal.opened(static_cast<std::uint64_t>(bytes));
            self->is_wal = true;
        }
    }
    return code;
}

sqlite3_vfs make_vfs(sqlite3_vfs* inner) {
    sqlite3_vfs vfs = *inner;  // whatever is not about files is the platform's
    vfs.zName = real_vfs;
    vfs.pNext = nullptr;
    vfs.pAppData = inner;
    vfs.szOsFile = static_cast<int>(sizeof(HeardFile)) + inner->szOsFile;
    vfs.xOpen = vfs_open;
    vfs.xDelete = [](sqlite3_vfs* v, const char* name, int sync) {
        return inner_vfs(v)->xDelete(inner_vfs(v), name, sync);
    };
    vfs.xAccess = [](sqlite3_vfs* v, const char* name, int flags, int* out) {
        return inner_vfs(v)->xAccess(inner_vfs(v), name, flags, out);
    };
    vfs.xFullPathname = [](sqlite3_vfs* v, const char* name, int bytes, char* out) {
        return inner_vfs(v)->xFullPathname(inner_vfs(v), name, bytes, out);
    };
    return vfs;
}

}  // namespace

void initialize_sqlite() {
    static std::once_flag once;
    std::call_once(once, [] {
        sqlite3_config(SQLITE_CONFIG_MULTITHREAD);         // a connection is never shared by threads
        sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);        // its counters are behind one lock for all threads
        sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, -1);  // savepoints keep their old pages in memory
        MUST(sqlite3_initialize() == SQLITE_OK, "SQLite can be initialised");
        auto* const unix_vfs = sqlite3_vfs_find("unix");
        MUST(unix_vfs, "SQLite is built for a Unix");
        static sqlite3_vfs ours = make_vfs(unix_vfs);
        MUST(sqlite3_vfs_register(&ours, 0) == SQLITE_OK, "a VFS can be registered");
    });
}

void attach_probe(sqlite3* connection, const std::shared_ptr<DiskProbe>& probe) {
    auto copy = probe;
    sqlite3_file_control(connection, "main", op_attach_probe, &copy);
}

}  // namespace lockstep::store::detail
