// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "log/timeline.hpp"

#include <algorithm>
#include <array>

#include "base/must.hpp"
#include "core/json.hpp"

namespace lockstep::log {

namespace {

constexpr std::array<std::string_view, 19> words{"transaction_submitted",
                                                 "message_confirmed",
                                                 "message_rejected",
                                                 "datatype_confirmed",
                                                 "identity_confirmed",
                                                 "identity_updated",
                                                 "token_pool_confirmed",
                                                 "token_pool_op_failed",
                                                 "token_transfer_confirmed",
                                                 "token_transfer_op_failed",
                                                 "token_approval_confirmed",
                                                 "token_approval_op_failed",
                                                 "contract_interface_confirmed",
                                                 "contract_api_confirmed",
                                                 "blockchain_event_received",
                                                 "blockchain_invoke_op_succeeded",
                                                 "blockchain_invoke_op_failed",
                                                 "blockchain_contract_deploy_op_succeeded",
                                                 "blockchain_contract_deploy_op_failed"};

constexpr int offset_bits = 46;
constexpr std::uint64_t offset_mask = (std::uint64_t{1} << offset_bits) - 1;

// Version 7: 48 bits of milliseconds, 12 and 16 bits of salt, 46 bits of offset.
Uuid event_id(Time now, Offset offset, std::uint64_t salt) {
    auto const ms = static_cast<std::uint64_t>(now.ns / 1'000'000);
    auto const tail = (std::uint64_t{0b10} << 62) | ((salt & 0xffff) << offset_bits) |
                      (static_cast<std::uint64_t>(offset.value) & offset_mask);
    auto const head = (ms << 16) | (std::uint64_t{7} << 12) | ((salt >> 16) & 0xfff);
    Uuid id;
    for (int i = 0; i < 8; ++i) {
        id.bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(head >> (56 - 8 * i));
        id.bytes[static_cast<std::size_t>(8 + i)] = static_cast<std::uint8_t>(tail >> (56 - 8 * i));
    }
    return id;
}

Offset offset_in(const Uuid& id) {
    std::uint64_t tail = 0;
    for (std::size_t i = 8; i < 16; ++i) tail = (tail << 8) | id.bytes[i];
    return Offset{static_cast<std::int64_t>(tail & offset_mask)};
}

std::string payload_of(const Event& event) {
    json::Writer writer;
    writer.reserve(256);
    writer.begin_object().quoted("id", event.id).field("type", word(event.type)).quoted("reference", event.reference);
    if (event.correlator) writer.quoted("correlator", *event.correlator);
    if (event.tx) writer.quoted("tx", *event.tx);
    writer.field_if("topic", event.topic).quoted("created", event.created).end_object();
    return writer.take();
}

// Reads what payload_of() wrote, in its order: several times quicker than by names, and this is what every
// replay does for every event.
class Payload {
  public:
    explicit Payload(std::string_view text) : rest_(text) {}

    bool has(std::string_view name) const { return rest_.starts_with(name); }
    Uuid uuid(std::string_view name) {
        auto const text = take(name, 36);
        return store::meaning(Uuid::parse(text), "an id of an event", text);
    }
    EventType type(std::string_view name) {
        auto const end = rest_.find('"', std::min(name.size(), rest_.size()));
        auto const text = take(name, std::min(end, rest_.size()) - name.size());
        return store::meaning(parse_event_type(text), "an event's type", text);
    }
    // Unescaped. It ends at the first quote that is not escaped.
    std::string text(std::string_view name) {
        auto end = std::min(name.size(), rest_.size());
        auto escaped = false;
        for (; end < rest_.size() && rest_[end] != '"'; ++end) {
            if (rest_[end] != '\\') continue;
            escaped = true;
            ++end;
        }
        auto const value = take(name, end - name.size());
        if (!escaped) return std::string(value);
        return json::Value{std::string_view('"' + std::string(value) + '"')}.as_string().value_or("");
    }

    void goes_on(std::string_view name) const {
        if (!has(name)) throw store::DamagedRow("an event", rest_);
    }

