// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "delivery/redrive.hpp"

#include "delivery/errors.hpp"
#include "delivery/webhook_caller.hpp"

namespace lockstep::delivery {

Task<std::optional<Redriver::Found>> Redriver::find(Uuid subscription, Uuid event) {
    auto look = [ns = parts_.ns, subscription, event, timeline = &parts_.timeline,
                 enricher = &parts_.enricher](store::Snapshot& snapshot) -> std::optional<Found> {
        auto letter = find_dead_letter(snapshot, ns, subscription, event);
        if (!letter) return std::nullopt;
        auto recorded = timeline->find(snapshot, event);
        if (!recorded) return std::nullopt;
        std::vector<log::Event> events;
        events.push_back(std::move(*recorded));
        Found found{std::move(*letter), {}};
        for (auto& enriched : enricher->enrich(snapshot, std::move(events)))
            found.events.push_back(std::make_shared<const EnrichedEvent>(std::move(enriched)));
        return found;
    };
    auto found = co_await parts_.database.read(std::move(look));
    co_return found;
}

Task<Result<void>> Redriver::redrive(SubscriptionRow row, Uuid event) {
    auto options = parse_webhook_options(json::Value{row.options});
    if (row.transport != Transport::webhooks || !parts_.web || !options)
        co_return refuse(errors::no_webhook, {{"name", row.name}});
    auto const key = std::make_pair(row.id, event);
    if (!under_way_.insert(key).second) co_return refuse(errors::dead_letter_under_way, {{"id", event.text()}});
    struct Ended {
        std::set<std::pair<Uuid, Uuid>>& of;
        std::pair<Uuid, Uuid> key;
        ~Ended() { of.erase(key); }
    };
    Ended const ended{under_way_, key};

    auto found = co_await find(row.id, event);
    if (!found) co_return refuse(errors::not_found);
    WebhookCaller caller(parts_, row, std::move(*options));
    auto const prepared = co_await caller.prepare_one(std::move(found->events));
    CallOutcome outcome;
    outcome.taken = prepared.empty();
    if (!outcome.taken) outcome = co_await caller.call(prepared);
    auto letter = std::move(found->letter);
    letter.status = outcome.status;
    letter.error = outcome.error;
    letter.updated = parts_.clock.now();
    auto closure = [ns = parts_.ns, letter, taken = outcome.taken](store::Transaction& tx) {
        if (taken) {
            erase_dead_letter(tx, ns, letter.subscription, letter.event);
        } else {
            note_attempt(tx, ns, letter);
        }
    };
    co_await parts_.database.write(std::move(closure));
    if (outcome.taken) co_return Result<void>();
    co_return refuse(errors::dead_letter_not_delivered, {{"reason", outcome.error}});
}

}  // namespace lockstep::delivery
