// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "api/errors.hpp"
#include "api/filter/match.hpp"
#include "api/list.hpp"
#include "api/scan.hpp"
#include "delivery/dead_letters.hpp"
#include "delivery/delivery.hpp"
#include "delivery/subscription.hpp"

namespace lockstep::api {

namespace {

std::string json_of(const Call& call, const delivery::SubscriptionRow& row) {
    return delivery::subscription_json(row, call.facts->namespace_name);
}

Task<Result<Answer>> create(const Call& call) {
    auto const row = co_await call.services.delivery.create(call.body);
    if (!row) co_return row.error();
    co_return Answer{201, json_of(call, *row)};
}

Task<Result<Answer>> replace(const Call& call) {
    auto const row = co_await call.services.delivery.replace(call.body);
    if (!row) co_return row.error();
    co_return Answer{200, json_of(call, *row)};
}

void print_subscription(std::string& out, store::Session&, const Facts& facts, const store::Statement& row) {
    out = delivery::subscription_json(delivery::subscription_row(row), facts.namespace_name);
}

Task<Result<Answer>> list_subscriptions(const Call& call) {
    return list(call, subscriptions_table(), print_subscription);
}

Task<Result<Answer>> get_subscription(const Call& call) {
    CO_TRY(auto const id, call.uuid("subid"));
    auto look = [facts = call.facts, id,
                 with_status = call.flag("fetchstatus")](store::Snapshot& snapshot) -> std::optional<std::string> {
        auto const row = delivery::find_subscription(snapshot, facts->ns, id);
        if (!row) return std::nullopt;
        auto position = with_status ? delivery::find_position(snapshot, facts->ns, id) : std::nullopt;
        return delivery::subscription_json(*row, facts->namespace_name, position);
    };
    co_return co_await read_one(call, std::move(look));
}

Task<Result<Answer>> remove_subscription(const Call& call) {
    CO_TRY(auto const id, call.uuid("subid"));
    auto const removed = co_await call.services.delivery.remove(id);
    if (!removed) co_return removed.error();
    co_return Answer{204, ""};
}

// FF10464 for what is no sequence.
Result<std::optional<Offset>> sequence(const Call& call, std::string_view name) {
    auto const* text = filter::find(call.query, name);
    if (!text) return std::optional<Offset>{};
    std::int64_t number = 0;
    auto const [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error != std::errc{} || end != text->data() + text->size() || number < 0)
        return refuse(errors::bad_event_sequence, {{"value", *text}});
    return std::optional<Offset>{Offset{number}};
}

// Always with the counts around it, as the original answers.
Task<Result<Answer>> events_of_subscription(const Call& call) {
    CO_TRY(auto const id, call.uuid("subid"));
    CO_TRY(auto query, filter::parse_filter(call.query, event_fields, call.facts->limits));
    delivery::HistoryQuery history;
    CO_TRY(history.first, sequence(call, "startsequence"));
    CO_TRY(history.last, sequence(call, "endsequence"));
    history.limit = query.limit;
    history.skip = query.skip;
    history.newest_first = narrow(query).newest_first;
    if (!query.groups.empty()) {
        auto const wanted = std::make_shared<const filter::Query>(query);
        history.also = [wanted](const log::Event& event) {
            return filter::matches(*wanted, [&](std::size_t field) { return event_value(event, field); });
        };
    }
    auto const page = co_await call.services.delivery.history(id, std::move(history));
    if (!page) co_return page.error();
    query.count = true;
    co_return Answer{200, page_json(page->events, query, page->total)};
}

// ---- webhooks ----

void print_dead_letter(std::string& out, store::Session&, const Facts&, const store::Statement& row) {
    out = delivery::dead_letter_json(delivery::dead_letter_row(row));
}

Task<Result<Answer>> list_dead_letters(const Call& call) {
    CO_TRY(auto const id, call.uuid("subid"));
    auto const known = co_await call.services.delivery.find(id);
    if (!known) co_return refuse(errors::no_result);
    Restriction restriction{" AND subscription = ?2", {filter::Value(id)}};
    co_return co_await list(call, dead_letters_table(), print_dead_letter, std::move(restriction));
}

Task<Result<Answer>> redrive_dead_letter(const Call& call) {
    CO_TRY(auto const id, call.uuid("subid"));
    CO_TRY(auto const event, call.uuid("eventid"));
    auto const redriven = co_await call.services.delivery.redrive(id, event);
    if (!redriven) co_return redriven.error();
    co_return Answer{204, ""};
}

Task<Result<Answer>> remove_dead_letter(const Call& call) {
    CO_TRY(auto const id, call.uuid("subid"));
    CO_TRY(auto const event, call.uuid("eventid"));
    auto const removed = co_await call.services.delivery.remove_dead_letter(id, event);
    if (!removed) co_return removed.error();
    co_return Answer{204, ""};
}

Task<Result<Answer>> retry_webhook(const Call& call) {
    CO_TRY(auto const id, call.uuid("subid"));
    auto const known = co_await call.services.delivery.find(id);
    if (!known) co_return refuse(errors::not_found);
    if (auto const told = call.services.delivery.retry_now(id); !told) co_return told.error();
    co_return Answer{204, ""};
}

}  // namespace

Routes subscription_routes() {
    return under(
        "Subscriptions",
        {
            route("POST", "subscriptions", "Makes a subscription", create)
                .takes("Subscription")
                .gives("Subscription", {201}),
            route("PUT", "subscriptions", "Makes a subscription, or changes the one of that name", replace)
                .takes("Subscription")
                .gives("Subscription"),
            route("GET", "subscriptions", "Looks for subscriptions", list_subscriptions)
                .lists("Subscription", subscription_fields),
            route("GET", "subscriptions/{subid}", "Gets a subscription", get_subscription)
                .gives("Subscription")
                .with({{"fetchstatus", "Add how far it has come"}}),
            route("DELETE", "subscriptions/{subid}", "Deletes a subscription", remove_subscription).gives_nothing(),
            route("GET", "subscriptions/{subid}/events", "Looks for past events that pass the filter of a subscription",
                  events_of_subscription)
                .lists("Event", event_fields)
                .with({{"startsequence", "First event to look at", "integer"},
                       {"endsequence", "Last event to look at", "integer"}}),
            route("POST", "subscriptions/{subid}/retry", "Calls a webhook that waits to be tried again now",
                  retry_webhook)
                .gives_nothing(),
            route("GET", "subscriptions/{subid}/deadletters", "Looks for events that a webhook did not take",
                  list_dead_letters)
                .lists("DeadLetter", dead_letter_fields),
            route("POST", "subscriptions/{subid}/deadletters/{eventid}/redrive",
                  "Calls a webhook once more with an event that it did not take", redrive_dead_letter)
                .gives_nothing(),
            route("DELETE", "subscriptions/{subid}/deadletters/{eventid}",
                  "Forgets an event that a webhook did not take", remove_dead_letter)
                .gives_nothing(),
        });
}

}  // namespace lockstep::api
