// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The timeline: a stream whose records are FireFly's events (firefly-core.md 10). Invariant 5 of the README:
// an event is found by its id, without an index.
#include "log/timeline.hpp"

#include "log/test_world.hpp"

namespace lockstep::log {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint64_t salt = 0x0abc'1234'5678'9def;

class TimelineWorld final : public LogWorld {
  public:
    TimelineWorld() : timeline(stream(1001), "default") {}

    std::vector<Event> append(std::vector<Event> events, std::uint64_t with_salt = salt) {
        return write([&](store::Transaction& tx) {
            timeline.append(tx, events, clock().now(), with_salt);
            return events;
        });
    }
    // Events about nothing in particular.
    std::vector<Event> append_some(std::size_t count, const std::string& topic = "topic") {
        std::vector<Event> events(count);
        for (auto& event : events) {
            event.reference = ids().next();
            event.topic = topic;
        }
        return append(std::move(events));
    }
    std::optional<Event> find(const Uuid& id) {
        return read([&](store::Snapshot& snapshot) { return timeline.find(snapshot, id); });
    }

    Timeline timeline;
};

std::string json_of(const Event& event, std::string_view namespace_name = "default") {
    std::string out;
    append_event_json(out, event, namespace_name);
    return out;
}

// ---- words (10.3) ----

TEST(EventTypes, HaveTheWordsOfTheWire) {
    std::vector<std::string> const words{
        "transaction_submitted",
        "message_confirmed",
        "message_rejected",
        "datatype_confirmed",
        "identity_confirmed",
        "identity_updated",
        "token_pool_confirmed",
        "token_pool_op_failed",
        "token_transfer_confirmed",
        "token_transfer_op_failed",
        "token_approval_confirmed",
        "token_approval_op_failed",
        "contract_interface_confirmed",
        "contract_api_confirmed",
        "blockchain_event_received",
        "blockchain_invoke_op_succeeded",
        "blockchain_invoke_op_failed",
        "blockchain_contract_deploy_op_succeeded",
        "blockchain_contract_deploy_op_failed",
    };
    for (std::size_t i = 0; i < words.size(); ++i) {
        EXPECT_EQ(word(static_cast<EventType>(i)), words[i]);
        EXPECT_EQ(parse_event_type(words[i]), static_cast<EventType>(i));
    }
    // The names of the enumerators are the words.
    EXPECT_EQ(word(EventType::transaction_submitted), "transaction_submitted");
    EXPECT_EQ(word(EventType::contract_interface_confirmed), "contract_interface_confirmed");
    EXPECT_EQ(word(EventType::blockchain_contract_deploy_op_failed), "blockchain_contract_deploy_op_failed");
}

TEST(EventTypes, AreNotMadeOfOtherWords) {
    for (auto const* text : {"", "message", "Message_confirmed", "message_confirmed ", "message_received"})
        EXPECT_EQ(parse_event_type(text), std::nullopt) << text;
}

// ---- the stream ----

TEST(Timeline, IsAStreamOfItsOwnForEachNamespace) {
    EXPECT_EQ(Timeline::stream_of(node_of(3), NamespaceId{1}), (StreamId{node_of(3), 1001}));
    EXPECT_EQ(Timeline::stream_of(node_of(3), NamespaceId{2}), (StreamId{node_of(3), 1002}));
}

TEST(Timeline, GivesIdSequenceAndTimeInOrder) {
    TimelineWorld world;
    auto const now = world.clock().now();
    auto const first = world.append_some(2);
    auto const then = world.append_some(1);

    EXPECT_EQ(first[0].sequence, Offset{0});
    EXPECT_EQ(first[1].sequence, Offset{1});
    EXPECT_EQ(then[0].sequence, Offset{2});
    EXPECT_EQ(first[1].created, now);
    EXPECT_LT(first[0].id, first[1].id);
    EXPECT_LT(first[1].id, then[0].id);
}

TEST(Timeline, WritesNothingForNoEvents) {
    TimelineWorld world;
    world.append({});
    EXPECT_EQ(world.newest(world.timeline.stream()), -1);
}

TEST(Timeline, GivesBackWhatAnEventSays) {
    TimelineWorld world;
    Event event;
    event.type = EventType::message_rejected;
    event.reference = world.ids().next();
    event.correlator = world.ids().next();
    event.tx = world.ids().next();
    event.topic = "orders <&>";
    auto const made = world.append({event, {}});
    world.restart();

    auto const read = world.read([&](store::Snapshot& snapshot) { return world.timeline.read(snapshot, {}); });

    ASSERT_EQ(read.size(), 2U);
    EXPECT_EQ(read[0].id, made[0].id);
    EXPECT_EQ(read[0].type, EventType::message_rejected);
    EXPECT_EQ(read[0].reference, event.reference);
    EXPECT_EQ(read[0].correlator, event.correlator);
    EXPECT_EQ(read[0].tx, event.tx);
    EXPECT_EQ(read[0].topic, event.topic);
    EXPECT_EQ(read[0].sequence, Offset{0});
    EXPECT_EQ(read[0].created, made[0].created);
    EXPECT_EQ(read[1].correlator, std::nullopt);
    EXPECT_EQ(read[1].tx, std::nullopt);
    EXPECT_EQ(read[1].topic, "");
}

TEST(Timeline, SelectsByReferenceAndByTopic) {
    TimelineWorld world;
    auto const a = world.append_some(2, "a");
    auto const b = world.append_some(2, "b");
    auto again = b[1];
    again.topic = "a";
    world.append({again});

    auto const about =
        world.read([&](store::Snapshot& snapshot) { return world.timeline.about(snapshot, again.reference, 10); });
    EXPECT_EQ(about.size(), 2U);
    EXPECT_THAT(world.offsets(world.timeline.stream(), {.any_of_tags = {Timeline::topic_tag("a")}}),
                ElementsAre(0, 1, 4));
    EXPECT_THAT(world.offsets(world.timeline.stream(), {.any_of_tags = {Timeline::reference_tag(again.reference)}}),
                ElementsAre(3, 4));
    EXPECT_THAT(world.offsets(world.timeline.stream(), {.any_of_tags = {"a"}}), IsEmpty());
}

// ---- ids (invariant 5) ----

TEST(EventId, CarriesItsOffsetInTheLast46Bits) {
    TimelineWorld world;
    world.append_some(300);
    auto const id = world.append_some(1)[0].id;

    std::uint64_t tail = 0;
    for (std::size_t i = 8; i < 16; ++i) tail = (tail << 8) | id.bytes[i];
    EXPECT_EQ(tail & ((std::uint64_t{1} << 46) - 1), 300U);
    EXPECT_EQ(tail >> 62, 2U) << "the variant of RFC 9562";
    EXPECT_EQ(id.bytes[6] >> 4, 7) << "version 7";
    EXPECT_EQ(id.unix_ms(), static_cast<std::uint64_t>(world.clock().now().ns / 1'000'000));
}

TEST(EventId, DiffersBetweenNodesAtTheSameOffsetAndTime) {
    TimelineWorld here, there;
    auto const one = here.append({Event{}}, 1)[0].id;

    EXPECT_NE(there.append({Event{}}, 2)[0].id, one);
    EXPECT_EQ(here.find(there.append({Event{}}, 2)[0].id), std::nullopt);
    EXPECT_TRUE(here.find(one));
}

TEST(EventId, LeadsToItsEvent) {
    TimelineWorld world;
    std::vector<Event> events = world.append_some(50);
    world.restart();

    for (auto const& event : events) {
        auto const found = world.find(event.id);
        ASSERT_TRUE(found);
        EXPECT_EQ(found->id, event.id);
        EXPECT_EQ(found->sequence, event.sequence);
        EXPECT_EQ(found->reference, event.reference);
    }
}

TEST(EventId, OfAnotherLeadsToNothingAlsoWithAnOffsetThatIsHere) {
    TimelineWorld world;
    auto const events = world.append_some(3);
    EXPECT_EQ(world.find(Uuid{}), std::nullopt) << "offset 0";
    EXPECT_EQ(world.find(world.ids().next()), std::nullopt);
    for (std::size_t byte = 0; byte < 16; ++byte) {
        auto other = events[1].id;
        other.bytes[byte] ^= 0x40;
        EXPECT_EQ(world.find(other), std::nullopt) << "byte " << byte;
    }
}

// ---- JSON (10.2) ----

TEST(EventJson, HasTheMembersOfTheWireInTheirOrder) {
    Event event;
    event.type = EventType::message_confirmed;
    event.id = *Uuid::parse("019b77a0-0000-7abc-8000-000000000001");
    event.reference = *Uuid::parse("019b77a0-0000-7abc-8000-000000000002");
    event.correlator = Uuid::parse("019b77a0-0000-7abc-8000-000000000003");
    event.tx = Uuid::parse("019b77a0-0000-7abc-8000-000000000004");
    event.topic = "a\"b";
    event.sequence = Offset{17};
    event.created = Time{1'767'225'600'000'000'000};

    EXPECT_EQ(json_of(event, "n\\s"),
              R"({"id":"019b77a0-0000-7abc-8000-000000000001","sequence":17,"type":"message_confirmed",)"
              R"("namespace":"n\\s","reference":"019b77a0-0000-7abc-8000-000000000002",)"
              R"("correlator":"019b77a0-0000-7abc-8000-000000000003","tx":"019b77a0-0000-7abc-8000-000000000004",)"
              R"("topic":"a\"b","created":"2026-01-01T00:00:00Z")");
}

TEST(EventJson, OmitsWhatThereIsNotButAlwaysRefers) {
    Event event;
    event.type = EventType::identity_confirmed;
    event.created = Time{1'767'225'600'000'000'000};

    EXPECT_EQ(json_of(event), R"({"id":"00000000-0000-0000-0000-000000000000","sequence":-1,)"
                              R"("type":"identity_confirmed","namespace":"default",)"
                              R"("reference":"00000000-0000-0000-0000-000000000000","created":"2026-01-01T00:00:00Z")");
}

TEST(Timeline, ReadsBackWhatItWroteWhateverTheTopic) {
    TimelineWorld world;
    for (auto const* topic :
         {"orders", "", "a\"b", "back\\slash", "\\", "\"", "\\\"", "line\nbreak", "<&>", "\u2028", "été"}) {
        for (auto const with_more : {false, true}) {
            Event event;
            event.type = EventType::message_rejected;
            event.reference = world.ids().next();
            event.topic = topic;
            if (with_more) {
                event.correlator = world.ids().next();
                event.tx = world.ids().next();
            }
            auto const written = world.append({event}).at(0);
            auto const read = world.find(written.id);
            ASSERT_TRUE(read) << topic;
            EXPECT_EQ(read->topic, topic);
            EXPECT_EQ(read->type, event.type);
            EXPECT_EQ(read->reference, event.reference);
            EXPECT_EQ(read->correlator, event.correlator);
            EXPECT_EQ(read->tx, event.tx);
        }
    }
}

// ---- what is no event ----

TEST(Timeline, says_so_when_what_is_stored_is_no_event) {
    TimelineWorld world;
    auto const written = world.append_some(1, "a\"b");
    auto const good = world.select(world.timeline.stream()).front().payload;

    std::vector<std::string> bad{"", "{}", "{\"id\":\"", "null", good.substr(0, good.size() / 2), std::string(99, 'x')};
    for (auto const& [from, to] : std::initializer_list<std::pair<std::string, std::string>>{
             {written[0].id.text(), "019b77a0-0000-7abc-8000-00000000000x"},
             {"message_confirmed", "message_misplaced"},
             {"\"reference\"", "\"referee\""},
             {"a\\\"b\"", "a\\"}}) {
        bad.push_back(good);
        bad.back().replace(bad.back().find(from), from.size(), to);
    }
    for (auto const& payload : bad) {
        auto const damage = [&](store::Transaction& tx) { tx.run("UPDATE log_records SET payload = ?1", payload); };
        world.write(damage);
        try {
            world.read([&](store::Snapshot& snapshot) { return world.timeline.read(snapshot, {}); });
            ADD_FAILURE() << payload;
        } catch (const store::DamagedRow& error) {
            EXPECT_TRUE(std::string_view(error.what()).starts_with("LS10206: ")) << error.what();
        }
    }
}

}  // namespace
}  // namespace lockstep::log
