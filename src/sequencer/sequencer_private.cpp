// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Private messages (firefly-core.md 8.6). Each topic of a group is a queue of the masked pins whose turn it is: for
// each member the one pin that it must write next, in the order of the ledger. A member that has the documents of some
// knows of the others too, and waits for them; so every member of the group settles in the same order.
#include <algorithm>
#include <span>

#include "base/logging.hpp"
#include "base/must.hpp"
#include "core/errors.hpp"
#include "core/json.hpp"
#include "registry/errors.hpp"
#include "registry/groups.hpp"
#include "sequencer/detail/work.hpp"
#include "sequencer/errors.hpp"

namespace lockstep::sequencer {

namespace {

Verdict inconsistent(std::string_view why) {
    return Verdict::reject(refuse(errors::batch_inconsistent, {{"reason", why}}).message());
}

}  // namespace

// One pin of a message in its queue.
struct Sequencer::Turn {
    Hash context, hash;
    std::string topic;
    PinOrder pin = 0;
    std::uint64_t nonce = 0;
    bool is_next = false;
};

bool Sequencer::has_its_turn(const std::vector<Turn>& turns) {
    return !turns.empty() && std::all_of(turns.begin(), turns.end(), [](auto const& turn) { return turn.is_next; });
}

void Sequencer::take_masked_pin(Work& work, const chain::ChainEventRow& event) {
    auto const& pin = event.event.pin;
    if (static_cast<std::int64_t>(pin.contexts.size()) >= pins_per_batch_max) return;  // nobody seals such a batch
    pins_.keep_batch(work.tx, pin.batch, event.seq);
    for (std::size_t i = 0; i < pin.contexts.size(); ++i) {
        auto const order = pin_order(event.seq, static_cast<std::int64_t>(i));
        pins_.keep_pin(work.tx, pin.contexts[i], order);
        auto const next = pins_.expected(work.tx, pin.contexts[i]);
        // Anybody can write the hash that somebody else has written before.
        if (!next || signer_of(work, event.event.author).did != next->identity) continue;
        parking_.park_pin(work.tx, next->context, order);
        ++work.out.counts.parked;
    }
    auto const [first, last] = work.prepared.private_documents.equal_range(pin.batch);
    for (auto arrived = first; arrived != last; ++arrived) {
        if (settle_private(work, event, arrived->second)) return;
    }
}

void Sequencer::take_private_document(Work& work, const Hash& payload) {
    if (!work.prepared.has_private.contains(payload)) return;
    auto const ns = profile_.ns;
    auto const& all = work.prepared.private_documents;
    auto const arrived =
        std::find_if(all.begin(), all.end(), [&](auto const& one) { return one.second.payload == payload; });
    MUST(arrived != all.end(), "both are filled together");
    auto const& batch = arrived->second.document.batch;
    if (batch.tx.type == TxType::unpinned) {
        if (take_unpinned(work, arrived->second)) swarm::Exchange::take(work.tx, ns, payload);
        return;
    }
    auto settled = false;
    for (auto const event : pins_.events_of(work.tx, batch.id))
        settled = settle_private(work, event_row(work, event), arrived->second) || settled;
    if (settled) return;
    if (messaging::find_batch(work.tx, ns, batch.id)) {
        swarm::Exchange::take(work.tx, ns, payload);  // once more
    } else {
        pins_.keep_document(work.tx, batch.id, payload);  // its pin will find it
    }
}

// False when the document is not what this pin is of. It is no reason to reject anything: anybody can send one.
bool Sequencer::settle_private(Work& work, const chain::ChainEventRow& event, const ArrivedPrivate& arrived) {
    auto const ns = profile_.ns;
    auto const& batch = arrived.document.batch;
    auto fault = judge_private_batch(batch, event.event, profile_.network_namespace);
    auto const signer = signer_of(work, event.event.author).did;
    if (!fault && signer && *signer != batch.author) fault = "the pin is signed by somebody else";
    if (fault) {
        logging::info("a document is not of its pin", {{"batch", batch.id.text()}, {"reason", *fault}});
        return false;
    }
    pins_.drop_batch(work.tx, batch.id, event.seq);
    confirm_batch(work, batch, arrived.payload, messaging::find_batch(work.tx, ns, batch.id));

    auto const carried = Carried::of(batch);
    std::int64_t index = 0;
    for (auto const& message : batch.messages) {
        auto const first_pin = pin_order(event.seq, index);
        index += static_cast<std::int64_t>(message.header.topics.size());
        auto row = messaging::find_message(work.tx, ns, message.header.id, message.hash);
        auto const own = row && (row->state == MessageState::sent || row->state == MessageState::ready);
        if (!row) row = keep_private(work, message, batch, MessageState::pending, Time{});
        decide_private(work, event, first_pin, *row, carried, own);
    }
    if (arrived.staged) {
        swarm::Exchange::take(work.tx, ns, arrived.payload);
        pins_.drop_document(work.tx, batch.id, arrived.payload);
    }
    return true;
}

messaging::MessageRow Sequencer::keep_private(
    Work& work, const Message& message, const Batch& batch, MessageState state, Time confirmed) {
    messaging::MessageRow row;
    row.message = message;
    row.state = state;
    row.confirmed = confirmed;
    row.batch = batch.id;
    row.tx = batch.tx.id;
    row.seq = messaging::insert(work.tx, profile_.ns, row);
    for (auto const& ref : message.data) {
        auto const item = std::find_if(batch.data.begin(), batch.data.end(),
                                       [&](auto const& one) { return one.id == ref.id && one.hash == ref.hash; });
        if (item != batch.data.end()) messaging::insert(work.tx, profile_.ns, *item, row.seq);
    }
    return row;
}

// firefly-core.md 7.3: nothing on the ledger speaks for it, so the node that has sent it has to be the author's.
bool Sequencer::take_unpinned(Work& work, const ArrivedPrivate& arrived) {
    auto const ns = profile_.ns;
    auto const now = work.prepared.now;
    auto const& batch = arrived.document.batch;
    auto const verdict = judge_unpinned(work, arrived);
    if (verdict.answer == Answer::wait) {
        logging::info("an unpinned message waits", {{"batch", batch.id.text()}, {"for", verdict.missing}});
        unpinned_waits_.put(work.tx, verdict.missing, arrived.payload);
        return false;
    }
    if (verdict.answer == Answer::reject) {
        logging::warn("an unpinned message is dropped", {{"batch", batch.id.text()}, {"reason", verdict.reason}});
        return true;
    }
    if (messaging::find_batch(work.tx, ns, batch.id)) return true;  // once more
    if (!has_blobs_of(work, arrived)) return false;
    registry::insert(work.tx, ns, {0, *arrived.document.group, std::nullopt});
    work.found.emplace(WaitFor::group, arrived.document.group->hash.text());
    confirm_batch(work, batch, arrived.payload, std::nullopt);
    for (auto const& message : batch.messages) {
        if (messaging::find_message(work.tx, ns, message.header.id, message.hash)) continue;
        keep_private(work, message, batch, MessageState::confirmed, now);
        announce(work, message, *batch.tx.id, true, false);
    }
    return true;
}

// Who is not registered here may be on the way: its sender was told that the message has arrived.
Verdict Sequencer::judge_unpinned(Work& work, const ArrivedPrivate& arrived) {
    auto const ns = profile_.ns;
    auto const& [group, batch] = arrived.document;
    if (!group) return Verdict::reject("it does not bring its group");
    if (batch.namespace_ != profile_.network_namespace) return Verdict::reject("it is of another namespace");
    auto const* const member = group->member(batch.author);
    if (!member || !batch.node || member->node != *batch.node)
        return Verdict::reject("its author is no member, or of another node");
    auto const judged = registry::judge_members(work.tx, ns, *group);
    if (judged.kind == registry::GroupVerdict::Kind::waits) return Verdict::wait_for(WaitFor::identity, judged.missing);
    if (judged.kind == registry::GroupVerdict::Kind::bad) return Verdict::reject(judged.reason);
    auto const node = registry::find_identity(work.tx, ns, *batch.node);
    if (json::Value{node->profile}["id"].as_string() != arrived.peer)
        return Verdict::reject("another node has sent it");
    auto const signer = signer_of(work, batch.key).did;
    if (!signer) return Verdict::wait_for(WaitFor::identity, batch.key);
    if (*signer != batch.author) return Verdict::reject("its key is not its author's");
    return Verdict::confirm();
}

void Sequencer::look_again_at_unpinned(Work& work, const std::string& found) {
    for (auto const& payload : unpinned_waits_.take(work.tx, found)) {
        inbox_.append(work.tx, swarm::payload_entry, payload.view());
        work.out.more = true;
    }
}

bool Sequencer::decide_private(Work& work,
                               const chain::ChainEventRow& event,
                               PinOrder first_pin,
                               messaging::MessageRow& row,
                               const Carried& carried,
                               bool own) {
    auto const ns = profile_.ns;
    auto const now = work.prepared.now;
    auto const& message = row.message;
    std::vector<Turn> turns;
    auto verdict = judge_private(work, event, first_pin, row, carried, turns);
    auto const topics = static_cast<std::int64_t>(message.header.topics.size());
    std::vector<Hash> missing;
    if (verdict.answer == Answer::confirm && row.state != MessageState::confirmed && !own)
        missing = missing_blobs(work, message, nullptr);
    if (!missing.empty()) verdict = Verdict::wait_for(WaitFor::blob, missing.front().text());
    if (verdict.answer == Answer::wait) {
        parking_.park_message(work.tx, {first_pin, row.seq, topics, verdict.wait, verdict.missing, now});
        if (carried.data) parking_.park_types(work.tx, first_pin, types_of(work, first_pin, message, carried));
        if (!missing.empty()) await_blobs(work, message, row.seq, missing);
        return false;
    }
    auto const confirmed = verdict.answer == Answer::confirm;
    auto const done = row.state == MessageState::confirmed || (row.state == MessageState::rejected && !confirmed);
    if (!done) {
        row.state = confirmed ? MessageState::confirmed : MessageState::rejected;
        messaging::settle(work.tx, ns, row.seq, row.state, now, verdict.reason);
        // Events come in the order of turns; what never has one is rejected in silence, as who is not in the group.
        if (has_its_turn(turns)) announce(work, message, event.event.pin.tx, confirmed, own);
    }
    parking_.unpark_message(work.tx, first_pin);
    auto const contexts = std::span(event.event.pin.contexts).subspan(static_cast<std::size_t>(index_of(first_pin)));
    for (std::int64_t i = 0; i < topics; ++i)
        pins_.drop_pin(work.tx, contexts[static_cast<std::size_t>(i)], first_pin + i);
    for (auto const& turn : turns) {
        parking_.unpark_pin(work.tx, turn.context, turn.pin);
        work.freed.insert(turn.context);
    }
    for (auto const& turn : turns) {
        if (turn.is_next) advance(work, turn, message.header);
    }
    ++work.out.counts.unparked;
    // Under other pins it waits for nothing any more, not even under one whose hash is nobody's turn.
    for (auto const pin : parking_.first_pins_of(work.tx, row.seq)) {
        if (auto const other = parking_.message_of(work.tx, pin); other && pin != first_pin) try_parked(work, *other);
    }
    return true;
}

Verdict Sequencer::judge_private(Work& work,
                                 const chain::ChainEventRow& event,
                                 PinOrder first_pin,
                                 const messaging::MessageRow& row,
                                 const Carried& carried,
                                 std::vector<Turn>& turns) {
    auto const ns = profile_.ns;
    auto const& message = row.message;
    auto const& header = message.header;
    if (header.type == MessageType::groupinit) {
        if (auto const fault = learn_group(work, message)) return *fault;
    }
    auto const known = registry::find_group(work.tx, ns, *header.group);
    if (!known) return Verdict::wait_for(WaitFor::group, header.group->text());
    auto const& group = known->group;
    if (!group.member(header.author)) return inconsistent("its author is not in the group");
    auto const signer = signer_of(work, event.event.author).did;
    if (!signer) return Verdict::wait_for(WaitFor::identity, event.event.author);
    if (*signer != header.author)
        return Verdict::reject(
            refuse(errors::author_differs_from_identity, {{"author", header.author}, {"identity", *signer}}).message());

    std::optional<Verdict> waits;
    auto const contexts = std::span(event.event.pin.contexts).subspan(static_cast<std::size_t>(index_of(first_pin)));
    for (std::size_t i = 0; i < header.topics.size(); ++i) {
        Turn turn;
        turn.topic = header.topics[i];
        turn.context = private_context(turn.topic, group.hash);
        turn.hash = contexts[i];
        turn.pin = first_pin + static_cast<std::int64_t>(i);
        auto next = pins_.next(work.tx, turn.context, header.author);
        if (!next) {
            open_context(work, turn.context, turn.topic, group);
            next = pins_.next(work.tx, turn.context, header.author);
        }
        turn.nonce = next->nonce;
        turn.is_next = next->hash == turn.hash;
        turns.push_back(turn);
        if (turn.is_next) {
            parking_.park_pin(work.tx, turn.context, turn.pin);
            auto const first = parking_.first(work.tx, turn.context);
            if (*first < turn.pin && !waits) waits = Verdict::wait_for(WaitFor::pin, turn.context.text());
            continue;
        }
        if (row.state == MessageState::confirmed) continue;  // pinned twice: this one only steps aside
        auto const said = i < message.pins.size() ? parse_private_pin(message.pins[i]) : std::nullopt;
        if (said && said->hash == turn.hash && said->nonce < next->nonce) {
            for (auto& one : turns) one.is_next = false;
            return inconsistent("its nonce was used before");
        }
        waits = Verdict::wait_for(WaitFor::nonce, next->hash.text());
    }
    if (waits) return *waits;
    if (header.key != event.event.author)
        return Verdict::reject(
            refuse(errors::key_differs_from_signer, {{"key", header.key}, {"signer", event.event.author}}).message());
    if (header.type == MessageType::groupinit || row.state == MessageState::confirmed) return Verdict::confirm();
    return judge_values(work, first_pin, message, carried);
}

// A group is known to whoever has read its definition, even while the message that brought it waits for its turn. Empty
// when it is known.
std::optional<Verdict> Sequencer::learn_group(Work& work, const Message& message) {
    auto const ns = profile_.ns;
    auto const& header = message.header;
    auto const invalid = [&](std::string_view why) {
        return Verdict::reject(
            refuse(errors::definition_not_valid, {{"id", header.id.text()}, {"reason", why}}).message());
    };
    if (header.tag != group_tag || header.topics.size() != 1 || header.topics[0] != header.group->text())
        return invalid("its tag or topic is not a group's");
    auto const data = message.data.size() == 1 ? messaging::find_data(work.tx, ns, message.data[0]) : std::nullopt;
    if (!data) return invalid("it has not exactly one value");
    auto const group = parse_group(data->value);
    if (!group) return invalid(group.error().message());
    if (group->hash != *header.group || group->namespace_ != profile_.network_namespace)
        return invalid("it defines another group than it names");
    // Also of a group that is known: this member may have made it itself, and others' messages may wait for it.
    work.found.emplace(WaitFor::group, group->hash.text());
    if (registry::find_group(work.tx, ns, group->hash)) return std::nullopt;
    auto const judged = registry::judge_members(work.tx, ns, *group);
    if (judged.kind == registry::GroupVerdict::Kind::waits) return Verdict::wait_for(WaitFor::identity, judged.missing);
    if (judged.kind == registry::GroupVerdict::Kind::bad) return invalid(judged.reason);
    registry::insert(work.tx, ns, {0, *group, header.id});
    return std::nullopt;
}

void Sequencer::open_context(Work& work, const Hash& context, const std::string& topic, const Group& group) {
    pins_.name(work.tx, context, {topic, group.hash});
    for (auto const& member : group.members) {
        if (pins_.next(work.tx, context, member.identity)) continue;  // it has two nodes
        NextPin const next{context, member.identity, masked_pin(topic, group.hash, member.identity, 0), 0};
        pins_.put(work.tx, next);
        queue_kept(work, next);
    }
}

// Pins that were seen before anybody knew whose turn they are.
void Sequencer::queue_kept(Work& work, const NextPin& next) {
    for (auto const pin : pins_.kept(work.tx, next.hash)) {
        if (signer_of(work, event_row(work, event_of(pin)).event.author).did != next.identity) continue;
        parking_.park_pin(work.tx, next.context, pin);
    }
}

// That turn is over: of all pins of this hash, written once or more often, and the author's next one has begun.
void Sequencer::advance(Work& work, const Turn& turn, const MessageHeader& header) {
    auto stale = pins_.kept(work.tx, turn.hash);
    stale.push_back(turn.pin);
    for (auto const pin : stale) {
        parking_.unpark_pin(work.tx, turn.context, pin);
        pins_.drop_pin(work.tx, turn.hash, pin);
    }
    NextPin const next{turn.context, header.author,
                       masked_pin(turn.topic, *header.group, header.author, turn.nonce + 1), turn.nonce + 1};
    pins_.put(work.tx, next);
    queue_kept(work, next);
    // What waited for the same turn has missed it: the same message under a second pin, or another one.
    for (auto const pin : stale) {
        if (auto const parked = parking_.message_of(work.tx, pin)) try_parked(work, *parked);
    }
}

const chain::ChainEventRow& Sequencer::event_row(Work& work, std::int64_t seq) {
    auto event = work.loaded.find(seq);
    if (event == work.loaded.end()) {
        auto loaded = chain::find_event(work.tx, profile_.ns, seq);
        MUST(loaded, "what is parked is of a stored chain event");
        event = work.loaded.emplace(seq, std::move(*loaded)).first;
    }
    return event->second;
}

}  // namespace lockstep::sequencer
