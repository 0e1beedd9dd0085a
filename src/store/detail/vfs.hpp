// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The VFS "lockstep": the platform's "unix" with an ear on it. It reports each sync that fails and counts
// what is written and synced, per database (DiskProbe), gathers what goes to a WAL, and keeps a checksum in
// each page of a main file (page_checksum.hpp).
//
// A database's main file learns its probe by file control after it is opened; its journal and WAL, which
// SQLite opens later, take the probe of their main file.
#pragma once

#include <sqlite3.h>

#include <memory>

#include "store/detail/disk_probe.hpp"

namespace lockstep::store::detail {

inline constexpr const char* real_vfs = "lockstep";
// File control of both VFS: pages of this main file get checksums, also those written before its header is.
inline constexpr int op_begin_checksums = 0x4c530002;

// Configures SQLite for one connection a thread and registers the VFS; does it once. Before anything else
// of SQLite is called.
void initialize_sqlite();

// Files of another VFS do not listen, and that is fine: Connection reports what it sees itself.
void attach_probe(sqlite3* connection, const std::shared_ptr<DiskProbe>& probe);

}  // namespace lockstep::store::detail
