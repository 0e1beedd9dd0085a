// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "delivery/websocket_messages.hpp"

#include <charconv>
#include <map>

#include "core/json.hpp"
#include "delivery/errors.hpp"
#include "delivery/filter.hpp"
#include "messaging/errors.hpp"
#include "net/http.hpp"

namespace lockstep::delivery {

namespace {

constexpr std::size_t message_bytes_max = 1 << 20;

Error wrong_kind(std::string_view member, std::string_view wanted) {
    return refuse(errors::bad_socket_message, {{"reason", std::string(member) + " is no " + std::string(wanted)}});
}

Result<std::string> text_member(json::Value value, std::string_view member) {
    if (value.is_null()) return std::string();
    auto text = value.as_string();
    if (!text) return wrong_kind(member, "text");
    return std::move(*text);
}

Result<std::optional<bool>> flag_member(json::Value value, std::string_view member) {
    if (value.is_null()) return std::optional<bool>();
    auto const flag = value.as_bool();
    if (!flag) return wrong_kind(member, "boolean");
    return flag;
}

Result<std::optional<Uuid>> id_member(json::Value value, std::string_view member) {
    TRY(auto const text, text_member(value, member));
    if (text.empty()) return std::optional<Uuid>();
    auto const id = Uuid::parse(text);
    if (!id) return refuse(errors::bad_uuid, {{"value", text}});
    return id;
}

// A socket that is bound to a namespace fills it in, and refuses another.
Result<void> bind_namespace(std::string& namespace_, const std::optional<std::string>& bound) {
    if (!bound) return {};
    if (namespace_.empty()) namespace_ = *bound;
    if (namespace_ != *bound) return refuse(errors::socket_of_other_namespace, {{"namespace", namespace_}});
    return {};
}

Result<StartRequest> parse_start(json::Value message, const std::optional<std::string>& bound) {
    auto const [namespace_, name, ephemeral, autoack, filter, options] =
        message.pick("namespace", "name", "ephemeral", "autoack", "filter", "options");
    StartRequest out;
    TRY(out.namespace_, text_member(namespace_, "namespace"));
    TRY(out.name, text_member(name, "name"));
    TRY(auto const is_ephemeral, flag_member(ephemeral, "ephemeral"));
    out.ephemeral = is_ephemeral.value_or(false);
    TRY(out.autoack, flag_member(autoack, "autoack"));
    out.filter = filter.text();
    out.options = options.text();
    TRY_VOID(bind_namespace(out.namespace_, bound));
    return out;
}

Result<AckRequest> parse_ack(json::Value message) {
    auto const [id, subscription] = message.pick("id", "subscription");
    AckRequest out;
    TRY(out.id, id_member(id, "id"));
    if (subscription.is_null()) return out;
    if (subscription.kind() != json::Kind::object) return wrong_kind("subscription", "object");
    auto const [of_id, of_namespace, of_name] = subscription.pick("id", "namespace", "name");
    SubscriptionRef ref;
    TRY(ref.id, id_member(of_id, "subscription.id"));
    TRY(ref.namespace_, text_member(of_namespace, "subscription.namespace"));
    TRY(ref.name, text_member(of_name, "subscription.name"));
    out.subscription = std::move(ref);
    return out;
}

}  // namespace

Result<ClientMessage> parse_client_message(std::string_view text, const std::optional<std::string>& bound) {
    TRY(auto const compacted, json::compact(text, message_bytes_max));
    json::Value const message{compacted};
    if (!message.is_null() && message.kind() != json::Kind::object) return wrong_kind("the message", "object");
    TRY(auto const type, text_member(message["type"], "type"));
    if (type == "start") {
        TRY(auto start, parse_start(message, bound));
        return ClientMessage{std::move(start)};
    }
    if (type != "ack" && type != "nack") return refuse(errors::unknown_socket_action, {{"action", type}});
    TRY(auto ack, parse_ack(message));
    if (type == "nack") return ClientMessage{NackRequest{std::move(ack)}};
    return ClientMessage{std::move(ack)};
}

Result<std::optional<StartRequest>> parse_auto_start(std::string_view query, const std::optional<std::string>& bound) {
    // Of repeated parameters the first counts, as Go's decoder has it.
    std::map<std::string, std::string> parameters;
    for (auto& [name, value] : net::parse_query(query)) parameters.try_emplace(std::move(name), std::move(value));
    auto const has = [&](const char* name) { return parameters.contains(name); };
    auto const text = [&](const char* name) {
        auto const found = parameters.find(name);
        return found == parameters.end() ? std::string() : found->second;
    };
    auto const flag = [&](const char* name) { return has(name) && text(name) != "false"; };

    StartRequest out;
    out.ephemeral = flag("ephemeral");
    if (!out.ephemeral && !has("name")) return std::optional<StartRequest>();
    out.name = text("name");
    out.namespace_ = text("namespace");
    out.autoack = flag("autoack");
    TRY_VOID(bind_namespace(out.namespace_, bound));
    if (out.namespace_.empty()) return refuse(errors::start_incomplete);
    if (!out.ephemeral) return std::optional<StartRequest>(std::move(out));

    FilterInput filter;
    filter.events = text("filter.events");
    filter.topic = text("filter.topic");
    filter.message_tag = text("filter.message.tag");
    filter.message_group = text("filter.message.group");
    filter.message_author = text("filter.message.author");
    filter.transaction_type = text("filter.transaction.type");
    filter.chain_name = text("filter.blockchain.name");
    filter.chain_listener = text("filter.blockchain.listener");
    filter.old_topics = text("filter.topics");
    filter.old_tag = text("filter.tag");
    filter.old_group = text("filter.group");
    filter.old_author = text("filter.author");
    out.filter = filter.json();

    json::Writer options;
    options.begin_object();
    if (flag("batch")) options.key("batch").boolean(true);
    options.field_if("batchTimeout", text("batchtimeout"));
    auto const read_ahead = text("readahead");
    std::uint16_t number = 0;
    auto const [end, error] = std::from_chars(read_ahead.data(), read_ahead.data() + read_ahead.size(), number);
    auto const usable = !read_ahead.empty() && error == std::errc{} && end == read_ahead.data() + read_ahead.size();
    if (usable) options.key("readAhead").number(number);
    options.end_object();
    out.options = options.take();
    return std::optional<StartRequest>(std::move(out));
}

std::string protocol_error(const Error& error, bool of_message) {
    auto const wrap = of_message && !error.is(errors::bad_socket_message);
    json::Writer writer;
    writer.begin_object().field("type", "protocol_error");
    writer.field("error",
                 wrap ? refuse(errors::bad_socket_message, {{"reason", error.message()}}).message() : error.message());
    writer.end_object();
    return writer.take() += '\n';
}

}  // namespace lockstep::delivery
