// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// A filter as clients write it, to and from JSON.
#include "delivery/errors.hpp"
#include "delivery/filter.hpp"

namespace lockstep::delivery {

std::string FilterInput::json() const {
    json::Writer writer;
    writer.begin_object().field_if("events", events);
    writer.key("message").begin_object().field_if("tag", message_tag).field_if("group", message_group);
    writer.field_if("author", message_author).end_object();
    writer.key("transaction").begin_object().field_if("type", transaction_type).end_object();
    writer.key("blockchainevent")
        .begin_object()
        .field_if("name", chain_name)
        .field_if("listener", chain_listener)
        .end_object();
    writer.field_if("topic", topic).field_if("topics", old_topics).field_if("tag", old_tag);
    writer.field_if("group", old_group).field_if("author", old_author).end_object();
    return writer.take();
}

namespace {

Result<void> read_text(json::Value value, std::string_view member, std::string& out) {
    if (value.is_null()) return {};
    auto text = value.as_string();
    if (!text) return refuse(errors::bad_subscription, {{"reason", "filter." + std::string(member) + " is no text"}});
    out = std::move(*text);
    return {};
}

Result<void> check_object(json::Value value, std::string_view member) {
    if (value.is_null() || value.kind() == json::Kind::object) return {};
    return refuse(errors::bad_subscription, {{"reason", std::string(member) + " is no object"}});
}

}  // namespace

Result<FilterInput> parse_filter(json::Value filter) {
    FilterInput out;
    TRY_VOID(check_object(filter, "filter"));
    auto const [events, topic, message, transaction, chain_event] =
        filter.pick("events", "topic", "message", "transaction", "blockchainevent");
    TRY_VOID(check_object(message, "filter.message"));
    TRY_VOID(check_object(transaction, "filter.transaction"));
    TRY_VOID(check_object(chain_event, "filter.blockchainevent"));
    TRY_VOID(read_text(events, "events", out.events));
    TRY_VOID(read_text(topic, "topic", out.topic));
    auto const [tag, group, author] = message.pick("tag", "group", "author");
    TRY_VOID(read_text(tag, "message.tag", out.message_tag));
    TRY_VOID(read_text(group, "message.group", out.message_group));
    TRY_VOID(read_text(author, "message.author", out.message_author));
    TRY_VOID(read_text(transaction["type"], "transaction.type", out.transaction_type));
    auto const [name, listener] = chain_event.pick("name", "listener");
    TRY_VOID(read_text(name, "blockchainevent.name", out.chain_name));
    TRY_VOID(read_text(listener, "blockchainevent.listener", out.chain_listener));
    auto const [old_topics, old_tag, old_group, old_author] = filter.pick("topics", "tag", "group", "author");
    TRY_VOID(read_text(old_topics, "topics", out.old_topics));
    TRY_VOID(read_text(old_tag, "tag", out.old_tag));
    TRY_VOID(read_text(old_group, "group", out.old_group));
    TRY_VOID(read_text(old_author, "author", out.old_author));
    return out;
}

}  // namespace lockstep::delivery
