// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "sequencer/sequencer.hpp"

#include <algorithm>
#include <span>

#include "base/logging.hpp"
#include "base/must.hpp"
#include "core/errors.hpp"
#include "core/json.hpp"
#include "operations/operations.hpp"
#include "registry/errors.hpp"
#include "registry/refusals.hpp"
#include "registry/registry.hpp"
#include "sequencer/detail/work.hpp"
#include "transactions/submitter.hpp"

namespace lockstep::sequencer {

namespace {
constexpr std::string_view pin_topic = "ff_batch_pin";
// Inbox: key is what was waited for.
constexpr std::string_view identity_entry = "identity", group_entry = "group", datatype_entry = "datatype";

std::string_view entry_of(WaitFor wait) {
    if (wait == WaitFor::group) return group_entry;
    return wait == WaitFor::datatype ? datatype_entry : identity_entry;
}

// By its first member: a document is long, and is parsed once.
bool looks_private(std::string_view document) {
    return document.starts_with(R"({"group":)") || document.starts_with(R"({"batch":)");
}
}  // namespace

Sequencer::Sequencer(const messaging::MemberProfile& profile,
                     store::Database& database,
                     WallClock& clock,
                     Chance& chance,
                     flow::Feed& inbox,
                     log::Timeline& timeline,
                     swarm::Exchange& exchange,
                     Settled& settled,
                     Hooks hooks,
                     Options options)
    : profile_(profile),
      database_(database),
      clock_(clock),
      inbox_(inbox),
      timeline_(timeline),
      exchange_(exchange),
      settled_(settled),
      hooks_(std::move(hooks)),
      options_(options),
      salt_(chance.next()),
      parking_(profile.ns),
      pins_(profile.ns),
      blob_waits_(profile.ns),
      unpinned_waits_(profile.ns) {}

Task<void> Sequencer::start() {
    auto load = [parking = parking_](store::Snapshot& snapshot) { return parking.batches(snapshot); };
    auto const parked = co_await database_.read(std::move(load));
    for (auto const& batch : parked) exchange_.want(batch.payload);
    auto load_blobs = [waits = blob_waits_](store::Snapshot& snapshot) { return waits.all(snapshot); };
    auto const blobs = co_await database_.read(std::move(load_blobs));
    for (auto const& blob : blobs) exchange_.want_blob(blob.hash, blob.peers);
}

Task<std::optional<Rewound>> Sequencer::rewind(RewindTarget target) {
    auto look = [this, target](store::Transaction& tx) {
        auto found = find_rewind(tx, profile_.ns, target);
        if (found) {
            for (auto const& context : found->contexts) inbox_.append(tx, context_entry, context.view());
            for (auto const& payload : found->unpinned) inbox_.append(tx, swarm::payload_entry, payload.view());
        }
        return found;
    };
    auto found = co_await database_.write(std::move(look));
    if (!found) co_return found;
    inbox_.tap().ring();
    for (auto const& payload : found->payloads) exchange_.hurry(payload);
    co_return found;
}

// Reads and parses on this side of the writer whatever the page will need.
Task<void> Sequencer::prepare(const flow::Page& page) {
    auto load = [ns = profile_.ns, pins = pins_, blob_waits = blob_waits_, page](store::Snapshot& snapshot) {
        auto prepared = std::make_shared<Prepared>();
        auto const fetch = [&](const Hash& payload) {
            if (prepared->payloads.contains(payload)) return;
            // Ours, or taken before: the messages are rows already and the document is built from them.
            if (auto const row = messaging::find_batch_by_payload(snapshot, ns, payload); row && !row->batch.group) {
                if (auto batch = messaging::load_batch(snapshot, ns, *row)) {
                    prepared->payloads[payload] = {std::move(batch), "", false};
                    return;
                }
            }
            if (auto const bytes = swarm::Exchange::staged(snapshot, ns, payload)) {
                if (looks_private(as_text(*bytes))) {
                    auto document = parse_private_document(as_text(*bytes));
                    // What it is to a pin that names it: the pins of a private one name nothing.
                    auto const fault = document
                                           ? refuse(errors::batch_inconsistent, {{"reason", "it is a private one"}})
                                           : document.error();
                    prepared->payloads[payload] = {std::nullopt, fault.message(), false};
                    if (!document) return;
                    prepared->has_private.insert(payload);
                    auto const batch = document->batch.id;
                    prepared->private_documents.emplace(
                        batch, ArrivedPrivate{std::move(*document), payload,
                                              swarm::Exchange::sender_of(snapshot, ns, payload), true});
                    return;
                }
                auto batch = parse_batch(as_text(*bytes));
                Arrived arrived;
                arrived.staged = true;
                if (batch) {
                    arrived.batch = std::move(*batch);
                } else {
                    arrived.fault = batch.error().message();
                }
                prepared->payloads[payload] = std::move(arrived);
            }
        };
        std::set<Uuid> looked;
        auto const fetch_private = [&](const Uuid& id) {
            if (!looked.insert(id).second) return;
            for (auto const& payload : pins.documents_of(snapshot, id)) fetch(payload);
            auto const row = messaging::find_batch(snapshot, ns, id);
            if (!row || !row->batch.group || !row->payload) return;
            if (auto batch = messaging::load_batch(snapshot, ns, *row)) {
                PrivateDocument document{std::nullopt, std::move(*batch)};
                prepared->private_documents.emplace(id, ArrivedPrivate{std::move(document), *row->payload, "", false});
            }
        };
        for (auto const& entry : page) {
            if (entry.kind == chain::pin_entry) {
                auto event = chain::find_event(snapshot, ns, chain::row_of(entry.key));
                if (!event) continue;
                auto const& pin = event->event.pin;
                if (pin.payload_ref.empty()) {
                    fetch_private(pin.batch);
                } else if (auto const payload = Hash::parse(pin.payload_ref)) {
                    fetch(*payload);
                }
                prepared->events.emplace(event->seq, std::move(*event));
            } else if (entry.kind == swarm::payload_entry) {
                if (auto const payload = Hash::from(entry.key)) fetch(*payload);
            } else if (entry.kind == swarm::blob_entry) {
                if (auto const blob = Hash::from(entry.key)) {
                    for (auto const& payload : blob_waits.documents_of(snapshot, *blob)) fetch(payload);
                }
            }
        }
        return prepared;
    };
    prepared_ = co_await database_.read(std::move(load));
    prepared_->now = clock_.now();
}

void Sequencer::apply(store::Transaction& tx, const flow::Page& page) {
    outcome_ = std::make_shared<Outcome>();
    Work work{tx, *prepared_, *outcome_, options_.settle_max, {}, {}, {}, {}, {}, {}};
    for (auto const& entry : page) {
        if (entry.kind == chain::pin_entry) {
            take_pin(work, chain::row_of(entry.key));
        } else if (entry.kind == swarm::payload_entry) {
            if (auto const payload = Hash::from(entry.key)) take_payload(work, *payload);
        } else if (entry.kind == swarm::blob_entry) {
            if (auto const blob = Hash::from(entry.key)) take_blob(work, *blob);
        } else if (entry.kind == context_entry) {
            if (auto const context = Hash::from(entry.key)) work.freed.insert(*context);
        } else if (entry.kind == identity_entry) {
            work.found.emplace(WaitFor::identity, as_text(entry.key));
        } else if (entry.kind == group_entry) {
            work.found.emplace(WaitFor::group, as_text(entry.key));
        } else if (entry.kind == datatype_entry) {
            work.found.emplace(WaitFor::datatype, as_text(entry.key));
        }
        drain(work);
    }
    timeline_.append(tx, work.events, prepared_->now, salt_);
    outcome_->events = work.events.size();
}

void Sequencer::committed() {
    auto const out = std::move(outcome_);
    counts_.batches += out->counts.batches;
    counts_.confirmed += out->counts.confirmed;
    counts_.rejected += out->counts.rejected;
    counts_.parked += out->counts.parked;
    counts_.unparked += out->counts.unparked;
    counts_.events += out->events;
    for (auto const& payload : out->wanted) exchange_.want(payload);
    for (auto const& payload : out->unwanted) exchange_.unwant(payload);
    for (auto const& blob : out->wanted_blobs) exchange_.want_blob(blob.hash, blob.peers);
    if (out->events > 0) timeline_.tap().ring();
    if (out->more) inbox_.tap().ring();
    for (auto const& account : out->returned) {
        if (hooks_.pin_returned) hooks_.pin_returned(account);
    }
    if (out->registry_changed && hooks_.registry_changed) hooks_.registry_changed();
    for (auto const& one : out->decided) {
        if (one.confirmed && one.message.header.cid) settled_.answer(*one.message.header.cid, one.message.header.id);
    }
    for (auto const& id : out->settled) settled_.settle(id);
    if (hooks_.settled) {
        for (auto const& one : out->decided) hooks_.settled(one.message, one.confirmed, one.own);
    }
}

void Sequencer::take_pin(Work& work, std::int64_t event_seq) {
    auto const found = work.prepared.events.find(event_seq);
    MUST(found != work.prepared.events.end(), "a pin entry is appended in the commit that stores its chain event");
    auto const& row = found->second;
    auto const& event = row.event;
    auto const ns = profile_.ns;
    auto const now = work.prepared.now;

    auto const ledger_id = "0x" + event.tx_hash.text();
    operations::add_blockchain_id(work.tx, ns, event.pin.tx, chain::tx_type_of(event), ledger_id, now);
    log::Event seen;
    seen.type = log::EventType::blockchain_event_received;
    seen.reference = row.id;
    seen.tx = event.pin.tx;
    seen.topic = pin_topic;
    work.events.push_back(seen);
    if (transactions::Submitter::finish(work.tx, ns, event.tx_hash)) {
        json::Writer output;
        output.begin_object()
            .field("blockNumber", std::to_string(event.block.value))
            .field("protocolId", event.protocol_id());
        output.field("transactionHash", ledger_id).end_object();
        operations::update(work.tx, ns, event.pin.tx, operations::OperationType::blockchain_pin_batch,
                           operations::OperationStatus::Succeeded, output.text(), "", now);
        work.out.returned.push_back(event.author);
    }

    if (!event.action.starts_with("firefly:") || event.pin.contexts.empty()) return;
    if (event.pin.payload_ref.empty()) return take_masked_pin(work, row);
    auto const payload = Hash::parse(event.pin.payload_ref);
    if (!payload || static_cast<std::int64_t>(event.pin.contexts.size()) >= pins_per_batch_max) {
        reject_batch(work, row, refuse(errors::not_a_batch, {{"reason", "the pin names no document"}}).message(),
                     false);
        return;
    }
    if (auto const arrived = work.prepared.payloads.find(*payload); arrived != work.prepared.payloads.end()) {
        take_payload(work, *payload);  // pins before this one may wait for it, and its own entry may come later
        auto const is_good = settle_batch(work, row, arrived->second, false);
        if (is_good && arrived->second.staged) swarm::Exchange::take(work.tx, ns, *payload);
        return;
    }
    parking_.park_batch(work.tx, {row.seq, *payload, now});
    for (std::size_t i = 0; i < event.pin.contexts.size(); ++i)
        parking_.park_pin(work.tx, event.pin.contexts[i], pin_order(row.seq, static_cast<std::int64_t>(i)));
    work.out.counts.parked += event.pin.contexts.size();
    work.out.wanted.push_back(*payload);
    note_download(work, row, *payload);
}

// firefly-core.md 7.2: what is not here when its pin comes is an operation that people can follow.
void Sequencer::note_download(Work& work, const chain::ChainEventRow& event, const Hash& payload) {
    operations::OperationRow row;
    row.id = event.id;
    row.id.bytes[6] = (row.id.bytes[6] & 0x0f) | 0x80;  // of version 8: this member makes no others of that
    row.tx = event.event.pin.tx;
    row.type = operations::OperationType::sharedstorage_download_batch;
    row.status = operations::OperationStatus::Pending;
    row.plugin = "lockstep";
    json::Writer input;
    input.begin_object().field("payloadRef", payload.text()).end_object();
    row.input = input.take();
    row.created = row.updated = work.prepared.now;
    operations::insert(work.tx, profile_.ns, row);
}

void Sequencer::take_payload(Work& work, const Hash& payload) {
    auto const waiting = parking_.batches_waiting_for(work.tx, payload);
    take_private_document(work, payload);
    if (waiting.empty()) return;  // sent ahead: its pin finds it
    auto const arrived = work.prepared.payloads.find(payload);
    if (arrived == work.prepared.payloads.end()) return;  // taken by an entry before this one
    auto is_taken = false;
    for (auto const& batch : waiting) {
        auto const event = chain::find_event(work.tx, profile_.ns, batch.event);
        MUST(event, "a parked batch is of a stored chain event");
        parking_.unpark_batch(work.tx, batch.event);
        auto const& pin = event->event.pin;
        json::Writer output;
        output.begin_object().field("batch", pin.batch.text()).end_object();
        operations::update(work.tx, profile_.ns, pin.tx, operations::OperationType::sharedstorage_download_batch,
                           operations::OperationStatus::Succeeded, output.text(), "", work.prepared.now);
        is_taken = settle_batch(work, *event, arrived->second, true) || is_taken;
        note_arrival(work, *event);
    }
    if (is_taken) swarm::Exchange::take(work.tx, profile_.ns, payload);
    work.out.unwanted.push_back(payload);
}

void Sequencer::reject_batch(Work& work,
                             const chain::ChainEventRow& event,
                             const std::string& reason,
                             bool was_parked) {
    auto const& pin = event.event.pin;
    logging::warn("batch rejected", {{"batch", pin.batch.text()}, {"reason", reason}});
    if (!messaging::find_batch(work.tx, profile_.ns, pin.batch)) {
        messaging::BatchRow row;
        row.batch.id = pin.batch;
        row.batch.namespace_ = profile_.network_namespace;
        row.batch.created = row.confirmed = work.prepared.now;
        row.batch.key = event.event.author;
        row.batch.hash = pin.batch_hash;
        row.batch.tx = {chain::tx_type_of(event.event), pin.tx};
        row.payload = Hash::parse(pin.payload_ref);
        row.reject_reason = reason;
        messaging::insert(work.tx, profile_.ns, row);
    }
    log::Event rejected;
    rejected.type = log::EventType::message_rejected;
    rejected.reference = pin.batch;
    rejected.tx = pin.tx;
    rejected.topic = pin_topic;
    work.events.push_back(rejected);
    ++work.out.counts.rejected;
    if (!was_parked) return;
    for (std::size_t i = 0; i < pin.contexts.size(); ++i) {
        parking_.unpark_pin(work.tx, pin.contexts[i], pin_order(event.seq, static_cast<std::int64_t>(i)));
        free_context(work, pin.contexts[i]);
    }
}

bool Sequencer::settle_batch(Work& work, const chain::ChainEventRow& event, const Arrived& arrived, bool was_parked) {
    auto fault = arrived.batch ? judge_batch(*arrived.batch, event.event, profile_.network_namespace)
                               : std::optional(arrived.fault);
    if (fault) {
        reject_batch(work, event, *fault, was_parked);
        return false;
    }
    auto const& batch = *arrived.batch;

    auto const ns = profile_.ns;
    auto known = messaging::find_batch(work.tx, ns, batch.id);
    if (known && !known->reject_reason.empty()) {
        // What somebody has pinned under this id before, and was not it.
        messaging::remove_batch(work.tx, ns, batch.id);
        known.reset();
    }
    confirm_batch(work, batch, Hash::parse(event.event.pin.payload_ref), known);

    note_claims(work, ns, event, batch);
    auto const carried = Carried::of(batch);
    std::int64_t index = 0;
    for (auto const& message : batch.messages) {
        auto const first_pin = pin_order(event.seq, index);
        index += static_cast<std::int64_t>(message.header.topics.size());
        auto known = messaging::find_message(work.tx, ns, message.header.id, message.hash);
        auto const stored = known.has_value();
        messaging::MessageRow row;
        if (stored) {
            row = std::move(*known);
        } else {
            row.message = message;
            row.state = MessageState::pending;
            row.batch = batch.id;
            row.tx = batch.tx.id;
        }
        auto const own = stored && (row.state == MessageState::sent || row.state == MessageState::ready);
        decide(work, event, first_pin, row, carried, own, stored, was_parked);
    }
    return true;
}

// It is here and is what its pin says. `known`: its row, when this member has it already.
void Sequencer::confirm_batch(Work& work,
                              const Batch& batch,
                              const std::optional<Hash>& payload,
                              const std::optional<messaging::BatchRow>& known) {
    auto const ns = profile_.ns;
    auto const now = work.prepared.now;
    ++work.out.counts.batches;
    if (known) {
        if (known->confirmed.is_zero()) messaging::confirm_batch(work.tx, ns, batch.id, now);
        return;
    }
    messaging::BatchRow row;
    row.batch = batch;
    row.batch.messages.clear();
    row.batch.data.clear();
    for (auto const& message : batch.messages) row.message_ids.push_back(message.header.id);
    row.payload = payload;
    row.confirmed = now;
    messaging::insert(work.tx, ns, row);
}

// A message is settled: its row says so already.
void Sequencer::announce(Work& work, const Message& message, const Uuid& tx, bool confirmed, bool own) {
    for (auto const& topic : message.header.topics) {
        log::Event settled;
        settled.type = confirmed ? log::EventType::message_confirmed : log::EventType::message_rejected;
        settled.reference = message.header.id;
        settled.correlator = message.header.cid;
        settled.tx = tx;
        settled.topic = topic;
        work.events.push_back(std::move(settled));
    }
    work.out.settled.push_back(message.header.id);
    work.out.decided.push_back({message, confirmed, own});
    ++(confirmed ? work.out.counts.confirmed : work.out.counts.rejected);
    if (work.budget > 0) --work.budget;
}

const Sequencer::Signer& Sequencer::signer_of(Work& work, const std::string& account) {
    auto signer = work.signers.find(account);
    if (signer == work.signers.end()) {
        auto const owner = registry::find_identity_by_verifier(work.tx, profile_.ns, "ethereum_address", account);
        Signer found{owner ? std::optional(owner->did) : std::nullopt,
                     registry::first_claim(work.tx, profile_.ns, account)};
        signer = work.signers.emplace(account, std::move(found)).first;
    }
    return signer->second;
}

bool Sequencer::decide(Work& work,
                       const chain::ChainEventRow& event,
                       PinOrder first_pin,
                       messaging::MessageRow& row,
                       const Carried& carried,
                       bool own,
                       bool stored,
                       bool parked) {
    auto const ns = profile_.ns;
    auto const now = work.prepared.now;
    auto const& message = row.message;
    auto const topics = message.header.topics.size();
    auto const at = static_cast<std::size_t>(index_of(first_pin));
    auto const contexts = std::span(event.event.pin.contexts).subspan(at, topics);

    MessageFacts facts{event.event.author, {}, {}, {}};
    for (auto const& context : contexts) {
        auto const first = parking_.first(work.tx, context);
        if (first && *first < first_pin) facts.blocked = context;
    }
    if (options_.fault == DeciderFault::forgets_parked_contexts) facts.blocked.reset();
    if (options_.fault == DeciderFault::settles_by_arrival && parked) facts.blocked.reset();
    facts.signer_did = signer_of(work, event.event.author).did;
    facts.refused = judge_key(work, event.event.author, first_pin);

    auto verdict = judge_message(message, facts);
    std::vector<Hash> missing;
    // What is ours has its blobs: they were here when it was stored. Asked first, because a definition takes effect
    // when it is judged.
    if (verdict.answer == Answer::confirm && row.state != MessageState::confirmed && !own)
        missing = missing_blobs(work, message, carried.data);
    if (!missing.empty()) verdict = Verdict::wait_for(WaitFor::blob, missing.front().text());
    Defined defined;
    if (verdict.answer == Answer::confirm && row.state != MessageState::confirmed) {
        verdict = message.header.type == MessageType::definition ? define(work, first_pin, message, carried, defined)
                                                                 : judge_values(work, first_pin, message, carried);
    }

    auto const keep = [&](MessageState state, Time confirmed, const std::string& reason) {
        row.state = state;
        row.confirmed = confirmed;
        row.reject_reason = reason;
        if (stored) {
            if (state != MessageState::pending) messaging::settle(work.tx, ns, row.seq, state, confirmed, reason);
            return;
        }
        row.seq = messaging::insert(work.tx, ns, row);
        stored = true;
        for (auto const& ref : message.data) {
            if (auto const* item = carried.find(ref)) messaging::insert(work.tx, ns, *item, row.seq);
        }
    };

    if (verdict.answer == Answer::wait) {
        if (!stored) keep(MessageState::pending, Time{}, "");
        if (!parked) {
            for (std::size_t i = 0; i < topics; ++i)
                parking_.park_pin(work.tx, contexts[i], first_pin + static_cast<std::int64_t>(i));
            work.out.counts.parked += topics;
        }
        parking_.park_message(
            work.tx, {first_pin, row.seq, static_cast<std::int64_t>(topics), verdict.wait, verdict.missing, now});
        if (carried.data) parking_.park_types(work.tx, first_pin, types_of(work, first_pin, message, carried));
        if (!missing.empty()) await_blobs(work, message, row.seq, missing);
        return false;
    }

    // What was confirmed by an earlier pin of the same message stays, and these pins only step aside. What was
    // rejected may be confirmed, since anyone can pin a message of somebody else, but is not rejected twice.
    auto const done = row.state == MessageState::confirmed ||
                      (row.state == MessageState::rejected && verdict.answer == Answer::reject);
    if (!done) {
        auto const confirmed = verdict.answer == Answer::confirm;
        keep(confirmed ? MessageState::confirmed : MessageState::rejected, now, verdict.reason);
        announce(work, message, event.event.pin.tx, confirmed, own);
        if (confirmed) announce(work, defined, event.event.pin.tx);
    }
    if (parked) {
        for (std::size_t i = 0; i < topics; ++i) {
            parking_.unpark_pin(work.tx, contexts[i], first_pin + static_cast<std::int64_t>(i));
            free_context(work, contexts[i]);
        }
        parking_.unpark_message(work.tx, first_pin);
        work.out.counts.unparked += topics;
    }
    return true;
}

void Sequencer::try_parked(Work& work, const ParkedMessage& parked) {
    auto const& event = event_row(work, event_of(parked.first_pin));
    auto row = messaging::load_message(work.tx, profile_.ns, parked.message_seq);
    MUST(row, "a parked message is stored");
    auto const own = row->state == MessageState::sent || row->state == MessageState::ready;
    if (row->message.header.group) {
        decide_private(work, event, parked.first_pin, *row, {}, own);
        return;
    }
    decide(work, event, parked.first_pin, *row, {}, own, true, true);
}

// Its first undecided pin may be another one now, or none. Messages of other topics may have waited for that, too.
void Sequencer::free_context(Work& work, const Hash& context) {
    work.freed.insert(context);
    work.found.emplace(WaitFor::datatype, context.text());
}

// Settles whatever became free, in the order of each context, until nothing is left or the budget is spent.
void Sequencer::drain(Work& work) {
    while (work.budget > 0 && (!work.found.empty() || !work.freed.empty())) {
        if (!work.found.empty()) {
            auto const found = work.found.extract(work.found.begin()).value();
            if (found.first == WaitFor::identity) look_again_at_unpinned(work, found.second);
            auto const waiting = parking_.messages_waiting_for(work.tx, found.first, found.second);
            for (auto const& parked : waiting) {
                if (work.budget == 0) {
                    work.found.insert(found);
                    break;
                }
                try_parked(work, parked);
            }
            continue;
        }
        auto const context = *work.freed.begin();
        auto const first = parking_.first(work.tx, context);
        auto const parked = first ? parking_.message_of(work.tx, *first) : std::nullopt;
        auto const before = work.out.counts.unparked;
        if (parked) try_parked(work, *parked);
        // Nothing first, a batch that is missing, or a message that still waits: this context is done.
        if (work.out.counts.unparked == before) work.freed.erase(context);
    }
    for (auto const& context : work.freed) {
        if (!parking_.first(work.tx, context)) continue;
        inbox_.append(work.tx, context_entry, context.view());
        work.out.more = true;
    }
    for (auto const& [wait, name] : work.found) {
        if (wait == WaitFor::blob) {
            inbox_.append(work.tx, swarm::blob_entry, Hash::parse(name)->view());
        } else {
            inbox_.append(work.tx, entry_of(wait), as_bytes(name));
        }
        work.out.more = true;
    }
    work.freed.clear();
    work.found.clear();
    work.budget = std::max<std::size_t>(work.budget, 1);
}

}  // namespace lockstep::sequencer
