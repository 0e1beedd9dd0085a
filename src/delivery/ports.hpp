// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What delivery needs from siblings: the object that an event refers to, and a voice.
#pragma once

#include <string>
#include <vector>

#include "async/tap.hpp"
#include "log/timeline.hpp"
#include "messaging/input.hpp"
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

// Says what webhooks answer to messages (firefly-core.md 13.3). Implemented over messaging's Sender.
class Replier {
  public:
    virtual ~Replier() = default;
    // A broadcast, or private when `reply` has a group. That its idempotency key is used means that it was sent
    // before, and is no error.
    virtual Task<Result<void>> send(messaging::MessageInput reply) = 0;
};

}  // namespace lockstep::delivery
