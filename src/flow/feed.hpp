// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Feed: records in one order, readable in pages after a position, with a bell that rings when it grows.
// This one is a plain table, read by position only: `inbox` (what arrived) and `outbox` (what we want the
// world to do) are such feeds. Streams of the log have their own reader.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "async/tap.hpp"
#include "core/positions.hpp"
#include "store/database.hpp"

namespace lockstep::flow {

struct Entry {
    Sequence sequence;
    std::string kind;  // a word of the module that appended it
    Bytes key;         // what it is about: a hash, an id, a row
};

class Feed {
  public:
    Feed(std::string name, NamespaceId ns) : name_(std::move(name)), ns_(ns) {}

    const std::string& name() const { return name_; }
    NamespaceId ns() const { return ns_; }
    // Rung after a commit that appended, on the logic thread.
    Tap& tap() { return tap_; }

    Sequence append(store::Transaction& tx, std::string_view kind, BytesView key) const;
    std::vector<Entry> read(store::Session& session, Sequence after, std::size_t most) const;
    // The newest sequence ever given; 0 when there was none.
    Sequence newest(store::Session& session) const;
    // Forgets entries up to `through`: behind the slowest cursor.
    void truncate(store::Transaction& tx, Sequence through) const;

  private:
    std::string name_;
    NamespaceId ns_;
    Tap tap_;
};

// The cursor of a stage: (namespace, stage) -> position.
std::int64_t load_cursor(store::Session& session, NamespaceId ns, std::string_view stage, std::int64_t otherwise);
void save_cursor(store::Transaction& tx, NamespaceId ns, std::string_view stage, std::int64_t position);

store::Migrations schema();

}  // namespace lockstep::flow
