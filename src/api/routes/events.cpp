// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/histogram.hpp"
#include "api/list.hpp"
#include "api/scan.hpp"

namespace lockstep::api {

namespace {

// Both spellings work on both routes, as in the original.
bool enrich(const Call& call) { return call.flag("fetchreferences") || call.flag("fetchreference"); }

Task<Result<Answer>> list_events(const Call& call) {
    CO_TRY(auto query, filter::parse_filter(call.query, event_fields, call.facts->limits));
    co_return co_await list_events(call, std::move(query), enrich(call));
}

Task<Result<Answer>> get_event(const Call& call) {
    CO_TRY(auto const id, call.uuid("eid"));
    auto look = [facts = call.facts, id,
                 with_reference = enrich(call)](store::Snapshot& snapshot) -> std::optional<std::string> {
        auto const event = facts->timeline.find(snapshot, id);
        if (!event) return std::nullopt;
        if (with_reference) return facts->enricher.enrich(snapshot, {*event}).front().json + '}';
        std::string json;
        log::append_event_json(json, *event, facts->namespace_name);
        return json + '}';
    };
    co_return co_await read_one(call, std::move(look));
}

}  // namespace

Routes event_routes() {
    return under("Events", {
                               route("GET", "events", "Looks for events", list_events)
                                   .lists("Event", event_fields)
                                   .with({{"fetchreferences", "Add what each event refers to"}}),
                               route("GET", "events/{eid}", "Gets an event", get_event)
                                   .gives("Event")
                                   .with({{"fetchreference", "Add what the event refers to"}}),
                               route("GET", "charts/histogram/{collection}",
                                     "Counts the objects of a collection in spans of time", histogram)
                                   .gives("[HistogramBucket]")
                                   .with({{"startTime", "Beginning of the first span", "string"},
                                          {"endTime", "End of the last span", "string"},
                                          {"buckets", "Number of spans, 1 to 100", "integer"}}),
                           });
}

}  // namespace lockstep::api
