// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "messaging/sealing.hpp"

#include <algorithm>
#include <set>

#include "core/json.hpp"
#include "core/sha256.hpp"

namespace lockstep::messaging {

namespace {

using operations::OperationRow;
using operations::OperationStatus;
using operations::OperationType;

// Gives each message its pins, and tells them in the order of the ledger.
std::vector<Hash> mask(Batch& batch, const Group& group, std::map<Hash, std::uint64_t>& nonces) {
    std::vector<Hash> contexts;
    for (auto& message : batch.messages) {
        message.pins.clear();
        for (auto const& topic : message.header.topics) {
            auto const& author = message.header.author;
            auto& next = nonces[nonce_key(topic, group.hash, author)];
            PrivatePin const pin{masked_pin(topic, group.hash, author, next), next};
            ++next;
            contexts.push_back(pin.hash);
            message.pins.push_back(text_of(pin));
        }
    }
    return contexts;
}

std::vector<Hash> contexts_of(const Batch& batch) {
    std::vector<Hash> contexts;
    for (auto const& message : batch.messages) {
        for (auto const& topic : message.header.topics) contexts.push_back(broadcast_context(topic));
    }
    return contexts;
}

OperationRow operation(const Batch& batch, IdMaker& ids, OperationType type, std::string plugin, std::string input) {
    OperationRow row;
    row.id = ids.next();
    row.tx = *batch.tx.id;
    row.type = type;
    row.status = OperationStatus::Pending;
    row.plugin = std::move(plugin);
    row.input = std::move(input);
    row.created = row.updated = batch.created;
    return row;
}

OperationRow upload(const Batch& batch, IdMaker& ids, const Hash& payload) {
    json::Writer input, output;
    input.begin_object().field("id", batch.id.text()).end_object();
    output.begin_object().field("payloadRef", payload.text()).end_object();
    auto row = operation(batch, ids, OperationType::sharedstorage_upload_batch, "lockstep", input.take());
    row.status = OperationStatus::Succeeded;
    row.output = output.take();
    return row;
}

// One for each node: done when it has acknowledged.
OperationRow send(const Batch& batch, IdMaker& ids, const Uuid& node) {
    json::Writer input;
    input.begin_object().quoted("node", node).quoted("group", *batch.group).quoted("batch", batch.id).end_object();
    return operation(batch, ids, OperationType::dataexchange_send_batch, "lockstep", input.take());
}

// Everybody may ask for it by its hash from now on, so nothing has to be carried anywhere.
OperationRow upload_blob(const Batch& batch, IdMaker& ids, const Data& data) {
    json::Writer input, output;
    input.begin_object().quoted("dataId", data.id).end_object();
    output.begin_object().field("payloadRef", data.blob->public_ref).end_object();
    auto row = operation(batch, ids, OperationType::sharedstorage_upload_blob, "lockstep", input.take());
    row.status = OperationStatus::Succeeded;
    row.output = output.take();
    return row;
}

// Done when that node has said that it has the blob.
OperationRow send_blob(const Batch& batch, IdMaker& ids, const Data& data, const Uuid& node) {
    json::Writer input;
    input.begin_object().quoted("node", node).quoted("hash", data.blob->hash).quoted("data_id", data.id).end_object();
    return operation(batch, ids, OperationType::dataexchange_send_blob, "lockstep", input.take());
}

// Gives the blobs of a broadcast their public names.
void publish_blobs(Batch& batch, IdMaker& ids, Sealed& out) {
    for (auto& data : batch.data) {
        if (!data.blob || !data.blob->public_ref.empty()) continue;
        data.blob->public_ref = data.blob->hash.text();
        DataRef const ref{data.id, data.hash};
        if (std::find(out.published.begin(), out.published.end(), ref) != out.published.end()) continue;  // a copy
        out.published.push_back(ref);
        out.operations.push_back(upload_blob(batch, ids, data));
    }
}

void send_blobs(const Batch& batch, const std::vector<registry::GroupNode>& to, IdMaker& ids, Sealed& out) {
    std::set<Uuid> seen;
    for (auto const& data : batch.data) {
        if (!data.blob || !seen.insert(data.id).second) continue;
        if (std::find(out.blobs.begin(), out.blobs.end(), data.blob->hash) == out.blobs.end())
            out.blobs.push_back(data.blob->hash);
        for (auto const& node : to) out.operations.push_back(send_blob(batch, ids, data, node.id));
    }
}

OperationRow submit(const ledger::PinRequest& pin, const Batch& batch, IdMaker& ids, const std::string& plugin) {
    json::Writer input;
    input.begin_object().field("batch", batch.id.text()).key("contexts").begin_array();
    for (auto const& context : pin.contexts) input.string(context.text());
    input.end_array().field("payloadRef", pin.payload_ref).end_object();
    return operation(batch, ids, OperationType::blockchain_pin_batch, plugin, input.take());
}

}  // namespace

Sealed seal_batch(Unsealed unsealed, IdMaker& ids) {
    auto& batch = unsealed.batch;
    Sealed out;
    auto const is_pinned = batch.tx.type != TxType::unpinned;
    std::vector<Hash> contexts;
    if (is_pinned) contexts = unsealed.group ? mask(batch, *unsealed.group, unsealed.nonces) : contexts_of(batch);
    if (!unsealed.group) publish_blobs(batch, ids, out);
    batch.hash = sha256(manifest_json(batch));
    if (unsealed.group) {
        // Who gets a message that is not pinned may never have heard of its group.
        PrivateDocument document{is_pinned ? std::nullopt : unsealed.group, batch};
        out.document = std::make_shared<const std::string>(private_document_json(document));
        for (auto const& message : batch.messages) out.pins.push_back(message.pins);
    } else {
        out.document = std::make_shared<const std::string>(lockstep::batch_json(batch));
    }
    out.payload = sha256(*out.document);

    if (unsealed.group) {
        out.to.everybody = false;
        send_blobs(batch, unsealed.to, ids, out);
        for (auto& node : unsealed.to) {
            out.operations.push_back(send(batch, ids, node.id));
            out.to.peers.push_back(std::move(node.peer));
        }
    } else {
        out.operations.push_back(upload(batch, ids, out.payload));
    }
    if (is_pinned) {
        auto reference = unsealed.group ? std::string() : out.payload.text();  // empty: the contexts are masked
        out.pin = ledger::PinRequest{*batch.tx.id, batch.id, batch.hash, std::move(reference), std::move(contexts)};
        out.operations.push_back(submit(*out.pin, batch, ids, unsealed.ledger_plugin));
    }
    out.nonces = std::move(unsealed.nonces);
    out.row.payload = out.payload;
    for (auto& message : batch.messages) {
        out.row.message_ids.push_back(message.header.id);
        if (!is_pinned) out.unpinned.push_back(std::move(message.header));
    }
    batch.messages.clear();
    batch.data.clear();
    out.row.batch = std::move(batch);
    if (!is_pinned) out.row.confirmed = out.row.batch.created;
    return out;
}

}  // namespace lockstep::messaging
