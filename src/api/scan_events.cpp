// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "api/errors.hpp"
#include "api/filter/match.hpp"
#include "api/list.hpp"
#include "api/scan.hpp"

namespace lockstep::api {

namespace {

constexpr std::size_t page_events = 500;

bool is_plain_equality(const filter::Condition& condition) {
    return condition.op == filter::Operator::equals && !condition.negated && !condition.ignore_case &&
           !filter::is_null(condition.value);
}

// The offsets between which a condition on the sequence can hold.
void narrow_offsets(Offset& first, Offset& last, const filter::Condition& condition) {
    auto const number = std::get<std::int64_t>(condition.value);
    switch (condition.op) {
        case filter::Operator::greater:
            if (number == INT64_MAX)
                last = Offset{-1};
            else
                first = std::max(first, Offset{number + 1});
            break;
        case filter::Operator::greater_or_equal: first = std::max(first, Offset{number}); break;
        case filter::Operator::less:
            if (number == INT64_MIN)
                last = Offset{-1};
            else
                last = std::min(last, Offset{number - 1});
            break;
        case filter::Operator::less_or_equal: last = std::min(last, Offset{number}); break;
        case filter::Operator::equals:
            if (!condition.negated) {
                first = std::max(first, Offset{number});
                last = std::min(last, Offset{number});
            }
            break;
        default: break;
    }
}

std::vector<std::string> tags_of(const filter::Group& group) {
    std::vector<std::string> tags;
    for (auto const& condition : group.conditions) {
        if (!is_plain_equality(condition)) return {};
        if (condition.field == EventColumn::reference) {
            tags.push_back(log::Timeline::reference_tag(std::get<Uuid>(condition.value)));
        } else {
            auto const& text = std::get<std::string>(condition.value);
            if (text.empty()) return {};  // what has no topic has no tag either
            tags.push_back(log::Timeline::topic_tag(text));
        }
    }
    return tags;
}

std::vector<log::Event> find_events(store::Session& session,
                                    const Facts& facts,
                                    std::vector<Uuid> ids,
                                    bool newest_first) {
    std::vector<log::Event> events;
    for (auto const& wanted : ids) {
        if (auto event = facts.timeline.find(session, wanted)) events.push_back(std::move(*event));
    }
    std::sort(events.begin(), events.end(), [&](const log::Event& a, const log::Event& b) {
        return newest_first ? b.sequence < a.sequence : a.sequence < b.sequence;
    });
    auto const same = [](const log::Event& a, const log::Event& b) { return a.sequence == b.sequence; };
    events.erase(std::unique(events.begin(), events.end(), same), events.end());
    return events;
}

struct EventPage {
    std::vector<log::Event> matches;
    std::size_t read = 0;
    Offset reached;  // of the last one read
};

}  // namespace

EventRange narrow(filter::Query& query) {
    EventRange range;
    range.newest_first = query.descending.value_or(true);
    if (!query.sort.empty() && query.sort.front().field == EventColumn::sequence) {
        range.newest_first = query.sort.front().descending;
        query.sort.clear();  // no two events share a sequence, so no other key has a say
    }
    for (auto const& group : query.groups) {
        auto const every = group.all || group.conditions.size() == 1;
        switch (group.conditions.front().field) {
            case EventColumn::sequence:
                for (auto const& condition : group.conditions) {
                    if (every && !filter::is_null(condition.value)) narrow_offsets(range.first, range.last, condition);
                }
                break;
            case EventColumn::id:
                if (!std::all_of(group.conditions.begin(), group.conditions.end(), is_plain_equality)) break;
                for (auto const& condition : group.conditions) range.ids.push_back(std::get<Uuid>(condition.value));
                break;
            case EventColumn::reference: range.any_of_tags = tags_of(group); break;
            case EventColumn::topic:
                // A topic is shared by many events, a reference by few.
                if (range.any_of_tags.empty()) range.any_of_tags = tags_of(group);
                break;
            default: break;
        }
    }
    return range;
}

filter::Value event_value(const log::Event& event, std::size_t field) {
    auto const or_null = [](const std::optional<Uuid>& value) {
        return value ? filter::Value{*value} : filter::Value{};
    };
    switch (field) {
        case EventColumn::id: return event.id;
        case EventColumn::type: return std::string(log::word(event.type));
        case EventColumn::reference: return event.reference;
        case EventColumn::correlator: return or_null(event.correlator);
        case EventColumn::tx: return or_null(event.tx);
        case EventColumn::topic: return event.topic;
        case EventColumn::sequence: return event.sequence.value;
        case EventColumn::created: return event.created;
        default: return {};
    }
}

Task<Result<Scanned<log::Event>>> scan_events(const Call& call, filter::Query query) {
    auto range = narrow(query);
    auto const wanted = std::make_shared<const filter::Query>(query);
    filter::Select<log::Event> select(*wanted);
    auto const add = [&](log::Event event) {
        auto const read = [&event](std::size_t field) { return event_value(event, field); };
        auto copy = event;
        select.add(std::move(copy), read);
    };
    auto const matching = [](const filter::Query& filters, const log::Event& event) {
        return filter::matches(filters, [&](std::size_t field) { return event_value(event, field); });
    };

    if (!range.ids.empty()) {
        auto look = [facts = call.facts, range](store::Snapshot& snapshot) {
            return find_events(snapshot, *facts, range.ids, range.newest_first);
        };
        auto const events = co_await call.services.database.read(std::move(look));
        for (auto const& event : events) {
            if (matching(*wanted, event)) add(event);
        }
        auto const total = select.total();
        co_return Scanned<log::Event>{select.take(), total};
    }

    auto newest_of = [facts = call.facts](store::Snapshot& snapshot) { return facts->timeline.newest(snapshot); };
    auto const newest = co_await call.services.database.read(std::move(newest_of));
    range.last = std::min(range.last, newest);
    // Every event counts, and their sequences are dense: no need to read them to know how many there are.
    auto const counted = wanted->groups.empty();
    auto const enough = [&] {
        return select.complete() || (counted && wanted->sort.empty() && select.total() >= wanted->skip + wanted->limit);
    };
    while (range.first <= range.last && !enough()) {
        if (call.expired())
            co_return refuse(errors::request_timed_out, {{"request", call.request.path}, {"elapsed", call.elapsed()}});
        auto const left = counted && wanted->sort.empty() ? wanted->skip + wanted->limit - select.total() : page_events;
        log::Selection selection{range.first, range.last, range.any_of_tags, range.newest_first,
                                 std::min(left, page_events)};
        auto look = [facts = call.facts, selection, wanted, matching](store::Snapshot& snapshot) {
            EventPage page;
            for (auto& event : facts->timeline.read(snapshot, selection)) {
                ++page.read;
                page.reached = event.sequence;
                if (matching(*wanted, event)) page.matches.push_back(std::move(event));
            }
            return page;
        };
        auto page = co_await call.services.database.read(std::move(look));
        for (auto& event : page.matches) add(std::move(event));
        if (page.read < selection.most) break;
        if (range.newest_first) {
            range.last = Offset{page.reached.value - 1};
        } else {
            range.first = page.reached.next();
        }
    }
    auto const total = counted ? static_cast<std::size_t>(newest.value + 1) : select.total();
    co_return Scanned<log::Event>{select.take(), total};
}

Task<Result<Answer>> list_events(const Call& call, filter::Query query, bool enrich) {
    auto found = co_await scan_events(call, query);
    if (!found) co_return found.error();
    if (!enrich) {
        std::vector<std::string> items;
        for (auto const& event : found->rows) {
            log::append_event_json(items.emplace_back(), event, call.facts->namespace_name);
            items.back() += '}';
        }
        co_return Answer{200, page_json(items, query, found->total)};
    }
    auto look = [facts = call.facts, rows = std::move(found->rows), total = found->total,
                 query](store::Snapshot& snapshot) {
        std::vector<std::string> items;
        for (auto& event : facts->enricher.enrich(snapshot, rows)) items.push_back(std::move(event.json) + '}');
        return page_json(items, query, total);
    };
    auto json = co_await call.services.database.read(std::move(look));
    co_return Answer{200, std::move(json)};
}

}  // namespace lockstep::api
