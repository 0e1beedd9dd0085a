// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "delivery/webhook_caller.hpp"

#include <stdexcept>

#include "async/deadline.hpp"
#include "core/json.hpp"
#include "delivery/errors.hpp"
#include "delivery/signature.hpp"
#include "messaging/rows.hpp"

namespace lockstep::delivery {

namespace {

constexpr std::string_view user_agent = "lockstep";

// What a message event is sent with; the values only when they are wanted.
void add_message(store::Session& session, NamespaceId ns, const Uuid& id, bool with_data, HookEvent& out) {
    auto const row = messaging::find_message(session, ns, id);
    if (!row) return;
    out.message = row->message.header;
    if (!with_data) return;
    for (auto const& ref : row->message.data) {
        auto data = messaging::find_data(session, ns, ref);
        if (data && data->value != "null" && !data->value.empty()) out.values.push_back(std::move(data->value));
    }
}

// The status alone: bodies of endpoints do not belong into our logs and answers.
std::string refusal_of(const net::Response& response) {
    return "the endpoint answered with status " + std::to_string(response.status);
}

}  // namespace

WebhookCaller::WebhookCaller(const Delivery::Parts& parts, const SubscriptionRow& row, WebhookOptions options)
    : parts_(parts), options_(std::move(options)), subscription_(row.id), batch_(row.dispatch_options().batch) {
    json::Writer reference;
    reference.begin_object()
        .field("id", row.id.text())
        .field("namespace", parts.namespace_name)
        .field("name", row.name)
        .end_object();
    reference_ = reference.take();
    // What is stored has been checked.
    if (auto secrets = parse_signing_secrets(json::Value{row.secrets})) secrets_ = std::move(*secrets);
}

bool WebhookCaller::needs_message(const EnrichedEvent& event) const {
    if (!options_.with_data && !replies()) return false;
    return event.event.type == log::EventType::message_confirmed ||
           event.event.type == log::EventType::message_rejected;
}

std::string WebhookCaller::reply_key(const HookEvent& event) const {
    return "webhook-reply:" + subscription_.text() + ":" + event.id.text();
}

Task<std::vector<std::vector<HookEvent>>> WebhookCaller::prepare(std::vector<Events> calls) {
    using Messages = std::vector<std::vector<std::optional<Uuid>>>;
    std::vector<std::vector<HookEvent>> out;
    Messages messages;
    auto looks = false;
    for (auto const& events : calls) {
        auto& hooks = out.emplace_back();
        auto& of_call = messages.emplace_back();
        for (auto const& event : events) {
            auto& hook = hooks.emplace_back();
            hook.id = event->event.id;
            hook.sequence = event->event.sequence;
            hook.delivery = event->json + R"(,"subscription":)" + reference_ + "}";
            of_call.push_back(needs_message(*event) ? std::optional(event->event.reference) : std::nullopt);
            looks = looks || of_call.back();
        }
    }
    if (!looks) co_return out;
    auto look = [ns = parts_.ns, with_data = options_.with_data, messages = std::move(messages),
                 found = std::move(out)](store::Snapshot& snapshot) mutable {
        std::size_t bytes = 0;
        for (std::size_t i = 0; i < found.size(); ++i) {
            if (bytes > prepared_bytes_max) {
                found.resize(i);
                break;
            }
            for (std::size_t j = 0; j < found[i].size(); ++j) {
                auto& hook = found[i][j];
                if (messages[i][j]) add_message(snapshot, ns, *messages[i][j], with_data, hook);
                for (auto const& value : hook.values) bytes += value.size();
            }
        }
        return std::move(found);
    };
    out = co_await parts_.database.read(std::move(look));
    // Two webhooks that answer each other's answers would never come to an end.
    if (replies()) {
        for (auto& hooks : out)
            std::erase_if(hooks, [](const HookEvent& event) { return event.message && event.message->cid; });
    }
    co_return out;
}

Task<std::vector<HookEvent>> WebhookCaller::prepare_one(Events events) {
    std::vector<Events> calls;
    calls.push_back(std::move(events));
    auto prepared = co_await prepare(std::move(calls));
    co_return std::move(prepared.front());
}

Task<std::vector<HookEvent>> WebhookCaller::without_replied(std::vector<HookEvent> events) {
    std::vector<std::string> keys;
    for (auto const& event : events) keys.push_back(reply_key(event));
    auto look = [ns = parts_.ns, keys](store::Snapshot& snapshot) {
        std::vector<bool> sent;
        for (auto const& key : keys) sent.push_back(messaging::find_message_by_key(snapshot, ns, key).has_value());
        return sent;
    };
    auto const sent = co_await parts_.database.read(std::move(look));
    std::vector<HookEvent> left;
    for (std::size_t i = 0; i < events.size(); ++i) {
        if (!sent[i]) left.push_back(std::move(events[i]));
    }
    co_return left;
}

net::WebRequest WebhookCaller::request_of(const std::vector<HookEvent>& events) const {
    auto call = make_hook_call(options_, events, batch_);
    net::WebRequest request;
    request.method = std::move(call.method);
    request.url = std::move(call.url);
    request.headers = std::move(call.headers);
    request.body = std::move(call.body);
    request.timeout = options_.timeout;
    request.connect_timeout = options_.connect_timeout;
    request.tls_handshake_timeout = options_.tls_handshake_timeout;
    request.idle_timeout = options_.idle_timeout;
    request.idle_max = options_.idle_max;
    if (!request.headers.has("User-Agent")) request.headers.set("User-Agent", std::string(user_agent));
    if (!options_.tls_profile.empty()) {
        request.tls = parts_.tls_profiles ? parts_.tls_profiles(options_.tls_profile) : std::nullopt;
        if (!request.tls) {
            auto const unknown = refuse(errors::unknown_tls_profile,
                                        {{"namespace", parts_.namespace_name}, {"name", options_.tls_profile}});
            throw std::runtime_error(unknown.message());
        }
    }
    auto const id = hook_call_id(subscription_, events);
    auto const timestamp = std::to_string(parts_.clock.now().ns / 1'000'000'000);
    request.headers.set("webhook-id", id);
    request.headers.set("webhook-timestamp", timestamp);
    if (!secrets_.empty())
        request.headers.set("webhook-signature", webhook_signature(secrets_, id, timestamp, request.body));
    return request;
}

Task<void> WebhookCaller::reply(const HookEvent& event, std::string answer) {
    if (!event.message) co_return;
    auto const& asked = *event.message;
    messaging::MessageInput input;
    input.cid = asked.id;
    input.type = std::string(word(asked.type));
    input.txtype = reply_tx_type(options_, event);
    input.group = asked.group;
    input.topics = asked.topics;
    input.tag = options_.reply_tag;
    input.idempotency_key = reply_key(event);
    messaging::DataInput data;
    data.value = std::move(answer);
    input.data.push_back(std::move(data));
    auto const sent = co_await parts_.replier->send(input);
    if (sent) co_return;
    // The asker learns at least that there is an answer which cannot be told, such as one that is too long.
    input.data.front().value = failed_answer_object(sent.error().message());
    auto const told = co_await parts_.replier->send(std::move(input));
    if (!told) throw std::runtime_error("the reply cannot be sent: " + told.error().message());
}

Task<CallOutcome> WebhookCaller::call_and_reply(const std::vector<HookEvent>& events) {
    if (!replies()) co_return co_await exchange(events);
    auto const left = co_await without_replied(events);
    if (!left.empty()) co_return co_await exchange(left);
    CallOutcome out;
    out.taken = true;
    co_return out;
}

Task<CallOutcome> WebhookCaller::exchange(const std::vector<HookEvent>& events) {
    CallOutcome out;
    auto request = request_of(events);
    auto const response = co_await parts_.web->call(std::move(request));
    out.status = response.status;
    out.taken = response.status >= 200 && response.status < 300;
    if (replies()) {
        auto const object = hook_answer_object(options_, response);
        auto const answer = object ? *object : failed_answer_object(object.error().message());
        for (auto const& event : events) co_await reply(event, answer);
        // Whatever it is, it is the answer; an event without a message has nobody to be answered.
        for (auto const& event : events) out.taken = out.taken || event.message.has_value();
    }
    if (out.taken) co_return out;
    out.error = refusal_of(response);
    out.retry_after = retry_after(response, parts_.clock.now());
    co_return out;
}

Task<CallOutcome> WebhookCaller::call(const std::vector<HookEvent>& events) {
    CallOutcome failed;
    try {
        auto work = call_and_reply(events);
        co_return co_await std::move(work);
    } catch (const std::exception& error) {
        if (is_cancelled(error)) throw;
        failed.error = error.what();
    }
    co_return failed;
}

}  // namespace lockstep::delivery