  private:
    std::string_view take(std::string_view name, std::size_t size) {
        goes_on(name);
        if (rest_.size() - name.size() < size) throw store::DamagedRow("an event", rest_);
        auto const value = rest_.substr(name.size(), size);
        rest_.remove_prefix(name.size() + size);
        return value;
    }

    std::string_view rest_;
};

Event event_of(const RecordView& record) {
    Payload payload(record.payload);
    Event event;
    event.sequence = record.offset;
    event.created = record.time;
    event.id = payload.uuid(R"({"id":")");
    event.type = payload.type(R"(","type":")");
    event.reference = payload.uuid(R"(","reference":")");
    if (payload.has(R"(","correlator":")")) event.correlator = payload.uuid(R"(","correlator":")");
    if (payload.has(R"(","tx":")")) event.tx = payload.uuid(R"(","tx":")");
    if (payload.has(R"(","topic":")")) event.topic = payload.text(R"(","topic":")");
    payload.goes_on(R"(","created":")");
    return event;
}

}  // namespace

std::string_view word(EventType type) { return words[static_cast<std::size_t>(type)]; }

std::optional<EventType> parse_event_type(std::string_view text) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == text) return static_cast<EventType>(i);
    }
    return std::nullopt;
}

StreamId Timeline::stream_of(const identity::NodeId& node, NamespaceId ns) {
    return {node, 1000 + static_cast<std::uint64_t>(ns.value)};
}

std::string Timeline::reference_tag(const Uuid& reference) { return "ref:" + reference.text(); }
std::string Timeline::topic_tag(std::string_view topic) { return "topic:" + std::string(topic); }

void Timeline::append(store::Transaction& tx, std::vector<Event>& events, Time now, std::uint64_t salt) const {
    if (events.empty()) return;
    auto offset = newest(tx).next();
    std::vector<NewRecord> records;
    records.reserve(events.size());
    for (auto& event : events) {
        event.sequence = offset;
        event.created = now;
        event.id = event_id(now, offset, salt);
        NewRecord record{{reference_tag(event.reference)}, "lockstep", payload_of(event)};
        if (!event.topic.empty()) record.tags.push_back(topic_tag(event.topic));
        records.push_back(std::move(record));
        offset = offset.next();
    }
    auto const first = log::append(tx, stream_, records, now);
    MUST(first == events.front().sequence, "nobody else appends to the timeline inside one transaction");
}

std::vector<Event> Timeline::read(store::Session& session, const Selection& selection) const {
    std::vector<Event> events;
    events.reserve(std::min<std::size_t>(selection.most, 1024));
    log::visit(session, stream_, selection, [&](const RecordView& record) { events.push_back(event_of(record)); });
    return events;
}

std::optional<Event> Timeline::find(store::Session& session, const Uuid& id) const {
    auto const offset = offset_in(id);
    for (auto& event : read(session, {.first = offset, .last = offset, .any_of_tags = {}, .most = 1})) {
        if (event.id == id) return std::move(event);
    }
    return std::nullopt;
}

std::vector<Event> Timeline::about(store::Session& session, const Uuid& reference, std::size_t most) const {
    return read(session, {.any_of_tags = {reference_tag(reference)}, .most = most});
}

void append_event_json(std::string& out, const Event& event, std::string_view namespace_name) {
    out += R"({"id":")";
    event.id.append_to(out);
    out += R"(","sequence":)";
    out += std::to_string(event.sequence.value);
    out += R"(,"type":")";
    out += word(event.type);
    out += R"(","namespace":)";
    json::append_string(out, namespace_name);
    out += R"(,"reference":")";
    event.reference.append_to(out);
    if (event.correlator) {
        out += R"(","correlator":")";
        event.correlator->append_to(out);
    }
    if (event.tx) {
        out += R"(","tx":")";
        event.tx->append_to(out);
    }
    out += '"';
    if (!event.topic.empty()) {
        out += R"(,"topic":)";
        json::append_string(out, event.topic);
    }
    out += R"(,"created":")";
    event.created.append_to(out);
    out += '"';
}

}  // namespace lockstep::log
