// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/confirm.hpp"
#include "api/errors.hpp"
#include "api/list.hpp"
#include "api/scan.hpp"
#include "delivery/errors.hpp"
#include "messaging/input.hpp"
#include "messaging/rows.hpp"
#include "operations/operations.hpp"

namespace lockstep::api {

namespace {

using errors::not_found;

using Send = Task<Result<messaging::MessageRow>> (messaging::Sender::*)(messaging::MessageInput, Uuid);

Task<Result<Answer>> send(const Call& call, Send how) {
    CO_TRY(auto input, messaging::parse_message_input(call.body));
    auto& services = call.services;
    auto const id = services.sender.new_id();
    if (!call.flag("confirm")) {
        auto const row = co_await (services.sender.*how)(std::move(input), id);
        if (!row) co_return row.error();
        co_return Answer{202, messaging::message_json(*row, call.facts->namespace_name)};
    }
    sequencer::Settled::Watch watch(services.settled, id);
    auto const sent = co_await (services.sender.*how)(std::move(input), id);
    if (!sent) co_return sent.error();
    auto const row = co_await confirmed(call, watch, id);
    if (!row) co_return row.error();
    co_return Answer{200, messaging::message_json(*row, call.facts->namespace_name)};
}

Task<Result<Answer>> broadcast(const Call& call) { return send(call, &messaging::Sender::broadcast); }
Task<Result<Answer>> send_private(const Call& call) { return send(call, &messaging::Sender::private_message); }

Task<Result<Answer>> request_reply(const Call& call) {
    CO_TRY(auto input, messaging::parse_message_input(call.body));
    if (auto const good = messaging::check_request(input); !good) co_return good.error();
    auto& services = call.services;
    auto const id = services.sender.new_id();
    sequencer::Settled::Request request(services.settled, id);
    auto const sent = co_await services.sender.private_message(std::move(input), id);
    if (!sent) co_return sent.error();
    CO_TRY(auto json, co_await answered(call, request, id));
    co_return Answer{200, std::move(json)};
}

void print_message(std::string& out, store::Session&, const Facts& facts, const store::Statement& row) {
    out = messaging::message_json(messaging::message_row(row), facts.namespace_name);
}

void print_with_data(std::string& out, store::Session& session, const Facts& facts, const store::Statement& row) {
    out = messaging::message_json_with_data(session, facts.ns, messaging::message_row(row), facts.namespace_name);
}

Task<Result<Answer>> list_messages(const Call& call) {
    return list(call, messages_table(), call.flag("fetchdata") ? print_with_data : print_message);
}

Task<Result<Answer>> get_message(const Call& call) {
    CO_TRY(auto const id, call.uuid("msgid"));
    auto look = [facts = call.facts, id,
                 with_data = call.flag("fetchdata")](store::Snapshot& snapshot) -> std::optional<std::string> {
        auto const row = messaging::find_message(snapshot, facts->ns, id);
        if (!row) return std::nullopt;
        if (with_data) return messaging::message_json_with_data(snapshot, facts->ns, *row, facts->namespace_name);
        return messaging::message_json(*row, facts->namespace_name);
    };
    co_return co_await read_one(call, std::move(look), not_found);
}

Task<Result<Answer>> data_of_message(const Call& call) {
    CO_TRY(auto const id, call.uuid("msgid"));
    auto look = [facts = call.facts, id](store::Snapshot& snapshot) -> std::optional<std::string> {
        auto const row = messaging::find_message(snapshot, facts->ns, id);
        if (!row) return std::nullopt;
        std::vector<std::string> items;
        for (auto const& ref : row->message.data) {
            if (auto const item = messaging::find_data(snapshot, facts->ns, ref))
                items.push_back(messaging::data_json(*item, facts->namespace_name));
        }
        return page_json(items, {}, 0);
    };
    co_return co_await read_one(call, std::move(look), not_found);
}

Task<Result<Answer>> events_of_message(const Call& call) {
    CO_TRY(auto const id, call.uuid("msgid"));
    CO_TRY(auto query, filter::parse_filter(call.query, event_fields, call.facts->limits));
    auto look = [facts = call.facts, id](store::Snapshot& snapshot) {
        return messaging::find_message(snapshot, facts->ns, id).has_value();
    };
    auto const known = co_await call.services.database.read(std::move(look));
    if (!known) co_return refuse(not_found);
    query.groups.push_back({{{EventColumn::reference, filter::Operator::equals, false, false, id}}, false});
    co_return co_await list_events(call, std::move(query), false);
}

Task<Result<Answer>> transaction(const Call& call) {
    CO_TRY(auto const id, call.uuid("msgid"));
    auto look = [facts = call.facts, id](store::Snapshot& snapshot) -> Result<Answer> {
        auto const row = messaging::find_message(snapshot, facts->ns, id);
        if (!row) return refuse(not_found);
        if (!row->batch) return refuse(errors::message_without_batch, {{"id", id.text()}});
        auto tx = row->tx;
        if (!tx) {
            auto const batch = messaging::find_batch(snapshot, facts->ns, *row->batch);
            if (batch) tx = batch->batch.tx.id;
        }
        auto const found = tx ? operations::find_transaction(snapshot, facts->ns, *tx) : std::nullopt;
        if (!found) return refuse(errors::message_without_transaction, {{"id", id.text()}});
        return Answer{200, operations::transaction_json(*found, facts->namespace_name)};
    };
    co_return co_await call.services.database.read(std::move(look));
}

constexpr QueryParameter fetchdata{"fetchdata", "Give the data itself in place of references to it"};

}  // namespace

Routes message_routes() {
    return under(
        "Messages",
        {
            route("POST", "messages/broadcast", "Sends a message to every member", broadcast)
                .takes("MessageInOut")
                .gives("Message", {202, 200})
                .with({confirm}),
            route("POST", "messages/private", "Sends a message to the members of a group", send_private)
                .takes("MessageInOut")
                .gives("Message", {202, 200})
                .with({confirm}),
            route("POST", "messages/requestreply", "Sends a message to a group and waits for the first reply",
                  request_reply)
                .takes("MessageInOut")
                .gives("MessageInOut"),
            route("GET", "messages", "Looks for messages", list_messages)
                .lists("Message", message_fields)
                .with({fetchdata}),
            route("GET", "messages/{msgid}", "Gets a message", get_message).gives("MessageInOut").with({fetchdata}),
            route("GET", "messages/{msgid}/data", "Gets the data of a message, in its order", data_of_message)
                .gives("[Data]"),
            route("GET", "messages/{msgid}/events", "Looks for the events about a message", events_of_message)
                .lists("Event", event_fields),
            route("GET", "messages/{msgid}/transaction", "Gets the transaction that carried a message", transaction)
                .gives("Transaction"),
        });
}

}  // namespace lockstep::api
