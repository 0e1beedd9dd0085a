// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The parking table: every pin whose message is not decided, and what each waits for. A context is
// blocked for a pin while an earlier pin of the same context stands here.
//
//   parked_pins      (context, pin)      one row a pin: the queue of each context
//   parked_batches   (event, payload)    whole batches whose payload is missing
//   parked_messages  (first pin, …)      messages that are here and wait for a pin before them or an identity
//   parked_datatypes (first pin, …)      what their document says of the datatypes of their data: others may have
//                                        stored the same values under other datatypes
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/positions.hpp"
#include "sequencer/decide.hpp"
#include "store/database.hpp"

namespace lockstep::sequencer {

struct ParkedMessage {
    PinOrder first_pin = 0;
    std::int64_t message_seq = 0;  // row in messages
    std::int64_t topics = 0;
    WaitFor wait = WaitFor::nothing;
    std::string missing;
    Time since;
};

struct ParkedBatch {
    std::int64_t event = 0;
    Hash payload;
    Time since;
};

// A context with undecided pins.
struct ParkedQueue {
    Hash context;
    PinOrder first = 0;
    std::int64_t pins = 0;
};

// That a message's data at this place is of that datatype.
struct TypedRef {
    std::int64_t position = 0;
    DatatypeRef datatype;
};

class Parking {
  public:
    explicit Parking(NamespaceId ns) : ns_(ns) {}

    // The first undecided pin of a context, if any.
    std::optional<PinOrder> first(store::Session& session, const Hash& context) const;
    void park_pin(store::Transaction& tx, const Hash& context, PinOrder pin) const;
    void unpark_pin(store::Transaction& tx, const Hash& context, PinOrder pin) const;

    void park_batch(store::Transaction& tx, const ParkedBatch& batch) const;
    void unpark_batch(store::Transaction& tx, std::int64_t event) const;
    std::vector<ParkedBatch> batches_waiting_for(store::Session& session, const Hash& payload) const;
    bool batch_parked(store::Session& session, std::int64_t event) const;
    std::vector<ParkedBatch> batches(store::Session& session) const;

    // Inserts, or changes what it waits for.
    void park_message(store::Transaction& tx, const ParkedMessage& message) const;
    void unpark_message(store::Transaction& tx, PinOrder first_pin) const;
    void park_types(store::Transaction& tx, PinOrder first_pin, const std::vector<TypedRef>& types) const;
    std::vector<TypedRef> types_of(store::Session& session, PinOrder first_pin) const;
    // The parked message that `pin` belongs to.
    std::optional<ParkedMessage> message_of(store::Session& session, PinOrder pin) const;
    // The first pins under which that message is parked: it may be pinned more than once.
    std::vector<PinOrder> first_pins_of(store::Session& session, std::int64_t message_seq) const;
    std::vector<ParkedMessage> messages_waiting_for(store::Session& session,
                                                    WaitFor wait,
                                                    std::string_view missing) const;

    // False while the pin is undecided (for GET pins).
    bool dispatched(store::Session& session, const Hash& context, PinOrder pin) const;
    std::int64_t count(store::Session& session) const;

    // For people, in the order of the ledger.
    std::vector<ParkedQueue> queues(store::Session& session, std::size_t most) const;
    std::vector<ParkedMessage> messages(store::Session& session, std::size_t most) const;
    std::vector<PinOrder> pins_of(store::Session& session, const Hash& context, std::size_t most) const;
    // In which a pin of this chain event is undecided.
    std::vector<Hash> contexts_of(store::Session& session, std::int64_t event) const;

  private:
    NamespaceId ns_;
};

store::Migrations schema();

}  // namespace lockstep::sequencer
