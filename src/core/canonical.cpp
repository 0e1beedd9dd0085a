// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "core/detail/canonical.hpp"

namespace lockstep {

namespace {

template <class Item>
void append_id_and_hash(std::string& out, const Item& item) {
    ObjectText object(out);
    object.quoted("id", item.id);
    object.quoted("hash", item.hash);
    object.end();
}

}  // namespace

void append_text_list(std::string& out, const std::vector<std::string>& texts) {
    append_list(out, texts, [](std::string& to, const std::string& text) { json::append_string(to, text); });
}

void append_tx_ref(std::string& out, const TxRef& tx) {
    ObjectText object(out);
    object.word("type", word(tx.type));
    object.quoted_if("id", tx.id);
    object.end();
}

void append_header(std::string& out, const MessageHeader& header) {
    ObjectText object(out);
    object.quoted_if("id", header.id);
    object.quoted_if("cid", header.cid);
    object.word("type", word(header.type));
    object.word("txtype", word(header.txtype));
    object.text_if("author", header.author);
    object.text_if("key", header.key);
    object.quoted_if("created", header.created);
    object.text_if("namespace", header.namespace_);
    object.quoted_if("group", header.group);
    if (!header.topics.empty()) append_text_list(object.member("topics"), header.topics);
    object.text_if("tag", header.tag);
    object.quoted_if("datahash", header.datahash);
    if (header.txparent) append_tx_ref(object.member("txparent"), *header.txparent);
    object.end();
}

void append_data_refs(std::string& out, const std::vector<DataRef>& refs) {
    append_list(out, refs, append_id_and_hash<DataRef>);
}

std::string header_json(const MessageHeader& header) {
    std::string out;
    out.reserve(768);
    append_header(out, header);
    return out;
}

std::string data_refs_json(const std::vector<DataRef>& refs) {
    std::string out;
    out.reserve(2 + refs.size() * 120);
    append_data_refs(out, refs);
    return out;
}

std::string manifest_json(const Batch& batch) {
    std::string out;
    out.reserve(256 + batch.messages.size() * 140 + batch.data.size() * 120);
    ObjectText object(out);
    object.member("version") += '1';
    object.quoted("id", batch.id);
    append_tx_ref(object.member("tx"), batch.tx);
    append_list(object.member("messages"), batch.messages, [](std::string& to, const Message& message) {
        ObjectText entry(to);
        entry.quoted("id", message.header.id);
        entry.quoted("hash", message.hash);
        entry.member("topics") += std::to_string(message.header.topics.size());
        entry.end();
    });
    append_list(object.member("data"), batch.data, append_id_and_hash<Data>);
    object.end();
    return out;
}

}  // namespace lockstep
