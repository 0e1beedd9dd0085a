// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What delivery needs from siblings: the object that an event refers to.
#pragma once

#include <string>
#include <vector>

#include "async/tap.hpp"
#include "log/timeline.hpp"
#include "store/session.hpp"

namespace lockstep::delivery {

// An event with its reference resolved (firefly-core.md 10.4), and what filters look at (11.1).
struct EnrichedEvent {
    log::Event event;
    std::string json;  // the delivery object without "subscription" and without the closing brace
    // Of the message: all empty when the event has none.
    std::string tag, author, group;
    std::string transaction_type;                  // of an enriched transaction only
    std::string chain_event_name, chain_listener;  // of a blockchain event
};

class Enricher {
  public:
    virtual ~Enricher() = default;
    // On a reader's thread; thread-safe. An object that is not here leaves its member absent.
    virtual std::vector<EnrichedEvent> enrich(store::Snapshot& snapshot, std::vector<log::Event> events) const = 0;
};

}  // namespace lockstep::delivery
