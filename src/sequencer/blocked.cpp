// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "sequencer/blocked.hpp"

#include <algorithm>
#include <set>

#include "chain/chain_events.hpp"
#include "messaging/rows.hpp"
#include "sequencer/parking.hpp"
#include "sequencer/private_pins.hpp"

namespace lockstep::sequencer {

namespace {

struct Look {
    store::Session& session;
    NamespaceId ns;
    Parking parking;
    PrivatePins pins;
};

std::string sentence(const Blockage& blockage) {
    auto const& missing = blockage.missing;
    switch (blockage.reason) {
        case WaitFor::batch: return "the document of batch " + blockage.batch->text() + " is not here";
        case WaitFor::identity: return "nobody is registered as " + missing;
        case WaitFor::group: return "the group " + missing + " is not defined here";
        case WaitFor::blob: return "the bytes of blob " + missing + " are not here";
        case WaitFor::nonce: return "its author has pins before this one that are not here";
        case WaitFor::pin: return "another of its topics is blocked";
        case WaitFor::datatype: return "what is undecided in the context " + missing + " may define a datatype of it";
        default: return "it waits for " + missing;
    }
}

// The message says which topic and group its pin stands for.
void describe(Look& look, Blockage& blockage, const ParkedMessage& parked, PinOrder pin) {
    auto const row = messaging::load_message(look.session, look.ns, parked.message_seq);
    if (!row) return;
    auto const& header = row->message.header;
    auto const index = static_cast<std::size_t>(pin - parked.first_pin);
    if (index < header.topics.size()) blockage.topic = header.topics[index];
    blockage.group = header.group;
}

void name_context(Look& look, Blockage& blockage) {
    if (!blockage.topic.empty()) return;
    if (auto const name = look.pins.name_of(look.session, blockage.context)) {
        blockage.topic = name->topic;
        blockage.group = name->group;
        return;
    }
    for (auto const pin : look.parking.pins_of(look.session, blockage.context, 50)) {
        auto const parked = look.parking.message_of(look.session, pin);
        if (!parked) continue;
        return describe(look, blockage, *parked, pin);
    }
}

Blockage of_message(Look& look, const ParkedMessage& parked, PinOrder pin) {
    Blockage out;
    out.pin = pin;
    out.reason = parked.wait;
    out.missing = parked.missing;
    out.since = parked.since;
    if (auto const row = messaging::load_message(look.session, look.ns, parked.message_seq)) {
        out.message = row->message.header.id;
        out.batch = row->batch;
    }
    describe(look, out, parked, pin);
    return out;
}

// Its first pin belongs to a document that is not here.
Blockage of_missing_document(Look& look, PinOrder pin) {
    Blockage out;
    out.pin = pin;
    out.reason = WaitFor::batch;
    auto const event = chain::find_event(look.session, look.ns, event_of(pin));
    if (!event) return out;
    out.batch = event->event.pin.batch;
    out.since = event->created;
    auto const& payload = event->event.pin.payload_ref;
    out.missing = payload.empty() ? out.batch->text() : payload;
    return out;
}

}  // namespace

std::vector<Blockage> blockages(store::Session& session, NamespaceId ns, std::size_t most) {
    Look look{session, ns, Parking(ns), PrivatePins(ns)};
    std::vector<Blockage> out;
    std::set<PinOrder> told;  // first pins of messages
    for (auto const& queue : look.parking.queues(session, most)) {
        auto const parked = look.parking.message_of(session, queue.first);
        auto blockage = parked ? of_message(look, *parked, queue.first) : of_missing_document(look, queue.first);
        if (parked) told.insert(parked->first_pin);
        blockage.context = queue.context;
        blockage.behind = queue.pins - 1;
        name_context(look, blockage);
        blockage.detail = sentence(blockage);
        out.push_back(std::move(blockage));
    }
    // Messages of groups whose pins are in no queue: their turn is not known yet.
    for (auto const& parked : look.parking.messages(session, most)) {
        if (out.size() >= most) break;
        if (parked.wait == WaitFor::pin || told.contains(parked.first_pin)) continue;
        auto blockage = of_message(look, parked, parked.first_pin);
        auto const event = chain::find_event(session, ns, event_of(parked.first_pin));
        if (blockage.group) {
            blockage.context = private_context(blockage.topic, *blockage.group);
        } else if (event) {
            blockage.context = event->event.pin.contexts[static_cast<std::size_t>(index_of(parked.first_pin))];
        }
        blockage.detail = sentence(blockage);
        out.push_back(std::move(blockage));
    }
    std::sort(out.begin(), out.end(), [](auto const& a, auto const& b) { return a.pin < b.pin; });
    return out;
}

std::optional<Rewound> find_rewind(store::Session& session, NamespaceId ns, const RewindTarget& target) {
    Look look{session, ns, Parking(ns), PrivatePins(ns)};
    Rewound out;
    std::set<std::int64_t> events;
    if (target.context) {
        auto const first = look.parking.first(session, *target.context);
        if (!first) return std::nullopt;
        events.insert(event_of(*first));
        out.contexts.push_back(*target.context);
    } else if (target.pin) {
        events.insert(event_of(*target.pin));
    } else if (target.batch) {
        if (auto const batch = messaging::find_batch(session, ns, *target.batch); batch && batch->batch.tx.id) {
            for (auto const& event : chain::events_of_transaction(session, ns, *batch->batch.tx.id))
                events.insert(event.seq);
        }
        for (auto const event : look.pins.events_of(session, *target.batch)) events.insert(event);
        for (auto const& parked : look.parking.batches(session)) {
            auto const event = chain::find_event(session, ns, parked.event);
            if (event && event->event.pin.batch == *target.batch) events.insert(parked.event);
        }
        out.batch = target.batch;
    }
    auto found = false;
    for (auto const seq : events) {
        auto const event = chain::find_event(session, ns, seq);
        if (!event) continue;
        auto const& pin = event->event.pin;
        if (target.batch && pin.batch != *target.batch) continue;
        if (target.pin && index_of(*target.pin) >= static_cast<std::int64_t>(pin.contexts.size())) continue;
        found = true;
        out.batch = pin.batch;
        if (!target.context) {
            for (auto const& context : look.parking.contexts_of(session, seq)) out.contexts.push_back(context);
        }
        if (look.parking.batch_parked(session, seq)) {
            if (auto const payload = Hash::parse(pin.payload_ref)) out.payloads.push_back(*payload);
        }
    }
    if (!found) return std::nullopt;
    return out;
}

}  // namespace lockstep::sequencer
