// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
// A query says only what it asks for.
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#include "delivery/history.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "delivery/test_world.hpp"

namespace lockstep::delivery {
namespace {

using testing::ElementsAre;

Sequences sequences(const HistoryPage& page) {
    Sequences out;
    for (auto const& event : page.events) out.push_back(json::Value{event}["sequence"].as_int().value_or(-1));
    return out;
}

struct Range {
    const char* what;
    std::optional<std::int64_t> first, last;
    std::int64_t from, to;  // to -2: refused
};

class HistoryRanges : public testing::TestWithParam<Range> {};

TEST_P(HistoryRanges, AreCompletedOrRefused) {
    auto const& row = GetParam();
    HistoryQuery query;
    if (row.first) query.first = Offset{*row.first};
    if (row.last) query.last = Offset{*row.last};

    auto const range = history_range(query, Offset{5000}, 1000);

    if (row.to == -2) {
        ASSERT_FALSE(range) << row.what;
        EXPECT_EQ(range.error().code(), "FF10463");
        return;
    }
    ASSERT_TRUE(range) << row.what;
    EXPECT_EQ(range->first.value, row.from) << row.what;
    EXPECT_EQ(range->last.value, row.to) << row.what;
}

INSTANTIATE_TEST_SUITE_P(Rows,
                         HistoryRanges,
                         testing::Values(Range{"neither end: the newest", {}, {}, 4001, 5000},
                                         Range{"from a first on", 10, {}, 10, 1009},
                                         Range{"up to a last", {}, 2000, 1001, 2000},
                                         Range{"up to an early last", {}, 5, 0, 5},
                                         Range{"both ends", 10, 20, 10, 20},
                                         Range{"as far apart as may be", 0, 1000, 0, 1000},
                                         Range{"too far apart", 0, 1001, 0, -2},
                                         Range{"much too far apart", INT64_MIN, INT64_MAX, 0, -2},
                                         Range{"the wrong way round", 20, 10, 20, 10},
                                         Range{"before the first", INT64_MIN, -1, 0, -1},
                                         Range{"behind everything", INT64_MAX, {}, INT64_MAX - 1000, INT64_MAX - 1}));

TEST(History, ShowsWhatASubscriptionWouldHaveBrought) {
    World world;
    auto const row = world.create(R"({"name":"app","filter":{"message":{"tag":"keep"}}})");
    for (int i = 0; i < 10; ++i) world.append({i % 2 == 0 ? "keep" : "drop"});
    auto const history = [&](HistoryQuery query) {
        return *world.await(world.delivery().history(row.id, std::move(query)));
    };

    EXPECT_THAT(sequences(history({})), ElementsAre(8, 6, 4, 2, 0));
    EXPECT_EQ(history({}).total, 5u);
    EXPECT_THAT(sequences(history({.newest_first = false})), ElementsAre(0, 2, 4, 6, 8));
    EXPECT_THAT(sequences(history({.limit = 2, .skip = 1})), ElementsAre(6, 4));
    EXPECT_EQ(history({.limit = 2, .skip = 1}).total, 5u);
    EXPECT_THAT(sequences(history({.first = Offset{2}, .last = Offset{6}})), ElementsAre(6, 4, 2));
    EXPECT_THAT(sequences(history({.first = Offset{5}})), ElementsAre(8, 6));
    EXPECT_THAT(sequences(history({.also = [](const log::Event& event) { return event.sequence.value > 5; }})),
                ElementsAre(8, 6));
    EXPECT_TRUE(json::compact(history({}).events.at(0)));
}

TEST(History, IsOfASubscriptionThatExists) {
    World world;
    auto const page = world.await(world.delivery().history(Uuid{}, {}));
    ASSERT_FALSE(page);
    EXPECT_EQ(page.error().code(), "FF00164");
    EXPECT_EQ(page.error().status(), 404);
}

TEST(History, LooksThroughSoManyEventsAndNoMore) {
    World world;
    auto const row = world.create(R"({"name":"app"})");
    world.append_many(1500);
    auto const page = *world.await(world.delivery().history(row.id, {}));
    EXPECT_EQ(page.total, 1000u);
    EXPECT_EQ(page.events.size(), 25u);
    EXPECT_EQ(sequences(page).front(), 1499);
    EXPECT_EQ(world.await(world.delivery().history(row.id, {.first = Offset{0}, .last = Offset{1400}})).error().code(),
              "FF10463");
}

}  // namespace
}  // namespace lockstep::delivery
