// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The timeline: what this node has decided happened, in the order that all parties share wherever the
// ledger gives one. It is a stream of the log, one for each namespace; applications live from it.
// Events are FireFly's (firefly-core.md 10); `sequence` on the wire is the offset in the stream.
//
// An event's id carries its offset in its last 46 bits, so that an event is found by its id without an
// index; the record at that offset says whether it really is the one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "async/tap.hpp"
#include "base/ids.hpp"
#include "base/uuid.hpp"
#include "log/log.hpp"

namespace lockstep::log {

enum class EventType {
    transaction_submitted,
    message_confirmed,
    message_rejected,
    datatype_confirmed,
    identity_confirmed,
    identity_updated,
    token_pool_confirmed,
    token_pool_op_failed,
    token_transfer_confirmed,
    token_transfer_op_failed,
    token_approval_confirmed,
    token_approval_op_failed,
    contract_interface_confirmed,
    contract_api_confirmed,
    blockchain_event_received,
    blockchain_invoke_op_succeeded,
    blockchain_invoke_op_failed,
    blockchain_contract_deploy_op_succeeded,
    blockchain_contract_deploy_op_failed,
};
std::string_view word(EventType type);
std::optional<EventType> parse_event_type(std::string_view text);

struct Event {
    EventType type = EventType::message_confirmed;
    Uuid reference;
    std::optional<Uuid> correlator, tx;
    std::string topic;

    // Given by the timeline.
    Uuid id;
    Offset sequence{-1};
    Time created;
};

class Timeline {
  public:
    // The stream of namespace `ns` of this node is number 1000 + ns.
    static StreamId stream_of(const identity::NodeId& node, NamespaceId ns);

    Timeline(StreamKey stream, std::string namespace_name) : stream_(stream), namespace_(std::move(namespace_name)) {}

    StreamKey stream() const { return stream_; }
    const std::string& namespace_name() const { return namespace_; }
    // Rung after a commit that appended, on the logic thread.
    Tap& tap() { return tap_; }

    // Appends in order; fills id, sequence and created. `salt` makes ids of different nodes differ.
    void append(store::Transaction& tx, std::vector<Event>& events, Time now, std::uint64_t salt) const;

    Offset newest(store::Session& session) const { return log::newest(session, stream_); }
    std::vector<Event> read(store::Session& session, const Selection& selection) const;
    std::optional<Event> find(store::Session& session, const Uuid& id) const;
    // Events that refer to `reference`, oldest first.
    std::vector<Event> about(store::Session& session, const Uuid& reference, std::size_t most) const;

    // Tags under which events can be selected.
    static std::string reference_tag(const Uuid& reference);
    static std::string topic_tag(std::string_view topic);

  private:
    StreamKey stream_;
    std::string namespace_;
    Tap tap_;
};

// {"id","sequence","type","namespace","reference","correlator"?,"tx"?,"topic"?,"created"} without the
// closing brace, so that enrichment can go on.
void append_event_json(std::string& out, const Event& event, std::string_view namespace_name);

}  // namespace lockstep::log
