// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/histogram.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include "api/errors.hpp"
#include "core/json.hpp"

namespace lockstep::api {

namespace {

constexpr std::int64_t buckets_max = 100;
// An event is counted by reading it; a span with more of them than this is shown as capped.
constexpr std::size_t events_max = 10'000;

struct Bucket {
    Time begin, end;  // half open
    std::map<std::string, std::int64_t> types;
    bool capped = false;
};

struct Chart {
    Time start, end;
    std::int64_t buckets = 0;
};

std::vector<Bucket> spans(const Chart& chart) {
    std::vector<Bucket> out;
    auto const width = (chart.end.ns - chart.start.ns) / chart.buckets;
    for (std::int64_t i = 0; i < chart.buckets; ++i) {
        auto const last = i + 1 == chart.buckets;
        out.push_back(
            {{chart.start.ns + i * width}, last ? chart.end : Time{chart.start.ns + (i + 1) * width}, {}, false});
    }
    return out;
}

Result<Chart> parse(const Call& call) {
    Chart chart;
    auto const* start = filter::find(call.query, "starttime");
    auto const* end = filter::find(call.query, "endtime");
    auto const* buckets = filter::find(call.query, "buckets");
    auto const from = start ? Time::parse(*start) : std::nullopt;
    auto const to = end ? Time::parse(*end) : std::nullopt;
    if (!from) return refuse(errors::bad_chart_start);
    if (!to || *to <= *from) return refuse(errors::bad_chart_end);
    chart.start = *from;
    chart.end = *to;
    if (buckets) std::from_chars(buckets->data(), buckets->data() + buckets->size(), chart.buckets);
    if (chart.buckets < 1 || chart.buckets > buckets_max)
        return refuse(errors::bad_chart_buckets, {{"limit", std::to_string(buckets_max)}});
    return chart;
}

// The first event that is not before `time`; events are in the order of time, as far as the clock was.
Offset first_at(store::Session& session, const log::Timeline& timeline, Time time) {
    std::int64_t low = 0, high = timeline.newest(session).value + 1;
    while (low < high) {
        auto const middle = low + (high - low) / 2;
        auto const events =
            timeline.read(session, {.first = Offset{middle}, .last = Offset{middle}, .any_of_tags = {}, .most = 1});
        if (!events.empty() && events.front().created < time) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return Offset{low};
}

Bucket count_events(store::Session& session, const log::Timeline& timeline, Bucket bucket) {
    auto const first = first_at(session, timeline, bucket.begin);
    auto const last = Offset{first_at(session, timeline, bucket.end).value - 1};
    if (last < first) return bucket;
    bucket.capped = last.value - first.value >= static_cast<std::int64_t>(events_max);
    for (auto const& event :
         timeline.read(session, {.first = first, .last = last, .any_of_tags = {}, .most = events_max}))
        ++bucket.types[std::string(log::word(event.type))];
    return bucket;
}

// One walk over the table for all spans: number of the span, type, count. ?1 namespace, ?2 start, ?3 end,
// ?4 width.
struct Counted {
    std::string_view collection;
    const char* sql;  // null: counted otherwise, or always none
};
constexpr Counted collections[] = {
    {"events", nullptr},
    {"messages",
     "SELECT (created - ?2) / ?4, type, COUNT(*) FROM messages WHERE ns = ?1 AND created >= ?2 AND created < ?3 GROUP "
     "BY 1, 2"},
    {"operations",
     "SELECT (created - ?2) / ?4, type, COUNT(*) FROM operations WHERE ns = ?1 AND created >= ?2 AND created < ?3 "
     "GROUP BY 1, 2"},
    {"transactions",
     "SELECT (created - ?2) / ?4, type, COUNT(*) FROM transactions WHERE ns = ?1 AND created >= ?2 AND created < ?3 "
     "GROUP BY 1, 2"},
    {"blockchainevents",
     "SELECT (timestamp - ?2) / ?4, 'BatchPin', COUNT(*) FROM chain_events WHERE ns = ?1 AND timestamp >= ?2 AND "
     "timestamp < ?3 GROUP BY 1, 2"},
    {"tokentransfers", nullptr},
};

void count_rows(store::Session& session, NamespaceId ns, const char* sql, std::vector<Bucket>& buckets) {
    auto const width = std::max<std::int64_t>(buckets.front().end.ns - buckets.front().begin.ns, 1);
    for (auto& row : session.query(sql, ns, buckets.front().begin, buckets.back().end, width)) {
        // What division leaves over belongs to the last span.
        auto const span = std::min(static_cast<std::size_t>(row.integer(0)), buckets.size() - 1);
        buckets[span].types[row.string(1)] += row.integer(2);
    }
}

std::string chart_json(const std::vector<Bucket>& buckets) {
    json::Writer writer;
    writer.begin_array();
    for (auto const& bucket : buckets) {
        std::int64_t sum = 0;
        for (auto const& [type, count] : bucket.types) sum += count;
        writer.begin_object()
            .field("count", std::to_string(sum))
            .field("timestamp", bucket.begin.text())
            .key("types")
            .begin_array();
        for (auto const& [type, count] : bucket.types) {
            if (count > 0) writer.begin_object().field("count", std::to_string(count)).field("type", type).end_object();
        }
        writer.end_array().key("isCapped").boolean(bucket.capped).end_object();
    }
    writer.end_array();
    return writer.take();
}

}  // namespace

Task<Result<Answer>> histogram(const Call& call) {
    CO_TRY(auto const chart, parse(call));
    auto const& name = call.parameter("collection");
    const Counted* counted = nullptr;
    for (auto const& known : collections) {
        if (known.collection == name) counted = &known;
    }
    if (!counted) co_return refuse(errors::bad_chart_collection, {{"collection", name}});

    auto buckets = spans(chart);
    if (counted->sql) {
        auto look = [facts = call.facts, buckets, sql = counted->sql](store::Snapshot& snapshot) mutable {
            count_rows(snapshot, facts->ns, sql, buckets);
            return std::move(buckets);
        };
        buckets = co_await call.services.database.read(std::move(look));
    } else if (name == "events") {
        for (auto& bucket : buckets) {
            // A read each: a span may take a while, and others read too.
            auto look = [facts = call.facts, bucket](store::Snapshot& snapshot) {
                return count_events(snapshot, facts->timeline, bucket);
            };
            bucket = co_await call.services.database.read(std::move(look));
        }
    }
    co_return Answer{200, chart_json(buckets)};
}

}  // namespace lockstep::api
