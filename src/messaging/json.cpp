// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "core/json.hpp"

#include "messaging/rows.hpp"

namespace lockstep::messaging {

namespace {

// {"header", "localNamespace", "hash", "batch", "txid", "state", "confirmed", "rejectReason", and then
// "data" by the caller, "pins", "idempotencyKey"} (firefly-core.md 18.1).
template <class WriteData>
std::string message_object(const MessageRow& row, std::string_view local_namespace, WriteData write_data) {
    json::Writer writer;
    writer.reserve(1024);
    writer.begin_object().key("header").raw(header_json(row.message.header)).field("localNamespace", local_namespace);
    writer.quoted("hash", row.message.hash);
    if (row.batch) writer.quoted("batch", *row.batch);
    if (row.tx) writer.quoted("txid", *row.tx);
    writer.field("state", word(row.state));
    if (!row.confirmed.is_zero()) writer.quoted("confirmed", row.confirmed);
    writer.field_if("rejectReason", row.reject_reason);
    writer.key("data");
    write_data(writer);
    if (!row.message.pins.empty()) {
        writer.key("pins").begin_array();
        for (auto const& pin : row.message.pins) writer.string(pin);
        writer.end_array();
    }
    writer.field_if("idempotencyKey", row.idempotency_key).end_object();
    return writer.take();
}

void write_blob(json::Writer& writer, const BlobRef& blob) {
    writer.key("blob").begin_object().quoted("hash", blob.hash).key("size").number(blob.size).field("name", blob.name);
    writer.field_if("path", blob.path).field_if("public", blob.public_ref).end_object();
}

void write_datatype(json::Writer& writer, const DatatypeRef& datatype) {
    if (datatype.empty()) return;
    writer.key("datatype")
        .begin_object()
        .field_if("name", datatype.name)
        .field_if("version", datatype.version)
        .end_object();
}

}  // namespace

std::string message_json(const MessageRow& row, std::string_view local_namespace) {
    return message_object(row, local_namespace,
                          [&](json::Writer& writer) { writer.raw(data_refs_json(row.message.data)); });
}

std::string message_json_with_data(store::Session& session,
                                   NamespaceId ns,
                                   const MessageRow& row,
                                   std::string_view local_namespace) {
    return message_object(row, local_namespace, [&](json::Writer& writer) {
        writer.begin_array();
        for (auto const& ref : row.message.data) {
            writer.begin_object().quoted("id", ref.id).quoted("hash", ref.hash);
            if (auto const data = find_data(session, ns, ref)) {
                writer.field_if("validator", data->validator);
                write_datatype(writer, data->datatype);
                writer.key("value").raw(data->value);
                if (data->blob) write_blob(writer, *data->blob);
            }
            writer.end_object();
        }
        writer.end_array();
    });
}

std::string data_json(const Data& data, std::string_view namespace_name) {
    json::Writer writer;
    writer.begin_object().quoted("id", data.id).field("validator", data.validator).field("namespace", namespace_name);
    writer.quoted("hash", data.hash).quoted("created", data.created);
    write_datatype(writer, data.datatype);
    writer.key("value").raw(data.value);
    if (data.blob) write_blob(writer, *data.blob);
    writer.end_object();
    return writer.take();
}

std::string batch_json(store::Session& session, NamespaceId ns, const BatchRow& row, std::string_view namespace_name) {
    auto const& batch = row.batch;
    json::Writer writer;
    writer.begin_object().quoted("id", batch.id).field("type", word(batch.type)).field("namespace", namespace_name);
    if (batch.node) writer.quoted("node", *batch.node);
    if (batch.group) writer.quoted("group", *batch.group);
    writer.quoted("created", batch.created).field_if("author", batch.author).field_if("key", batch.key);
    writer.quoted("hash", batch.hash).key("manifest");
    if (auto const whole = load_batch(session, ns, row)) {
        writer.raw(manifest_json(*whole));
    } else {
        writer.null();
    }
    writer.key("tx").begin_object().field("type", word(batch.tx.type));
    if (batch.tx.id) writer.quoted("id", *batch.tx.id);
    writer.end_object().key("confirmed");
    if (row.confirmed.is_zero()) {
        writer.null();
    } else {
        writer.string(row.confirmed.text());
    }
    writer.end_object();
    return writer.take();
}

}  // namespace lockstep::messaging
