// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// For tests: streams of the log on a simulated disk.
#pragma once

#include "flow/test_world.hpp"
#include "log/timeline.hpp"

namespace lockstep::log {

inline identity::NodeId node_of(std::uint8_t first_byte) {
    identity::NodeId node;
    node.bytes[0] = first_byte;
    return node;
}

class LogWorld : public flow::SimProcess {
  public:
    explicit LogWorld(std::uint64_t seed = 1) : SimProcess({schema()}, seed) { open(); }
    ~LogWorld() override { close(); }

    StreamKey stream(std::uint64_t number, std::uint8_t node = 1) {
        return write([&](store::Transaction& tx) { return open_stream(tx, {node_of(node), number}); });
    }
    Offset append(StreamKey stream, const std::vector<NewRecord>& records) {
        return write([&](store::Transaction& tx) { return log::append(tx, stream, records, clock().now()); });
    }
    // Records without tags, with these payloads.
    Offset append(StreamKey stream, std::initializer_list<const char*> payloads) {
        std::vector<NewRecord> records;
        for (auto const* payload : payloads) records.push_back({{}, "app", payload});
        return append(stream, records);
    }
    std::vector<Record> select(StreamKey stream, const Selection& selection = {}) {
        return read([&](store::Snapshot& snapshot) { return log::read(snapshot, stream, selection); });
    }
    std::vector<std::int64_t> offsets(StreamKey stream, const Selection& selection = {}) {
        std::vector<std::int64_t> out;
        for (auto const& record : select(stream, selection)) out.push_back(record.offset.value);
        return out;
    }
    std::vector<std::int64_t> lamports(StreamKey stream) {
        std::vector<std::int64_t> out;
        for (auto const& record : select(stream)) out.push_back(record.lamport.value);
        return out;
    }
    std::int64_t newest(StreamKey stream) {
        return read([&](store::Snapshot& snapshot) { return log::newest(snapshot, stream).value; });
    }
};

}  // namespace lockstep::log
