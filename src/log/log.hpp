// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The log: append and read. The tail is rows, written in the transaction that makes the records; sealed
// blocks will stand behind the same reader, so nothing above it may depend on rows: it asks for a range
// of offsets, in either direction, optionally restricted to tags, and gets pages.
//
// Invariants
//   1. Offsets of a stream are dense and in commit order; a reader that has seen N never sees a smaller
//      one appear.
//   2. Lamport ascends strictly with each record that this node appends, over all its streams.
//   3. A record is immutable.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "log/stream.hpp"
#include "store/database.hpp"

namespace lockstep::log {

struct Selection {
    Offset first{0};                       // inclusive
    Offset last{INT64_MAX};                // inclusive
    std::vector<std::string> any_of_tags;  // empty: every record; else those with at least one
    bool newest_first = false;
    std::size_t most = 500;  // records
};

// Finds or makes the local number of a stream.
StreamKey open_stream(store::Transaction& tx, const StreamId& id);

// Returns the offset of the first; the others follow it. `records` must not be empty.
Offset append(store::Transaction& tx, StreamKey stream, std::span<const NewRecord> records, Time now);

// The newest offset, -1 for an empty stream.
Offset newest(store::Session& session, StreamKey stream);
std::vector<Record> read(store::Session& session, StreamKey stream, const Selection& selection);
// The same without copies, for readers of much: calls `visitor` for each record in order.
void visit(store::Session& session,
           StreamKey stream,
           const Selection& selection,
           const std::function<void(const RecordView&)>& visitor);

store::Migrations schema();

}  // namespace lockstep::log
