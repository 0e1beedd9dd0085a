// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// From a document to a Batch: shapes only. What the fields say of each other is checked in batch_checks.cpp.
#include "core/detail/batch_reader.hpp"

namespace lockstep {

namespace {

Result<TxType> read_tx_type(json::Value value, const Place& place, std::string_view field) {
    TRY(const std::string text, read_text(value, place, field));
    const auto type = parse_tx_type(text);
    if (!type) return no_batch(place, field, "is no transaction type");
    return *type;
}

Result<TxRef> read_tx(json::Value value, const Place& place, std::string_view field) {
    TRY_VOID(check_object(value, place, field));
    const auto [type, id] = value.pick("type", "id");
    TxRef out;
    TRY(out.type, read_tx_type(type, place, field));
    TRY(out.id, read_uuid(id, place, field));
    return out;
}

Result<MessageType> read_message_type(json::Value value, const Place& place) {
    TRY(const std::string text, read_text(value, place, "header.type"));
    const auto type = parse_message_type(text);
    if (!type) return no_batch(place, "header.type", "is no message type");
    return *type;
}

// An incomplete reference is let through here and refused with its number by check_message_fields().
Result<DataRef> read_ref(json::Value value, const Place& place) {
    TRY_VOID(check_object(value, place, "data"));
    const auto [id, hash] = value.pick("id", "hash");
    TRY(const std::optional<Uuid> ref_id, read_uuid(id, place, "data"));
    TRY(const std::optional<Hash> ref_hash, read_hash(hash, place, "data"));
    return DataRef{ref_id.value_or(Uuid{}), ref_hash.value_or(Hash{})};
}

Result<Message> read_message(json::Value value, const Place& place) {
    TRY_VOID(check_object(value, place, ""));
    const auto [header, hash, txid, data, pins] = value.pick("header", "hash", "txid", "data", "pins");
    Message out;
    TRY(out.header, read_header(header, place));
    TRY(const std::optional<Hash> message_hash, read_hash(hash, place, "hash"));
    if (!message_hash) return no_batch(place, "hash", "is missing");
    out.hash = *message_hash;
    TRY(out.txid, read_uuid(txid, place, "txid"));
    TRY(const std::vector<json::Value> refs, read_list(data, place, "data"));
    out.data.reserve(refs.size());
    for (const json::Value ref : refs) {
        TRY(const DataRef read, read_ref(ref, place));
        out.data.push_back(read);
    }
    TRY(out.pins, read_texts(pins, place, "pins"));
    return out;
}

// Without a hash it is no blob, as in the original.
Result<std::optional<BlobRef>> read_blob(json::Value value, const Place& place) {
    TRY_VOID(check_object(value, place, "blob"));
    const auto [hash, size, name, path, public_ref] = value.pick("hash", "size", "name", "path", "public");
    BlobRef out;
    TRY(const std::optional<Hash> blob_hash, read_hash(hash, place, "blob.hash"));
    TRY(out.size, read_size(size, place, "blob.size"));
    TRY(out.name, read_text(name, place, "blob.name"));
    TRY(out.path, read_text(path, place, "blob.path"));
    TRY(out.public_ref, read_text(public_ref, place, "blob.public"));
    if (!blob_hash) return std::optional<BlobRef>();
    out.hash = *blob_hash;
    return std::optional<BlobRef>(std::move(out));
}

void lower_case(std::string& text) {
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    }
}

Result<Data> read_data(json::Value value, const Place& place) {
    TRY_VOID(check_object(value, place, ""));
    const auto [id, validator, hash, created, datatype, content, blob] =
        value.pick("id", "validator", "hash", "created", "datatype", "value", "blob");
    Data out;
    TRY(out.id, read_id(id, place, "id"));
    TRY(out.validator, read_text(validator, place, "validator"));
    lower_case(out.validator);
    TRY(const std::optional<Hash> data_hash, read_hash(hash, place, "hash"));
    if (!data_hash) return no_batch(place, "hash", "is missing");
    out.hash = *data_hash;
    TRY(out.created, read_time(created, place, "created"));
    TRY_VOID(check_object(datatype, place, "datatype"));
    const auto [name, version] = datatype.pick("name", "version");
    TRY(out.datatype.name, read_text(name, place, "datatype.name"));
    TRY(out.datatype.version, read_text(version, place, "datatype.version"));
    if (!content.is_null()) out.value = content.text();
    TRY(out.blob, read_blob(blob, place));
    return out;
}

Result<void> read_payload(json::Value value, Batch& out) {
    const Place document;
    TRY_VOID(check_object(value, document, "payload"));
    const auto [tx, messages, data] = value.pick("tx", "messages", "data");
    TRY(out.tx, read_tx(tx, document, "payload.tx"));
    if (!out.tx.id || out.tx.id->is_nil()) return no_batch("payload.tx.id is missing");

    TRY(const std::vector<json::Value> message_values, read_list(messages, document, "payload.messages"));
    if (message_values.empty()) return no_batch("it has no messages");
    out.messages.reserve(message_values.size());
    for (const json::Value message : message_values) {
        TRY(Message read, read_message(message, Place{"payload.messages", out.messages.size()}));
        out.messages.push_back(std::move(read));
    }

    TRY(const std::vector<json::Value> data_values, read_list(data, document, "payload.data"));
    out.data.reserve(data_values.size());
    for (const json::Value item : data_values) {
        TRY(Data read, read_data(item, Place{"payload.data", out.data.size()}));
        out.data.push_back(std::move(read));
    }
    return {};
}

}  // namespace

