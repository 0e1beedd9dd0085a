// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What a data item says of its blob (firefly-core.md 3.3, 18.2), and where such items stand in the tables.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/message.hpp"
#include "core/positions.hpp"
#include "store/database.hpp"

namespace lockstep::messaging {

// "name", else "path"/"filename", else "filename" of the value, a compact JSON object; else empty.
std::string blob_name(std::string_view value);
// The directory that a name stands in: "/a/b" of "a/b/c", "/" of "c", empty of no name.
std::string blob_path(std::string_view name);

// Directories right below `parent` ("" and "/" are the root), as full paths, in order. At most 1,000.
std::vector<std::string> blob_directories(store::Session& session, NamespaceId ns, std::string_view parent);

// What has to hold for data to go into a message: the blob is here. FF10239.
Result<void> check_blobs(store::Session& session, NamespaceId ns, const std::vector<Data>& data);

// Some data item has this blob.
bool is_blob_used(store::Session& session, NamespaceId ns, const Hash& blob);
// Messages that carry or refer to data with this blob: groups of private ones, or nothing for a broadcast.
std::vector<std::optional<Hash>> audiences_of_blob(store::Session& session, NamespaceId ns, const Hash& blob);
// Transactions of the batches that carried this blob.
std::vector<Uuid> transactions_of_blob(store::Session& session, NamespaceId ns, const Hash& blob);
// From now on everybody may ask for the blob of this item, under `reference`.
void set_blob_public(store::Transaction& tx, NamespaceId ns, const DataRef& data, std::string_view reference);

}  // namespace lockstep::messaging
