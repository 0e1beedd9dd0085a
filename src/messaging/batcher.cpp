// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "messaging/batcher.hpp"

#include <algorithm>

#include "async/deadline.hpp"
#include "base/logging.hpp"
#include "core/json.hpp"
#include "core/sha256.hpp"
#include "flow/feed.hpp"
#include "messaging/document_bytes.hpp"
#include "operations/operations.hpp"
#include "registry/registry.hpp"

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

void Batcher::offer(std::int64_t seq, const std::string& author, const std::string& key, std::size_t bytes) {
    if (seq <= loaded_through_) return;
    auto& queue = queues_[author + "|" + key];
    if (queue.author.empty()) {
        queue.author = author;
        queue.key = key;
        queue.status.name = author + "|";
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
        std::string author, key;
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
            found.push_back({ready.seq, header.author, header.key, document_bytes(ready.message, data)});
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
    for (auto const& one : found) offer(one.seq, one.author, one.key, one.bytes);
    for (auto const& [name, queue] : offered) {
        for (auto const& waiting : queue.messages) offer(waiting.seq, queue.author, queue.key, waiting.bytes);
    }
    loaded_through_ = last;
}

bool Batcher::due(const Queue& queue, Instant now) const {
    if (queue.messages.empty() || held_) return false;
    return queue.messages.size() >= options_.messages_max || queue.bytes + envelope_bytes >= options_.bytes_max ||
           submitter_.waiting(queue.key) == 0 || queue.messages.front().since + options_.wait_max <= now;
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
                          {{"author", queue.author}, {"error", failure}, {"in_ms", wait.count() / 1'000'000}});
            co_await clock_.sleep(wait);
        }
    }
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

    struct Loaded {
        Batch batch;
        std::vector<Uuid> ids;
    };
    auto const node_did = registry::did_of(registry::IdentityType::node, profile_.node_name);
    auto load = [ns = profile_.ns, seqs, node_did](store::Snapshot& snapshot) {
        static const std::string sql = "SELECT " + message_columns + " FROM messages WHERE ns = ?1 AND seq = ?2";
        Loaded loaded;
        if (auto const node = registry::find_identity_by_did(snapshot, ns, node_did)) loaded.batch.node = node->id;
        for (auto const seq : seqs) {
            auto rows = snapshot.query(sql, ns, seq);
            auto const* row = rows.first();
            if (!row) throw store::StoreError("a message that waits for its batch is gone");
            auto message = message_row(*row).message;
            for (auto const& ref : message.data) {
                auto data = find_data(snapshot, ns, ref);
                if (!data) throw store::StoreError("data of a message that waits for its batch is gone");
                loaded.batch.data.push_back(std::move(*data));
            }
            loaded.ids.push_back(message.header.id);
            loaded.batch.messages.push_back(std::move(message));
        }
        return loaded;
    };
    auto loaded = co_await database_.read(std::move(load));
    auto& batch = loaded.batch;
    auto const now = clock_.now();
    batch.id = ids_.next();
    batch.namespace_ = profile_.network_namespace;
    batch.created = now;
    batch.author = queue.author;
    batch.key = queue.key;
    batch.tx = {TxType::batch_pin, ids_.next()};
    batch.hash = sha256(manifest_json(batch));
    auto const document = std::make_shared<const std::string>(lockstep::batch_json(batch));
    auto const payload = sha256(*document);

    ledger::PinRequest pin{*batch.tx.id, batch.id, batch.hash, payload.text(), {}};
    for (auto const& message : batch.messages) {
        for (auto const& topic : message.header.topics) pin.contexts.push_back(broadcast_context(topic));
    }
    BatchRow row;
    row.batch = batch;
    row.batch.messages.clear();
    row.batch.data.clear();
    row.message_ids = loaded.ids;
    row.payload = payload;

    // The cursor of the next start: just before the oldest message that stays.
    std::int64_t oldest = INT64_MAX;
    std::int64_t newest = seqs.back();
    for (auto const& [name, other] : queues_) {
        auto const skip = &other == &queue ? seqs.size() : 0;
        if (other.messages.size() > skip) oldest = std::min(oldest, other.messages[skip].seq);
    }
    auto const cursor = oldest == INT64_MAX ? newest : std::min(newest, oldest - 1);

    json::Writer upload_input, upload_output, pin_input;
    upload_input.begin_object().field("id", batch.id.text()).end_object();
    upload_output.begin_object().field("payloadRef", pin.payload_ref).end_object();
    pin_input.begin_object().field("batch", batch.id.text()).key("contexts").begin_array();
    for (auto const& context : pin.contexts) pin_input.string(context.text());
    pin_input.end_array().field("payloadRef", pin.payload_ref).end_object();
    using operations::OperationStatus;
    using operations::OperationType;
    operations::OperationRow upload{0,
                                    ids_.next(),
                                    *batch.tx.id,
                                    OperationType::sharedstorage_upload_batch,
                                    OperationStatus::Succeeded,
                                    "lockstep",
                                    upload_input.take(),
                                    upload_output.take(),
                                    "",
                                    now,
                                    now,
                                    {}};
    operations::OperationRow submit{0,
                                    ids_.next(),
                                    *batch.tx.id,
                                    OperationType::blockchain_pin_batch,
                                    OperationStatus::Pending,
                                    ledger_.plugin_type,
                                    pin_input.take(),
                                    "",
                                    "",
                                    now,
                                    now,
                                    {}};

    auto commit = [ns = profile_.ns, row = std::move(row), seqs, pin = std::move(pin), upload = std::move(upload),
                   submit = std::move(submit), payload, now, cursor, salt = salt_, &submitter = submitter_,
                   &timeline = timeline_, &carrier = carrier_](store::Transaction& tx) {
        insert(tx, ns, row);
        operations::insert(tx, ns, operations::TransactionRow{0, pin.tx, TxType::batch_pin, now, "", {}});
        operations::insert(tx, ns, upload);
        operations::insert(tx, ns, submit);
        for (auto const seq : seqs) mark_sent(tx, ns, seq, pin.batch, pin.tx);
        submitter.prepare(tx, row.batch.key, pin, now);
        carrier.enqueue(tx, payload);
        std::vector<log::Event> events(1);
        events[0].type = log::EventType::transaction_submitted;
        events[0].reference = pin.tx;
        events[0].tx = pin.tx;
        events[0].topic = word(TxType::batch_pin);
        timeline.append(tx, events, now, salt);
        flow::save_cursor(tx, ns, cursor_name, cursor);
    };
    co_await database_.write(std::move(commit));

    queue.messages.erase(queue.messages.begin(), queue.messages.begin() + static_cast<std::ptrdiff_t>(seqs.size()));
    queue.bytes = 0;
    for (auto const& waiting : queue.messages) queue.bytes += waiting.bytes;
    submitter_.prepared(queue.key);
    carrier_.sealed(payload, document);
    timeline_.tap().ring();

    auto& status = queue.status;
    ++status.batches;
    status.messages += seqs.size();
    status.bytes += document->size();
    status.data += batch.data.size();
    status.last_flush = now;
    status.flush_time += clock_.instant() - began;
    logging::debug("batch sealed",
                   {{"batch", batch.id.text()}, {"messages", seqs.size()}, {"bytes", document->size()}});
}

}  // namespace lockstep::messaging
