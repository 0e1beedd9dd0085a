// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "messaging/batcher.hpp"

#include <algorithm>

#include "async/deadline.hpp"
#include "base/logging.hpp"
#include "flow/feed.hpp"
#include "messaging/blob_refs.hpp"
#include "messaging/document_bytes.hpp"
#include "messaging/nonces.hpp"
#include "operations/operations.hpp"
#include "registry/groups.hpp"

namespace lockstep::messaging {

namespace {
constexpr std::string_view cursor_name = "batcher";
}  // namespace

Batcher::Batcher(const MemberProfile& profile,
                 store::Database& database,
                 Clock& clock,
                 Chance& chance,
                 IdMaker& ids,
                 const ledger::Info& ledger,
                 transactions::Submitter& submitter,
                 log::Timeline& timeline,
                 Carrier& carrier,
                 Options options)
    : profile_(profile),
      database_(database),
      clock_(clock),
      ids_(ids),
      ledger_(ledger),
      submitter_(submitter),
      timeline_(timeline),
      carrier_(carrier),
      options_(options),
      backoff_({.first = 50ms, .most = 5s}, chance),
      salt_(chance.next()) {
    submitter_.on_progress([this] { tap_.ring(); });
}

void Batcher::offer(std::int64_t seq, const MessageHeader& header, std::size_t bytes) {
    offer(seq, Lane{header.author, header.key, header.group, header.txtype}, bytes);
}

void Batcher::offer(std::int64_t seq, const Lane& lane, std::size_t bytes) {
    if (seq <= loaded_through_) return;
    auto& queue = queues_[lane];
    if (queue.status.name.empty()) {
        queue.lane = lane;
        queue.status.name = lane.author + "|" + (lane.group ? lane.group->text() : "");
    }
    queue.messages.push_back({seq, bytes, clock_.instant()});
    queue.bytes += bytes;
    tap_.ring();
}

std::vector<ProcessorStatus> Batcher::status() const {
    std::vector<ProcessorStatus> out;
    for (auto const& [name, queue] : queues_) {
        out.push_back(queue.status);
        out.back().waiting = queue.messages.size();
    }
    return out;
}

std::size_t Batcher::waiting() const {
    std::size_t count = 0;
    for (auto const& [name, queue] : queues_) count += queue.messages.size();
    return count;
}

// What was stored before this start and is not sealed. The cursor stands before the oldest of them.
Task<void> Batcher::load() {
    struct Found {
        std::int64_t seq;
        Lane lane;
        std::size_t bytes;
    };
    auto find = [ns = profile_.ns](store::Snapshot& snapshot) {
        static const std::string sql =
            "SELECT " + message_columns + " FROM messages WHERE ns = ?1 AND seq > ?2 AND state = 'ready' ORDER BY seq";
        std::vector<Found> found;
        auto const cursor = flow::load_cursor(snapshot, ns, cursor_name, 0);
        for (auto& row : snapshot.query(sql, ns, cursor)) {
            auto const ready = message_row(row);
            std::vector<Data> data;
            for (auto const& ref : ready.message.data) {
                if (auto item = find_data(snapshot, ns, ref)) data.push_back(std::move(*item));
            }
            auto const& header = ready.message.header;
            Lane lane{header.author, header.key, header.group, header.txtype};
            found.push_back({ready.seq, std::move(lane), document_bytes(ready.message, data)});
        }
        return found;
    };
    auto const found = co_await database_.read(std::move(find));
    // Messages may have been stored, and offered, while we looked: those that were found are not taken twice.
    auto const last = found.empty() ? 0 : found.back().seq;
    for (auto& [name, queue] : queues_) {
        std::erase_if(queue.messages, [&](auto const& waiting) { return waiting.seq <= last; });
        queue.bytes = 0;
        for (auto const& waiting : queue.messages) queue.bytes += waiting.bytes;
    }
    auto offered = std::move(queues_);
    queues_.clear();
    for (auto const& one : found) offer(one.seq, one.lane, one.bytes);
    for (auto const& [lane, queue] : offered) {
        for (auto const& waiting : queue.messages) offer(waiting.seq, lane, waiting.bytes);
    }
    loaded_through_ = last;
}

bool Batcher::due(const Queue& queue, Instant now) const {
    if (queue.messages.empty() || held_) return false;
    return queue.messages.size() >= options_.messages_max || queue.bytes + envelope_bytes >= options_.bytes_max ||
           submitter_.waiting(queue.lane.key) == 0 || queue.lane.tx_type == TxType::unpinned ||
           queue.messages.front().since + options_.wait_max <= now;
}

Task<void> Batcher::run() {
    co_await load();
    for (;;) {
        auto const seen = tap_.rings();
        auto const now = clock_.instant();
        auto next = queues_.end();
        for (auto queue = queues_.begin(); queue != queues_.end(); ++queue) {
            // Of those that are due the one whose oldest message waits longest, so that none is starved.
            if (due(queue->second, now) &&
                (next == queues_.end() || queue->second.messages.front().since < next->second.messages.front().since))
                next = queue;
        }
        if (next == queues_.end()) {
            std::optional<Instant> deadline;
            for (auto const& [name, queue] : queues_) {
                if (queue.messages.empty()) continue;
                auto const at = queue.messages.front().since + options_.wait_max;
                if (!deadline || at < *deadline) deadline = at;
            }
            if (deadline && !held_) {
                co_await tap_.past_until(seen, clock_, *deadline);
            } else {
                co_await tap_.past(seen);
            }
            continue;
        }
        std::string failure;
        auto& queue = next->second;
        try {
            co_await seal(queue);
            backoff_.reset();
        } catch (const std::exception& error) {
            if (is_cancelled(error)) throw;
            failure = error.what();
        }
        queue.status.flushing = false;
        if (!failure.empty()) {
            ++queue.status.errors;
            queue.status.last_error = failure;
            queue.status.last_error_time = clock_.now();
            auto const wait = backoff_.next();
            logging::warn("a batch cannot be sealed",
                          {{"author", queue.lane.author}, {"error", failure}, {"in_ms", wait.count() / 1'000'000}});
            co_await clock_.sleep(wait);
        }
    }
}

// What a batch of these messages is made of. Nonces are read here and written in the commit that seals: nobody
// else gives any out.
Task<Unsealed> Batcher::load_batch_of(const Lane& lane, std::vector<std::int64_t> seqs) {
    auto const node_did = registry::did_of(registry::IdentityType::node, profile_.node_name);
    auto load = [ns = profile_.ns, lane, seqs = std::move(seqs), node_did](store::Snapshot& snapshot) {
        static const std::string sql = "SELECT " + message_columns + " FROM messages WHERE ns = ?1 AND seq = ?2";
        Unsealed out;
        auto& batch = out.batch;
        auto const node = registry::find_identity_by_did(snapshot, ns, node_did);
        if (node) batch.node = node->id;
        if (lane.group) {
            auto known = registry::find_group(snapshot, ns, *lane.group);
            if (!known) throw store::StoreError("the group of a message that waits for its batch is gone");
            out.group = std::move(known->group);
            out.to = registry::nodes_of(snapshot, ns, *out.group, node ? node->id : Uuid{});
        }
        for (auto const seq : seqs) {
            auto rows = snapshot.query(sql, ns, seq);
            auto const* row = rows.first();
            if (!row) throw store::StoreError("a message that waits for its batch is gone");
            auto message = message_row(*row).message;
            for (auto const& ref : message.data) {
                auto data = find_data(snapshot, ns, ref);
                if (!data) throw store::StoreError("data of a message that waits for its batch is gone");
                batch.data.push_back(std::move(*data));
            }
            if (lane.group && lane.tx_type != TxType::unpinned) {
                for (auto const& topic : message.header.topics) {
                    auto const key = nonce_key(topic, *lane.group, lane.author);
                    if (!out.nonces.contains(key)) out.nonces.emplace(key, next_nonce(snapshot, ns, key));
                }
            }
            batch.messages.push_back(std::move(message));
        }
        return out;
    };
    auto out = co_await database_.read(std::move(load));
    auto& batch = out.batch;
    batch.id = ids_.next();
    batch.type = lane.group ? BatchType::private_ : BatchType::broadcast;
    batch.namespace_ = profile_.network_namespace;
    batch.group = lane.group;
    batch.created = clock_.now();
    batch.author = lane.author;
    batch.key = lane.key;
    batch.tx = {lane.tx_type, ids_.next()};
    out.ledger_plugin = ledger_.plugin_type;
    co_return out;
}

Task<void> Batcher::seal(Queue& queue) {
    auto const began = clock_.instant();
    queue.status.flushing = true;
    std::vector<std::int64_t> seqs;
    std::size_t bytes = envelope_bytes;
    for (auto const& waiting : queue.messages) {
        if (!seqs.empty() && (seqs.size() >= options_.messages_max || bytes + waiting.bytes > options_.bytes_max))
            break;
        seqs.push_back(waiting.seq);
        bytes += waiting.bytes;
    }

    auto unsealed = co_await load_batch_of(queue.lane, seqs);
    auto const data_count = unsealed.batch.data.size();
    auto sealed = std::make_shared<const Sealed>(seal_batch(std::move(unsealed), ids_));
    auto const now = sealed->row.batch.created;

    // The cursor of the next start: just before the oldest message that stays.
    std::int64_t oldest = INT64_MAX;
    std::int64_t newest = seqs.back();
    for (auto const& [lane, other] : queues_) {
        auto const skip = &other == &queue ? seqs.size() : 0;
        if (other.messages.size() > skip) oldest = std::min(oldest, other.messages[skip].seq);
    }
    auto const cursor = oldest == INT64_MAX ? newest : std::min(newest, oldest - 1);

    auto commit = [ns = profile_.ns, sealed, seqs, cursor, salt = salt_, &submitter = submitter_, &timeline = timeline_,
                   &carrier = carrier_](store::Transaction& tx) {
        auto const& batch = sealed->row.batch;
        auto const now = batch.created;
        insert(tx, ns, sealed->row);
        operations::insert(tx, ns, operations::TransactionRow{0, *batch.tx.id, batch.tx.type, now, "", {}});
        for (auto const& operation : sealed->operations) operations::insert(tx, ns, operation);
        for (std::size_t i = 0; i < seqs.size(); ++i) {
            mark_sent(tx, ns, seqs[i], batch.id, *batch.tx.id);
            if (i < sealed->pins.size()) set_pins(tx, ns, seqs[i], sealed->pins[i]);
        }
        for (auto const& [key, next] : sealed->nonces) save_next_nonce(tx, ns, key, next);
        if (sealed->pin) submitter.prepare(tx, batch.key, *sealed->pin, now);
        carrier.enqueue(tx, sealed->payload, sealed->to);
        for (auto const& data : sealed->published) {
            auto const item = find_data(tx, ns, data);
            if (item && item->blob) set_blob_public(tx, ns, data, item->blob->hash.text());
        }
        for (auto const& blob : sealed->blobs) carrier.enqueue_blob(tx, blob, sealed->to.peers);
        std::vector<log::Event> events(1);
        events[0].type = log::EventType::transaction_submitted;
        events[0].reference = *batch.tx.id;
        events[0].tx = *batch.tx.id;
        events[0].topic = word(batch.tx.type);
        for (std::size_t i = 0; i < sealed->unpinned.size(); ++i) {
            auto const& header = sealed->unpinned[i];
            settle(tx, ns, seqs[i], MessageState::confirmed, now, "");
            for (auto const& topic : header.topics) {
                log::Event confirmed;
                confirmed.type = log::EventType::message_confirmed;
                confirmed.reference = header.id;
                confirmed.correlator = header.cid;
                confirmed.tx = *batch.tx.id;
                confirmed.topic = topic;
                events.push_back(std::move(confirmed));
            }
        }
        timeline.append(tx, events, now, salt);
        flow::save_cursor(tx, ns, cursor_name, cursor);
    };
    co_await database_.write(std::move(commit));

    queue.messages.erase(queue.messages.begin(), queue.messages.begin() + static_cast<std::ptrdiff_t>(seqs.size()));
    queue.bytes = 0;
    for (auto const& waiting : queue.messages) queue.bytes += waiting.bytes;
    if (sealed->pin) submitter_.prepared(queue.lane.key);
    carrier_.sealed(sealed->payload, sealed->document, sealed->to);
    for (auto const& blob : sealed->blobs) carrier_.blob_sealed(blob, sealed->to.peers);
    timeline_.tap().ring();
    if (confirmed_) {
        for (auto const& header : sealed->unpinned) confirmed_(header);
    }

    auto& status = queue.status;
    ++status.batches;
    status.messages += seqs.size();
    status.bytes += sealed->document->size();
    status.data += data_count;
    status.last_flush = now;
    status.flush_time += clock_.instant() - began;
    logging::debug(
        "batch sealed",
        {{"batch", sealed->row.batch.id.text()}, {"messages", seqs.size()}, {"bytes", sealed->document->size()}});
}

}  // namespace lockstep::messaging
