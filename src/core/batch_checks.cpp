// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What a document says of itself, held against what it is (firefly-core.md 7.4). Every rule here looks at
// the document alone, so every member that gets it decides alike.
#include <algorithm>
#include <vector>

#include "core/detail/batch_reader.hpp"
#include "core/errors.hpp"
#include "core/message.hpp"
#include "core/sha256.hpp"

namespace lockstep {

namespace {

Error inconsistent(std::string_view what, const Uuid& id, std::string_view reason) {
    std::string text(what);
    text += ' ';
    id.append_to(text);
    text += ' ';
    text += reason;
    return refuse(errors::batch_inconsistent, {{"reason", text}});
}

Error wrong_hash(std::string_view what, const Uuid& id) {
    std::string text(what);
    text += ' ';
    id.append_to(text);
    return refuse(errors::batch_hash_mismatch, {{"what", text}});
}

Result<void> check_batch_hash(const Batch& batch, json::Value document) {
    if (sha256(manifest_json(batch)) == batch.hash) return {};
    TRY(const std::string legacy, legacy_payload_json(batch, document["payload"]));
    if (sha256(legacy) == batch.hash) return {};
    return wrong_hash("batch", batch.id);
}

bool is_of(BatchType type, MessageType message) {
    switch (message) {
        case MessageType::definition:
        case MessageType::broadcast:
        case MessageType::transfer_broadcast:
        case MessageType::approval_broadcast: return type == BatchType::broadcast;
        case MessageType::private_:
        case MessageType::groupinit:
        case MessageType::transfer_private:
        case MessageType::approval_private: return type == BatchType::private_;
    }
    return false;
}

Result<void> check_frame(const Batch& batch) {
    switch (batch.tx.type) {
        case TxType::batch_pin:
        case TxType::unpinned:
        case TxType::contract_invoke_pin: break;
        default: return inconsistent("batch", batch.id, "has a transaction that carries no messages");
    }
    if (batch.group.has_value() != (batch.type == BatchType::private_)) {
        return inconsistent("batch", batch.id, batch.group ? "is a broadcast to a group" : "is private to nobody");
    }
    return {};
}

Result<void> check_data(const Batch& batch) {
    for (const Data& data : batch.data) {
        const std::optional<Hash> blob = data.blob ? std::optional(data.blob->hash) : std::nullopt;
        const auto hash = data_hash(data.value, blob);
        if (!hash) return inconsistent("data", data.id, "has neither a value nor a blob");
        if (*hash != data.hash) return wrong_hash("data", data.id);
    }
    return {};
}

Result<void> check_message(const Batch& batch, const Message& message) {
    const MessageHeader& header = message.header;
    const auto wrong = [&](std::string_view reason) { return inconsistent("message", header.id, reason); };
    if (header.author != batch.author) return wrong("is by another author");
    if (header.key != batch.key) return wrong("is of another key");
    if (header.namespace_ != batch.namespace_) return wrong("is of another namespace");
    if (header.group != batch.group) return wrong("is of another group");
    if (header.txtype != batch.tx.type) return wrong("is of another transaction type");
    if (!is_of(batch.type, header.type)) return wrong("is of a type that such a batch does not carry");
    if (header.topics.empty()) return wrong("has no topic");
    if (const auto fields = check_message_fields(message); !fields)
        return wrong("is refused: " + fields.error().message());
    if (sha256(data_refs_json(message.data)) != header.datahash) return wrong_hash("the data of message", header.id);
    if (sha256(header_json(header)) != message.hash) return wrong_hash("message", header.id);
    return {};
}

// Sorted and not hashed, here and below: ids come from strangers, who could make them fall into one bucket.
Result<void> check_messages(const Batch& batch) {
    std::vector<Uuid> ids;
    ids.reserve(batch.messages.size());
    for (const Message& message : batch.messages) {
        TRY_VOID(check_message(batch, message));
        ids.push_back(message.header.id);
    }
    std::sort(ids.begin(), ids.end());
    const auto twice = std::adjacent_find(ids.begin(), ids.end());
    if (twice != ids.end()) return inconsistent("message", *twice, "is there twice");
    return {};
}

// An item is repeated for each message that refers to it; all copies must have one hash.
Result<void> check_references(const Batch& batch) {
    struct Item {
        Uuid id;
        Hash hash;
        bool used = false;
    };
    std::vector<Item> items;
    items.reserve(batch.data.size());
    for (const Data& data : batch.data) items.push_back({data.id, data.hash});
    const auto by_id = [](const Item& a, const Item& b) { return a.id < b.id; };
    std::sort(items.begin(), items.end(), by_id);
    for (std::size_t i = 1; i < items.size(); ++i) {
        if (items[i].id == items[i - 1].id && items[i].hash != items[i - 1].hash) {
            return inconsistent("data", items[i].id, "is there with two hashes");
        }
    }
    for (const Message& message : batch.messages) {
        for (const DataRef& ref : message.data) {
            // Always the first of its copies, which stands for them all below.
            const auto item = std::lower_bound(items.begin(), items.end(), Item{ref.id, {}}, by_id);
            if (item == items.end() || item->id != ref.id)
                return inconsistent("data", ref.id, "is referred to and not there");
            if (item->hash != ref.hash) return inconsistent("data", ref.id, "is referred to by another hash");
            item->used = true;
        }
    }
    for (std::size_t i = 0; i < items.size(); ++i) {
        const bool is_copy = i > 0 && items[i].id == items[i - 1].id;
        if (!is_copy && !items[i].used) return inconsistent("data", items[i].id, "is there and not referred to");
    }
    return {};
}

}  // namespace

Result<Batch> parse_batch(std::string_view document) {
    const auto text = json::compact(document);
    if (!text) return refuse(errors::not_a_batch, {{"reason", text.error().text()}});
    const json::Value value(*text);
    TRY(Batch batch, read_batch(value));
    TRY_VOID(check_frame(batch));
    TRY_VOID(check_batch_hash(batch, value));
    TRY_VOID(check_data(batch));
    TRY_VOID(check_messages(batch));
    TRY_VOID(check_references(batch));
    return batch;
}

}  // namespace lockstep
