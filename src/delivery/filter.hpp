// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Filters (firefly-core.md 11.1): RE2 expressions, unanchored, all of which must match; an absent or empty
// one matches everything. What an event does not have (a message, a transaction, a blockchain event) is
// matched as the empty text.
//
// A filter is compiled once, and identical filters share what was compiled: dispatchers compare the
// pointer, and each event is matched once for each distinct filter.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "core/json.hpp"
#include "delivery/ports.hpp"

namespace re2 {
class RE2;
}

namespace lockstep::delivery {

inline constexpr std::size_t pattern_bytes_max = 4096;

// The members as a client gave them. The deprecated spellings are kept apart, since they are shown as
// they came; the new ones win.
struct FilterInput {
    std::string events, topic;
    std::string message_tag, message_group, message_author;
    std::string transaction_type;
    std::string chain_name, chain_listener;
    std::string old_topics, old_tag, old_group, old_author;
    friend bool operator==(const FilterInput&, const FilterInput&) = default;

    // {"events","message":{},"transaction":{},"blockchainevent":{},"topic",…}: empty members left out.
    std::string json() const;
};

// FF10189 when a member is of the wrong kind.
Result<FilterInput> parse_filter(json::Value filter);

class Filter {
  public:
    // FF10171 naming the member of the pattern that does not compile, is too long, or is too large.
    static Result<std::shared_ptr<const Filter>> compile(const FilterInput& input);
    ~Filter();
    Filter(const Filter&) = delete;
    Filter& operator=(const Filter&) = delete;

    // All of these are thread-safe.
    bool matches(const EnrichedEvent& event) const { return may_match(event.event) && matches_object(event); }
    // By type and topic alone: without it there is no need to look for the object.
    bool may_match(const log::Event& event) const;
    // By the rest, when may_match() said yes.
    bool matches_object(const EnrichedEvent& event) const;

  private:
    class Pattern;
    Filter();

    std::uint32_t types_ = 0;  // a bit for each event type that `events` matches
    std::unique_ptr<Pattern> topic_, tag_, group_, author_, transaction_type_, chain_name_,
        chain_listener_;  // null: all
    bool any_object_ = true;
};

// Compiled filters by their text. Forgets those that nobody uses.
class FilterShelf {
  public:
    Result<std::shared_ptr<const Filter>> get(const FilterInput& input);
    std::size_t size() const { return shelf_.size(); }

  private:
    std::map<std::string, std::weak_ptr<const Filter>> shelf_;
};

}  // namespace lockstep::delivery
