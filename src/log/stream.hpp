// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Streams (event-log.md 1): records of one origin with dense offsets from 0. A stream is named by the
// node that writes it and a number; in this node's tables it has a small local number.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "core/positions.hpp"
#include "identity/node_key.hpp"

namespace lockstep::log {

struct StreamId {
    identity::NodeId node;
    std::uint64_t number = 0;
    friend auto operator<=>(const StreamId&, const StreamId&) = default;
    std::string text() const;  // "<43 characters>-<number>"
    static std::optional<StreamId> parse(std::string_view text);
};

// The local number of a stream.
using StreamKey = Strong<struct StreamKeyTag>;

struct NewRecord {
    std::vector<std::string> tags;  // sorted and unique after append
    std::string app;
    std::string payload;  // compact JSON text
};

// A record as it lies in the store, valid while it is visited.
struct RecordView {
    Offset offset;
    Lamport lamport;
    Time time;
    std::string_view app;
    std::string_view tags;  // joined; split_tags() takes them apart
    std::string_view payload;
};
std::vector<std::string> split_tags(std::string_view joined);

struct Record {
    Offset offset;
    Lamport lamport;
    Time time;
    std::vector<std::string> tags;
    std::string app;
    std::string payload;
};

}  // namespace lockstep::log
