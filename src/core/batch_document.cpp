// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The transport form: what a sender knows and never changes (firefly-core.md 5.1, 5.2).
#include "core/detail/canonical.hpp"

namespace lockstep {

void append_datatype(std::string& out, const DatatypeRef& datatype) {
    ObjectText object(out);
    object.text_if("name", datatype.name);
    object.text_if("version", datatype.version);
    object.end();
}

void append_blob(std::string& out, const BlobRef& blob) {
    ObjectText object(out);
    object.quoted("hash", blob.hash);
    object.member("size") += std::to_string(blob.size);
    object.text("name", blob.name);
    object.text_if("path", blob.path);
    object.text_if("public", blob.public_ref);
    object.end();
}

void append_message_json(std::string& out, const Message& message) {
    ObjectText object(out);
    append_header(object.member("header"), message.header);
    object.quoted_if("hash", message.hash);
    object.quoted_if("txid", message.txid);
    append_data_refs(object.member("data"), message.data);
    if (!message.pins.empty()) append_text_list(object.member("pins"), message.pins);
    object.end();
}

void append_data_json(std::string& out, const Data& data) {
    ObjectText object(out);
    object.quoted_if("id", data.id);
    object.text("validator", data.validator);
    object.quoted_if("hash", data.hash);
    object.quoted_if("created", data.created);
    if (!data.datatype.empty()) append_datatype(object.member("datatype"), data.datatype);
    object.member("value") += data.value.empty() ? std::string_view("null") : std::string_view(data.value);
    if (data.blob) append_blob(object.member("blob"), *data.blob);
    object.end();
}

std::string batch_json(const Batch& batch) {
    std::string out;
    std::size_t values = 0;
    for (const Data& data : batch.data) values += data.value.size();
    out.reserve(768 + batch.messages.size() * 1024 + batch.data.size() * 320 + values);

    ObjectText object(out);
    object.quoted("id", batch.id);
    object.word("type", word(batch.type));
    object.text("namespace", batch.namespace_);
    object.quoted_if("node", batch.node);
    object.quoted_if("group", batch.group);
    if (batch.created.is_zero()) {
        object.member("created") += "null";
    } else {
        object.quoted("created", batch.created);
    }
    object.text_if("author", batch.author);
    object.text_if("key", batch.key);
    object.quoted("hash", batch.hash);
    ObjectText payload(object.member("payload"));
    append_tx_ref(payload.member("tx"), batch.tx);
    append_list(payload.member("messages"), batch.messages, append_message_json);
    append_list(payload.member("data"), batch.data, append_data_json);
    payload.end();
    object.end();
    return out;
}

}  // namespace lockstep