Result<MessageHeader> read_header(json::Value value, const Place& place) {
    TRY_VOID(check_object(value, place, "header"));
    const auto [id, cid, type, txtype, author, key, created, namespace_, group, topics, tag, datahash, txparent] =
        value.pick("id", "cid", "type", "txtype", "author", "key", "created", "namespace", "group", "topics", "tag",
                   "datahash", "txparent");
    MessageHeader out;
    TRY(out.id, read_id(id, place, "header.id"));
    TRY(out.cid, read_uuid(cid, place, "header.cid"));
    TRY(out.type, read_message_type(type, place));
    TRY(out.txtype, read_tx_type(txtype, place, "header.txtype"));
    TRY(out.author, read_text(author, place, "header.author"));
    TRY(out.key, read_text(key, place, "header.key"));
    TRY(out.created, read_time(created, place, "header.created"));
    TRY(out.namespace_, read_text(namespace_, place, "header.namespace"));
    TRY(out.group, read_hash(group, place, "header.group"));
    TRY(out.topics, read_texts(topics, place, "header.topics"));
    TRY(out.tag, read_text(tag, place, "header.tag"));
    TRY(const std::optional<Hash> hash, read_hash(datahash, place, "header.datahash"));
    out.datahash = hash.value_or(Hash{});
    if (!txparent.is_null()) {
        TRY(out.txparent, read_tx(txparent, place, "header.txparent"));
    }
    return out;
}

Result<Batch> read_batch(json::Value document) {
    const Place place;
    if (document.kind() != json::Kind::object) return no_batch("it is no JSON object");
    const auto [id, type, namespace_, node, group, created, author, key, hash, payload] =
        document.pick("id", "type", "namespace", "node", "group", "created", "author", "key", "hash", "payload");
    Batch out;
    TRY(out.id, read_id(id, place, "id"));
    TRY(const std::string type_text, read_text(type, place, "type"));
    const auto batch_type = parse_batch_type(type_text);
    if (!batch_type) return no_batch("type is no batch type");
    out.type = *batch_type;
    TRY(out.namespace_, read_text(namespace_, place, "namespace"));
    TRY(out.node, read_uuid(node, place, "node"));
    TRY(out.group, read_hash(group, place, "group"));
    TRY(out.created, read_time(created, place, "created"));
    TRY(out.author, read_text(author, place, "author"));
    TRY(out.key, read_text(key, place, "key"));
    TRY(const std::optional<Hash> batch_hash, read_hash(hash, place, "hash"));
    if (!batch_hash) return no_batch("hash is missing");
    out.hash = *batch_hash;
    TRY_VOID(read_payload(payload, out));
    return out;
}

}  // namespace lockstep
