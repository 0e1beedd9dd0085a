// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Collections that are no tables: events (the timeline) and pins (the contexts of chain events, one pin
// each). They are read in pages, each in a read of its own so that no reader is held for long, newest first
// unless the query sorts by sequence; the query is carried out on the rows.
#pragma once

#include <vector>

#include "api/route.hpp"

namespace lockstep::api {

// In the order of event_fields.
struct EventColumn {
    enum : std::size_t { id, type, reference, correlator, tx, topic, sequence, created };
};

template <class Row>
struct Scanned {
    std::vector<Row> rows;
    std::size_t total = 0;  // when the query counts
};

// Where in the timeline the matches of a query are.
struct EventRange {
    Offset first{0}, last{INT64_MAX};
    std::vector<std::string> any_of_tags;
    std::vector<Uuid> ids;  // not empty: these events and no others
    bool newest_first = true;
};
// Conditions on sequence, reference, topic and id narrow it; sorting by sequence, which the scan does by
// itself, is taken out of the query.
EventRange narrow(filter::Query& query);

filter::Value event_value(const log::Event& event, std::size_t field);

// FF00166 when the time is up before the end is found.
Task<Result<Scanned<log::Event>>> scan_events(const Call& call, filter::Query query);
// The answer to a query for events, with what they refer to when `enrich`.
Task<Result<Answer>> list_events(const Call& call, filter::Query query, bool enrich);

Task<Result<Answer>> list_pins(const Call& call);

}  // namespace lockstep::api
