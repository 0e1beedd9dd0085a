// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "sequencer/blocked.hpp"

#include <algorithm>
#include <set>

#include "chain/chain_events.hpp"
#include "core/group.hpp"
#include "identity/ledger_key.hpp"
#include "messaging/rows.hpp"
#include "registry/refusals.hpp"
#include "sequencer/blob_waits.hpp"
#include "sequencer/parking.hpp"
#include "sequencer/private_pins.hpp"
#include "sequencer/unpinned_waits.hpp"
#include "swarm/exchange.hpp"

namespace lockstep::sequencer {

namespace {

struct Look {
    store::Session& session;
    NamespaceId ns;
    Parking parking;
    PrivatePins pins;
    UnpinnedWaits unpinned;
    BlobWaits blobs;

    Look(store::Session& of, NamespaceId in) : session(of), ns(in), parking(in), pins(in), unpinned(in), blobs(in) {}
};

// Documents are long, and each has to be read to say what it is.
constexpr std::size_t unpinned_most = 100;

std::string sentence(const Blockage& blockage) {
    auto const& missing = blockage.missing;
    switch (blockage.reason) {
        case WaitFor::batch: return "the document of batch " + blockage.batch->text() + " is not here";
        case WaitFor::identity: return "nobody is registered as " + missing;
        case WaitFor::group: return "the group " + missing + " is not defined here";
        case WaitFor::blob: return "the bytes of blob " + missing + " are not here";
        case WaitFor::nonce: return "its author has pins before this one that are not here";
        case WaitFor::pin: return "another of its topics is blocked";
        case WaitFor::datatype: return "what is undecided in the context " + missing + " may be a definition for it";
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
    if (out.reason != WaitFor::identity || out.group) return out;
    auto const account = identity::normalise_address(out.missing);
    if (account && registry::first_claim(look.session, look.ns, *account) == INT64_MAX) out.refusable_key = *account;
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

// Documents that no pin speaks for.
std::vector<Blockage> unpinned(Look& look) {
    std::vector<Blockage> out;
    auto const add = [&](WaitFor reason, std::string missing, const Hash& payload) {
        auto const bytes = swarm::Exchange::staged(look.session, look.ns, payload);
        if (!bytes) return;
        auto const document = parse_private_document(as_text(*bytes));
        if (!document || document->batch.messages.empty() || !document->batch.group) return;
        auto const& first = document->batch.messages.front().header;
        Blockage blockage;
        blockage.topic = first.topics.empty() ? "" : first.topics.front();
        blockage.group = document->batch.group;
        blockage.context = private_context(blockage.topic, *blockage.group);
        blockage.reason = reason;
        blockage.missing = std::move(missing);
        blockage.since = swarm::Exchange::staged_since(look.session, look.ns, payload);
        blockage.behind = static_cast<std::int64_t>(document->batch.messages.size()) - 1;
        blockage.batch = document->batch.id;
        blockage.message = first.id;
        blockage.payload = payload;
        blockage.detail = sentence(blockage);
        out.push_back(std::move(blockage));
    };
    for (auto& wait : look.unpinned.all(look.session, unpinned_most))
        add(WaitFor::identity, std::move(wait.missing), wait.payload);
    for (auto const& [blob, payload] : look.blobs.documents(look.session, unpinned_most))
        add(WaitFor::blob, blob.text(), payload);
    return out;
}

}  // namespace

std::vector<Blockage> blockages(store::Session& session, NamespaceId ns, std::size_t most) {
    Look look(session, ns);
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
    for (auto& blockage : unpinned(look)) {
        if (out.size() < most) out.push_back(std::move(blockage));
    }
    return out;
}

std::optional<Rewound> find_rewind(store::Session& session, NamespaceId ns, const RewindTarget& target) {
    Look look(session, ns);
    Rewound out;
    std::set<std::int64_t> events;
    if (target.context) {
        for (auto const& blockage : unpinned(look)) {
            if (blockage.context == *target.context) out.unpinned.push_back(*blockage.payload);
        }
        if (auto const first = look.parking.first(session, *target.context)) {
            events.insert(event_of(*first));
            out.contexts.push_back(*target.context);
        }
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
    auto found = !out.unpinned.empty();
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
