// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "messaging/input.hpp"

#include "core/json.hpp"
#include "messaging/errors.hpp"

namespace lockstep::messaging {

namespace {

// An absent or null member is an empty text.
Result<std::string> text_of(const json::Value& value, std::string_view member) {
    if (value.is_null()) return std::string{};
    auto text = value.as_string();
    if (!text) return refuse(errors::wrong_member_type, {{"member", member}, {"wanted", "a string"}});
    return std::move(*text);
}

Result<std::optional<Uuid>> uuid_of(const json::Value& value, std::string_view member) {
    TRY(auto const text, text_of(value, member));
    if (text.empty()) return std::optional<Uuid>{};
    auto const id = Uuid::parse(text);
    if (!id) return refuse(errors::bad_uuid, {{"value", text}});
    return id;
}

Result<std::optional<Hash>> hash_of(const json::Value& value, std::string_view member) {
    TRY(auto const text, text_of(value, member));
    if (text.empty()) return std::optional<Hash>{};
    auto const digits = text.size() - (text.starts_with("0x") ? 2 : 0);
    if (digits != 64) {
        auto const length = std::to_string(digits);
        return refuse(errors::wrong_hash_length, {{"length", length}});
    }
    auto const hash = Hash::parse(text);
    if (!hash) return refuse(errors::bad_hex, {{"value", text}});
    return hash;
}

Result<DataInput> data_of(const json::Value& value, std::string_view member) {
    if (value.kind() != json::Kind::object)
        return refuse(errors::wrong_member_type, {{"member", member}, {"wanted", "an object"}});
    DataInput input;
    TRY(input.id, uuid_of(value["id"], "data.id"));
    TRY(input.hash, hash_of(value["hash"], "data.hash"));
    TRY(input.validator, text_of(value["validator"], "data.validator"));
    if (auto const datatype = value["datatype"]; !datatype.is_null()) {
        if (datatype.kind() != json::Kind::object)
            return refuse(errors::wrong_member_type, {{"member", "data.datatype"}, {"wanted", "an object"}});
        TRY(input.datatype.name, text_of(datatype["name"], "data.datatype.name"));
        TRY(input.datatype.version, text_of(datatype["version"], "data.datatype.version"));
    }
    if (auto const inner = value["value"]; !inner.is_null()) input.value = std::string(inner.text());
    if (auto const blob = value["blob"]; !blob.is_null()) {
        if (blob.kind() != json::Kind::object)
            return refuse(errors::wrong_member_type, {{"member", "data.blob"}, {"wanted", "an object"}});
        input.has_blob = true;
        TRY(input.blob_hash, hash_of(blob["hash"], "data.blob.hash"));
    }
    return input;
}

Result<registry::GroupInput> recipients_of(const json::Value& value) {
    auto const wrong = [](std::string_view member, std::string_view wanted) {
        return refuse(errors::wrong_member_type, {{"member", member}, {"wanted", wanted}});
    };
    if (value.kind() != json::Kind::object) return wrong("group", "an object");
    registry::GroupInput out;
    TRY(out.name, text_of(value["name"], "group.name"));
    auto const members = value["members"];
    if (!members.is_null() && members.kind() != json::Kind::array) return wrong("group.members", "an array of objects");
    for (auto const& element : members.elements()) {
        if (element.kind() != json::Kind::object) return wrong("group.members", "an array of objects");
        registry::GroupInput::Member member;
        TRY(member.identity, text_of(element["identity"], "group.members.identity"));
        TRY(member.node, text_of(element["node"], "group.members.node"));
        out.members.push_back(std::move(member));
    }
    return out;
}

}  // namespace

Result<void> check_request(const MessageInput& input) {
    if (input.tag.empty()) return refuse(errors::request_without_tag);
    if (input.cid) return refuse(errors::request_with_cid);
    if (!input.group && (!input.recipients || input.recipients->members.empty()))
        return refuse(errors::request_without_group);
    return {};
}

Result<DataInput> parse_data_input(std::string_view compacted) { return data_of(json::Value{compacted}, "body"); }

Result<MessageInput> parse_message_input(std::string_view compacted) {
    json::Value const body{compacted};
    if (body.kind() != json::Kind::object)
        return refuse(errors::wrong_member_type, {{"member", "body"}, {"wanted", "an object"}});
    MessageInput input;
    auto const header = body["header"];
    if (!header.is_null()) {
        if (header.kind() != json::Kind::object)
            return refuse(errors::wrong_member_type, {{"member", "header"}, {"wanted", "an object"}});
        TRY(input.cid, uuid_of(header["cid"], "header.cid"));
        TRY(input.type, text_of(header["type"], "header.type"));
        TRY(input.txtype, text_of(header["txtype"], "header.txtype"));
        TRY(input.author, text_of(header["author"], "header.author"));
        TRY(input.key, text_of(header["key"], "header.key"));
        TRY(input.tag, text_of(header["tag"], "header.tag"));
        TRY(input.group, hash_of(header["group"], "header.group"));
        TRY(auto const created, text_of(header["created"], "header.created"));
        if (!created.empty()) {
            input.created = Time::parse(created);
            if (!input.created) return refuse(errors::bad_time, {{"value", created}});
        }
        if (auto const topics = header["topics"]; !topics.is_null()) {
            if (topics.kind() != json::Kind::array)
                return refuse(errors::wrong_member_type,
                              {{"member", "header.topics"}, {"wanted", "an array of strings"}});
            for (auto const& topic : topics.elements()) {
                auto text = topic.as_string();
                if (!text)
                    return refuse(errors::wrong_member_type,
                                  {{"member", "header.topics"}, {"wanted", "an array of strings"}});
                input.topics.push_back(std::move(*text));
            }
        }
    }
    if (auto const data = body["data"]; !data.is_null()) {
        if (data.kind() != json::Kind::array)
            return refuse(errors::wrong_member_type, {{"member", "data"}, {"wanted", "an array of objects"}});
        for (auto const& element : data.elements()) {
            TRY(auto item, data_of(element, "data"));
            input.data.push_back(std::move(item));
        }
    }
    if (auto const group = body["group"]; !group.is_null()) {
        TRY(input.recipients, recipients_of(group));
    }
    TRY(input.idempotency_key, text_of(body["idempotencyKey"], "idempotencyKey"));
    if (input.idempotency_key.size() > 256)
        return refuse(errors::wrong_member_type,
                      {{"member", "idempotencyKey"}, {"wanted", "at most 256 characters long"}});
    return input;
}

}  // namespace lockstep::messaging
