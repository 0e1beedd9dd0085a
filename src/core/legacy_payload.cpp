// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "core/detail/batch_reader.hpp"
#include "core/detail/canonical.hpp"
#include "core/detail/read_fields.hpp"

namespace lockstep {

namespace {

// Members that are not in a Message: read here, since nothing but this old hash needs them.
Result<void> append_legacy_message(std::string& out, const Message& message, json::Value value, const Place& place) {
    const auto [local, batch, state, confirmed, reason, data, key] =
        value.pick("localNamespace", "batch", "state", "confirmed", "rejectReason", "data", "idempotencyKey");
    ObjectText object(out);
    append_header(object.member("header"), message.header);
    TRY(const std::string local_text, read_text(local, place, "localNamespace"));
    object.text_if("localNamespace", local_text);
    object.quoted("hash", message.hash);
    TRY(const std::optional<Uuid> batch_id, read_uuid(batch, place, "batch"));
    object.quoted_if("batch", batch_id);
    object.quoted_if("txid", message.txid);
    TRY(const std::string state_text, read_text(state, place, "state"));
    const auto known_state = parse_message_state(state_text);
    if (!known_state && !state_text.empty()) return no_batch(place, "state", "is no message state");
    if (known_state) object.word("state", word(*known_state));
    TRY(const Time confirmed_time, read_time(confirmed, place, "confirmed"));
    object.quoted_if("confirmed", confirmed_time);
    TRY(const std::string reason_text, read_text(reason, place, "rejectReason"));
    object.text_if("rejectReason", reason_text);
    if (data.is_null()) {
        object.member("data") += "null";
    } else {
        append_data_refs(object.member("data"), message.data);
    }
    if (!message.pins.empty()) append_text_list(object.member("pins"), message.pins);
    TRY(const std::string key_text, read_text(key, place, "idempotencyKey"));
    object.text_if("idempotencyKey", key_text);
    object.end();
    return {};
}

Result<void> append_legacy_data(std::string& out, const Data& data, json::Value value, const Place& place) {
    const auto [namespace_, datatype, public_ref] = value.pick("namespace", "datatype", "public");
    ObjectText object(out);
    object.quoted("id", data.id);
    object.text("validator", data.validator);
    TRY(const std::string namespace_text, read_text(namespace_, place, "namespace"));
    object.text_if("namespace", namespace_text);
    object.quoted("hash", data.hash);
    object.quoted_if("created", data.created);
    if (!datatype.is_null()) append_datatype(object.member("datatype"), data.datatype);
    object.member("value") += data.value;
    TRY(const std::string public_text, read_text(public_ref, place, "public"));
    object.text_if("public", public_text);
    if (data.blob) append_blob(object.member("blob"), *data.blob);
    object.end();
    return {};
}

}  // namespace

Result<std::string> legacy_payload_json(const Batch& batch, json::Value payload) {
    const auto [messages, data] = payload.pick("messages", "data");
    const std::vector<json::Value> message_values = messages.elements();
    const std::vector<json::Value> data_values = data.elements();
    std::string out;
    out.reserve(payload.text().size());
    ObjectText object(out);
    append_tx_ref(object.member("tx"), batch.tx);
    object.member("messages") += '[';
    for (std::size_t i = 0; i < message_values.size(); ++i) {
        if (i > 0) out += ',';
        TRY_VOID(append_legacy_message(out, batch.messages[i], message_values[i], Place{"payload.messages", i}));
    }
    out += ']';
    object.member("data") += data.is_null() ? "null" : "[";
    for (std::size_t i = 0; i < data_values.size(); ++i) {
        if (i > 0) out += ',';
        TRY_VOID(append_legacy_data(out, batch.data[i], data_values[i], Place{"payload.data", i}));
    }
    if (!data.is_null()) out += ']';
    object.end();
    return out;
}

}  // namespace lockstep
