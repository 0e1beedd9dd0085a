// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "api/errors.hpp"
#include "api/filter/match.hpp"
#include "api/list.hpp"
#include "api/scan.hpp"
#include "chain/chain_events.hpp"
#include "core/json.hpp"
#include "sequencer/decide.hpp"

namespace lockstep::api {

namespace {

// In the order of pin_fields.
struct PinColumn {
    enum Of : std::size_t { sequence, masked, hash, batch, index, dispatched, created };
};

constexpr std::int64_t page_pin_events = 100;  // of up to a few hundred pins each

struct Pin {
    sequencer::PinOrder sequence = 0;
    bool masked = false, dispatched = false;
    Hash hash, batch_hash;
    Uuid batch;
    std::string signer;
    Time created;
};

filter::Value pin_value(const Pin& pin, std::size_t field) {
    switch (field) {
        case PinColumn::sequence: return pin.sequence;
        case PinColumn::masked: return pin.masked;
        case PinColumn::hash: return pin.hash;
        case PinColumn::batch: return pin.batch;
        case PinColumn::index: return sequencer::index_of(pin.sequence);
        case PinColumn::dispatched: return pin.dispatched;
        case PinColumn::created: return pin.created;
        default: return {};
    }
}

std::string pin_json(const Pin& pin, std::string_view namespace_name) {
    json::Writer writer;
    writer.begin_object().key("sequence").number(pin.sequence).field("namespace", namespace_name);
    if (pin.masked) writer.key("masked").boolean(true);
    writer.field("hash", pin.hash.text()).field("batch", pin.batch.text()).field("batchHash", pin.batch_hash.text());
    writer.key("index").number(sequencer::index_of(pin.sequence));
    if (pin.dispatched) writer.key("dispatched").boolean(true);
    writer.field("signer", pin.signer).field("created", pin.created.text()).end_object();
    return writer.take();
}

// The chain events whose pins can match.
struct Range {
    std::int64_t first = 0, last = INT64_MAX;
    bool newest_first = true;
};

Range narrow_pins(filter::Query& query) {
    Range range;
    range.newest_first = query.descending.value_or(true);
    if (!query.sort.empty() && query.sort.front().field == PinColumn::sequence) {
        range.newest_first = query.sort.front().descending;
        query.sort.clear();
    }
    for (auto const& group : query.groups) {
        if (group.conditions.front().field != PinColumn::sequence || (!group.all && group.conditions.size() > 1))
            continue;
        for (auto const& condition : group.conditions) {
            if (filter::is_null(condition.value) || condition.negated) continue;
            auto const event = sequencer::event_of(std::get<std::int64_t>(condition.value));
            using enum filter::Operator;
            if (condition.op != less && condition.op != less_or_equal) range.first = std::max(range.first, event);
            if (condition.op != greater && condition.op != greater_or_equal) range.last = std::min(range.last, event);
        }
    }
    return range;
}

struct PinPage {
    std::vector<Pin> matches;
    std::int64_t read = 0, reached = 0;  // chain events
};

PinPage read_page(store::Session& session, const Facts& facts, const Range& range, const filter::Query& query) {
    static const std::string select =
        "SELECT " + chain::chain_event_columns + " FROM chain_events WHERE +ns = ?1 AND seq >= ?2 AND seq <= ?3";
    static const std::string newest = select + " ORDER BY seq DESC LIMIT ?4",
                             oldest = select + " ORDER BY seq LIMIT ?4";
    PinPage page;
    for (auto& row :
         session.query(range.newest_first ? newest : oldest, facts.ns, range.first, range.last, page_pin_events)) {
        auto const event = chain::chain_event_row(row);
        auto const& pin = event.event.pin;
        ++page.read;
        page.reached = event.seq;
        auto const count = pin.contexts.size();
        for (std::size_t i = 0; i < count; ++i) {
            auto const at = range.newest_first ? count - 1 - i : i;
            auto const order = sequencer::pin_order(event.seq, static_cast<std::int64_t>(at));
            Pin one{order,     pin.payload_ref.empty(), false,        pin.contexts[at], pin.batch_hash,
                    pin.batch, event.event.author,      event.created};
            one.dispatched = one.masked ? facts.private_pins.settled(session, one.hash, order)
                                        : facts.parking.dispatched(session, one.hash, order);
            if (filter::matches(query, [&](std::size_t field) { return pin_value(one, field); }))
                page.matches.push_back(std::move(one));
        }
    }
    return page;
}

}  // namespace

Task<Result<Answer>> list_pins(const Call& call) {
    CO_TRY(auto query, filter::parse_filter(call.query, pin_fields, call.facts->limits));
    auto range = narrow_pins(query);
    auto const wanted = std::make_shared<const filter::Query>(query);
    filter::Select<Pin> select(*wanted);
    while (range.first <= range.last && !select.complete()) {
        if (call.expired())
            co_return refuse(errors::request_timed_out, {{"request", call.request.path}, {"elapsed", call.elapsed()}});
        auto look = [facts = call.facts, range, wanted](store::Snapshot& snapshot) {
            return read_page(snapshot, *facts, range, *wanted);
        };
        auto const page = co_await call.services.database.read(std::move(look));
        for (auto const& pin : page.matches) select.add(pin, [&](std::size_t field) { return pin_value(pin, field); });
        if (page.read < page_pin_events) break;
        (range.newest_first ? range.last : range.first) = page.reached + (range.newest_first ? -1 : 1);
    }
    auto const total = select.total();
    std::vector<std::string> items;
    for (auto const& pin : select.take()) items.push_back(pin_json(pin, call.facts->namespace_name));
    co_return Answer{200, page_json(items, query, total)};
}

}  // namespace lockstep::api
