// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/scan.hpp"

#include <gtest/gtest.h>

#include "api/collections.hpp"
#include "api/test_world.hpp"

namespace lockstep::api {
namespace {

using Sequences = std::vector<std::int64_t>;

Sequences sequences_of(const net::Response& response) {
    Sequences out;
    Shown const shown(response);
    auto const items = shown.value().kind() == json::Kind::array ? shown.elements() : shown["items"].elements();
    for (auto const& item : items) out.push_back(item["sequence"].as_int().value_or(-1));
    return out;
}

EventRange range_of(std::string_view query) {
    auto parsed = filter::parse_filter(query, event_fields);
    return narrow(*parsed);
}

TEST(EventScan, narrows_the_offsets_that_a_query_can_match) {
    EXPECT_EQ(range_of("sequence=>5").first, Offset{6});
    EXPECT_EQ(range_of("sequence=>=5").first, Offset{5});
    EXPECT_EQ(range_of("sequence=<5").last, Offset{4});
    EXPECT_EQ(range_of("sequence=<=5").last, Offset{5});
    EXPECT_EQ(range_of("sequence=5").first, Offset{5});
    EXPECT_EQ(range_of("sequence=5").last, Offset{5});
    EXPECT_EQ(range_of("sequence=>5&sequence=[<9").last, Offset{8});
    EXPECT_EQ(range_of("sequence=!5").first, Offset{0});
    EXPECT_EQ(range_of("sequence=>5&sequence=<3").first, Offset{0}) << "alternatives narrow nothing";
    EXPECT_LT(range_of("sequence=>9223372036854775807").last, range_of("sequence=>9223372036854775807").first);
    EXPECT_LT(range_of("sequence=<-9223372036854775808").last, Offset{0});
}

TEST(EventScan, uses_the_tags_of_references_and_topics) {
    auto const id = "00000000-0000-4000-8000-000000000000";

    EXPECT_EQ(range_of("topic=a&topic=b").any_of_tags, (std::vector<std::string>{"topic:a", "topic:b"}));
    EXPECT_EQ(range_of(std::string("reference=") + id).any_of_tags, std::vector<std::string>{std::string("ref:") + id});
    EXPECT_EQ(range_of(std::string("topic=a&reference=") + id).any_of_tags,
              std::vector<std::string>{std::string("ref:") + id});
    for (auto const query : {"topic=!a", "topic=:a", "topic=^a", "topic=", "topic=a&topic=!b", "type=a"})
        EXPECT_TRUE(range_of(query).any_of_tags.empty()) << query;
}

TEST(EventScan, gives_events_newest_first_and_in_other_orders_when_asked) {
    TestWorld world;
    world.append({"c", "a", "b", "a"});

    EXPECT_EQ(sequences_of(world.get("events")), (Sequences{3, 2, 1, 0}));
    EXPECT_EQ(sequences_of(world.get("events?limit=2&skip=1")), (Sequences{2, 1}));
    EXPECT_EQ(sequences_of(world.get("events?sort=sequence")), (Sequences{0, 1, 2, 3}));
    EXPECT_EQ(sequences_of(world.get("events?ascending&limit=2")), (Sequences{0, 1}));
    EXPECT_EQ(sequences_of(world.get("events?sort=topic")), (Sequences{3, 1, 2, 0}));
    EXPECT_EQ(sequences_of(world.get("events?sort=-topic&skip=1&limit=2")), (Sequences{2, 3}));
    EXPECT_EQ(sequences_of(world.get("events?topic=a")), (Sequences{3, 1}));
    EXPECT_EQ(sequences_of(world.get("events?topic=a&topic=c")), (Sequences{3, 1, 0}));
    EXPECT_EQ(sequences_of(world.get("events?topic=!a")), (Sequences{2, 0}));
    EXPECT_EQ(sequences_of(world.get("events?sequence=>0&sequence=[<3")), (Sequences{2, 1}));
    EXPECT_EQ(sequences_of(world.get("events?correlator=?")), (Sequences{3, 2, 1, 0}));
    EXPECT_EQ(sequences_of(world.get("events?tx=!?")), Sequences{});
    EXPECT_EQ(sequences_of(world.get("events?type=message_confirmed")), Sequences{});
}

TEST(EventScan, counts_what_matches) {
    TestWorld world;
    world.append({"c", "a", "b", "a"});

    EXPECT_EQ(Shown(world.get("events?count&limit=1"))["total"].as_int(), 4);
    EXPECT_EQ(Shown(world.get("events?count&limit=1&topic=a"))["total"].as_int(), 2);
    EXPECT_EQ(Shown(world.get("events?count&limit=1&topic=@a"))["total"].as_int(), 2);
    EXPECT_EQ(Shown(world.get("events?count&sort=topic&limit=3"))["total"].as_int(), 4);
    EXPECT_EQ(sequences_of(world.get("events?count&skip=3")), Sequences{0});
}

TEST(EventScan, finds_events_by_id) {
    TestWorld world;
    auto const ids = world.append({"a", "b", "c"});

    EXPECT_EQ(sequences_of(world.get("events?id=" + ids[1].text())), Sequences{1});
    EXPECT_EQ(sequences_of(world.get("events?id=" + ids[0].text() + "&id=" + ids[2].text() + "&id=" + ids[0].text())),
              (Sequences{2, 0}));
    EXPECT_EQ(sequences_of(world.get("events?id=" + world.new_id().text())), Sequences{});
    EXPECT_EQ(Shown(world.get("events/" + ids[1].text()))["sequence"].as_int(), 1);
}

TEST(EventScan, goes_through_many_pages_for_few_matches) {
    TestWorld world;
    world.append({"rare"});
    for (auto i = 0; i < 3; ++i) world.append(std::vector<std::string>(500, "common"));

    EXPECT_EQ(sequences_of(world.get("events?topic=@rar")), Sequences{0});
    EXPECT_EQ(sequences_of(world.get("events?topic=@rar&sort=sequence")), Sequences{0});
    EXPECT_EQ(sequences_of(world.get("events?limit=1000")).size(), 1000U);
    EXPECT_EQ(Shown(world.get("events?topic=@o&count&limit=1"))["total"].as_int(), 1500);
}

TEST(EventScan, adds_what_events_refer_to) {
    TestWorld world;
    auto const message = world.broadcast("t");
    world.settle(message, MessageState::confirmed);

    Shown const plain(world.get("events")), rich(world.get("events?fetchreferences"));
    auto const id = plain.elements().at(0)["id"].as_string().value_or("");

    EXPECT_FALSE(plain.elements().at(0)["message"].exists());
    EXPECT_EQ(rich.elements().at(0)["message"]["header"]["id"].as_string(), message.text());
    EXPECT_EQ(Shown(world.get("events/" + id + "?fetchreference"))["message"]["header"]["id"].as_string(),
              message.text());
    EXPECT_EQ(sequences_of(world.get("messages/" + message.text() + "/events?type=message_confirmed")), Sequences{0});
    EXPECT_EQ(sequences_of(world.get("messages/" + message.text() + "/events?type=message_rejected")), Sequences{});
    EXPECT_EQ(code_of(world.get("messages/" + world.new_id().text() + "/events")), "FF10109");
}

// Chain events with so many contexts each; returns them.
std::vector<chain::ChainEventRow> pin(TestWorld& world, std::vector<std::size_t> contexts) {
    std::vector<chain::ChainEventRow> rows;
    for (std::size_t i = 0; i < contexts.size(); ++i) {
        chain::ChainEventRow row;
        row.id = world.new_id();
        row.event.pin.tx = world.new_id();
        row.event.pin.batch = world.new_id();
        row.event.pin.payload_ref = i == 0 ? "" : "payload";
        row.event.pin.contexts.resize(contexts[i]);
        for (std::size_t c = 0; c < contexts[i]; ++c)
            row.event.pin.contexts[c].bytes[0] = static_cast<std::uint8_t>(c + 1);
        row.event.author = world.key();
        row.event.block = BlockNumber{static_cast<std::int64_t>(i)};
        row.event.tx_hash.bytes[0] = static_cast<std::uint8_t>(i);
        row.event.timestamp = row.created = world.clock().now();
        rows.push_back(row);
    }
    auto closure = [rows](store::Transaction& tx) mutable {
        for (auto& row : rows) chain::insert(tx, TestWorld::ns, row);
        return rows;
    };
    return world.write(std::move(closure));
}

TEST(PinScan, shows_a_pin_for_each_context_in_the_order_of_the_ledger) {
    TestWorld world;
    auto const rows = pin(world, {2, 3});
    auto const first = rows[0].seq * sequencer::pins_per_batch_max,
               second = rows[1].seq * sequencer::pins_per_batch_max;

    EXPECT_EQ(sequences_of(world.get("pins")), (Sequences{second + 2, second + 1, second, first + 1, first}));
    EXPECT_EQ(sequences_of(world.get("pins?sort=sequence&limit=3")), (Sequences{first, first + 1, second}));
    EXPECT_EQ(sequences_of(world.get("pins?index=1")), (Sequences{second + 1, first + 1}));
    EXPECT_EQ(sequences_of(world.get("pins?masked=true")), (Sequences{first + 1, first}));
    EXPECT_EQ(sequences_of(world.get("pins?batch=" + rows[0].event.pin.batch.text())), (Sequences{first + 1, first}));
    EXPECT_EQ(sequences_of(world.get("pins?sequence=>" + std::to_string(second))), (Sequences{second + 2, second + 1}));
    EXPECT_EQ(sequences_of(world.get("pins?hash=01" + std::string(62, '0'))), (Sequences{second, first}));
    EXPECT_EQ(Shown(world.get("pins?count&limit=1"))["total"].as_int(), 5);
}

TEST(PinScan, says_which_pins_are_decided) {
    TestWorld world;
    auto const rows = pin(world, {2, 2});  // the first of them masked
    auto const masked = sequencer::pin_order(rows[0].seq, 1), order = sequencer::pin_order(rows[1].seq, 1);
    auto park = [rows, masked, order](store::Transaction& tx) {
        sequencer::Parking(TestWorld::ns).park_pin(tx, rows[1].event.pin.contexts[1], order);
        sequencer::PrivatePins(TestWorld::ns).keep_pin(tx, rows[0].event.pin.contexts[1], masked);
    };
    world.write(std::move(park));

    EXPECT_EQ(sequences_of(world.get("pins?dispatched=false")), (Sequences{order, masked}));
    EXPECT_EQ(sequences_of(world.get("pins?dispatched=true")), (Sequences{order - 1, masked - 1}));
    EXPECT_FALSE(Shown(world.get("pins?limit=1")).elements().at(0)["dispatched"].exists());
}

TEST(Histogram, counts_events_messages_and_transactions_in_spans_of_time) {
    TestWorld world;
    auto const start = world.clock().now();
    for (auto i = 0; i < 4; ++i) {
        world.append({"t"});
        world.broadcast("t");
        world.await(world.clock().sleep(10s));
    }
    auto const span =
        "?startTime=" + start.text() + "&endTime=" + Time{start.ns + 40'000'000'000}.text() + "&buckets=2";

    Shown const events(world.get("charts/histogram/events" + span)),
        messages(world.get("charts/histogram/messages" + span));

    ASSERT_EQ(events.elements().size(), 2U);
    EXPECT_EQ(events.elements().at(0).text(),
              R"({"count":"2","timestamp":")" + start.text() +
                  R"(","types":[{"count":"2","type":"transaction_submitted"}],"isCapped":false})");
    EXPECT_EQ(messages.elements().at(1)["count"].as_string(), "2");
    EXPECT_EQ(messages.elements().at(1)["types"].elements().at(0)["type"].as_string(), "broadcast");
    for (auto const collection : {"operations", "transactions", "blockchainevents", "tokentransfers"})
        EXPECT_EQ(Shown(world.get(std::string("charts/histogram/") + collection + span))
                      .elements()
                      .at(0)["count"]
                      .as_string(),
                  "0")
            << collection;
}

}  // namespace
}  // namespace lockstep::api
