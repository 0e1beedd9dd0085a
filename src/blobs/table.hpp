// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The table of the blobs that are here, whole, synced and under their final name. A row is written after its
// file and removed before it: what the table says is there, is there.
#pragma once

#include <optional>
#include <vector>

#include "core/positions.hpp"
#include "store/database.hpp"

namespace lockstep::blobs {

bool has(store::Session& session, NamespaceId ns, const Hash& hash);
// Bytes.
std::optional<std::int64_t> size_of(store::Session& session, NamespaceId ns, const Hash& hash);
std::vector<Hash> all(store::Session& session, NamespaceId ns);
// Not an error when it is there already.
void keep(store::Transaction& tx, NamespaceId ns, const Hash& hash, std::uint64_t size, Time now);
void forget(store::Transaction& tx, NamespaceId ns, const Hash& hash);

store::Migrations schema();

}  // namespace lockstep::blobs
