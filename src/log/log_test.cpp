// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Streams: dense offsets, lamport, tags, and selections. The numbers of invariants are those of the README.
#include "log/log.hpp"

#include "log/test_world.hpp"

namespace lockstep::log {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// ---- names of streams ----

TEST(StreamId, HasATextThatParsesToIt) {
    for (auto const number : {std::uint64_t{0}, std::uint64_t{7}, std::uint64_t{1001}, UINT64_MAX}) {
        StreamId const id{node_of(9), number};
        EXPECT_EQ(id.text(), node_of(9).text() + "-" + std::to_string(number));
        EXPECT_EQ(StreamId::parse(id.text()), id);
    }
}

TEST(StreamId, DoesNotParseFromAnythingElse) {
    auto const node = node_of(9).text();
    for (auto const& text : {std::string(),
                             std::string("-"),
                             node + "-007",
                             node + "-00",
                             node,
                             node + "-",
                             node + "-x",
                             node + "-1x",
                             node + "-+1",
                             node + "--1",
                             node + "- 1",
                             node + "-1 ",
                             node + "-1.0",
                             node + "-18446744073709551616",
                             node + "_1",
                             node + "1",
                             node.substr(1) + "-1",
                             "." + node + "-1",
                             std::string("-1"),
                             std::string("!") + node.substr(1) + "-1"})
        EXPECT_EQ(StreamId::parse(text), std::nullopt) << text;
}

TEST(StreamId, HasOneLocalNumberForever) {
    LogWorld world;
    auto const a = world.stream(1);
    auto const b = world.stream(2);
    auto const elsewhere = world.stream(1, 2);
    EXPECT_NE(a, b);
    EXPECT_NE(a, elsewhere);

    world.restart();

    EXPECT_EQ(world.stream(2), b);
    EXPECT_EQ(world.stream(1), a);
    EXPECT_EQ(world.stream(1, 2), elsewhere);
}

// ---- offsets (invariant 1) ----

TEST(Offsets, AreDenseFromZero) {
    LogWorld world;
    auto const stream = world.stream(0);
    EXPECT_EQ(world.newest(stream), -1);

    EXPECT_EQ(world.append(stream, {"1", "2"}), Offset{0});
    EXPECT_EQ(world.append(stream, {"3"}), Offset{2});
    world.restart();
    EXPECT_EQ(world.append(stream, {"4"}), Offset{3});

    EXPECT_EQ(world.newest(stream), 3);
    EXPECT_THAT(world.offsets(stream), ElementsAre(0, 1, 2, 3));
}

TEST(Offsets, AreNotUsedUpByWhatWasRolledBack) {
    LogWorld world;
    auto const stream = world.stream(0);
    world.append(stream, {"1"});

    auto append_and_fail = [&](store::Transaction& tx) {
        std::vector<NewRecord> const records{{{"tag"}, "app", "2"}};
        log::append(tx, stream, records, {});
        throw std::runtime_error("no");
    };
    EXPECT_THROW(world.write(append_and_fail), std::runtime_error);

    EXPECT_EQ(world.append(stream, {"3"}), Offset{1});
    EXPECT_THAT(world.offsets(stream), ElementsAre(0, 1));
    EXPECT_THAT(world.lamports(stream), ElementsAre(1, 2));
    EXPECT_EQ(world.count("log_tags"), 0);
}

TEST(Offsets, StayDenseWhateverACrashTakes) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE(testing::Message() << "seed " << seed);
        LogWorld world(seed);
        auto const stream = world.stream(0);
        std::int64_t answered = 0;
        for (int life = 0; life < 5; ++life) {
            world.disk().freeze_after(world.chance().below(20));
            for (int i = 0; i < 5 && !world.disk().is_frozen(); ++i) {
                world.append(stream, {"1", "2"});
                if (!world.disk().is_frozen()) answered += 2;
            }
            world.crash();
            auto const records = world.select(stream);
            ASSERT_GE(std::ssize(records), answered);
            ASSERT_EQ(world.newest(stream), std::ssize(records) - 1);
            for (std::size_t i = 0; i < records.size(); ++i) {
                ASSERT_EQ(records[i].offset.value, static_cast<std::int64_t>(i));
                ASSERT_EQ(records[i].lamport.value, static_cast<std::int64_t>(i + 1));
            }
            answered = std::ssize(records);
        }
    }
}

// ---- lamport (invariant 2) ----

TEST(LamportTime, AscendsOverAllStreamsAndRestarts) {
    LogWorld world;
    auto const a = world.stream(1);
    auto const b = world.stream(2);

    world.append(a, {"1", "2"});
    world.append(b, {"3"});
    world.restart();
    world.append(b, {"4"});
    world.append(a, {"5"});

    EXPECT_THAT(world.lamports(a), ElementsAre(1, 2, 5));
    EXPECT_THAT(world.lamports(b), ElementsAre(3, 4));
}

// ---- records (invariant 3) ----

TEST(Records, ComeBackAsTheyWereGiven) {
    LogWorld world;
    auto const stream = world.stream(0);
    auto const now = world.clock().now();
    world.append(stream, {{{"b", "a"}, "com.example.app", R"({"text":"ä\u0000"})"}});
    world.pass(1s);
    world.append(stream, {"later"});
    world.restart();

    auto const records = world.select(stream);

    ASSERT_EQ(records.size(), 2U);
    EXPECT_EQ(records[0].time, now);
    EXPECT_EQ(records[0].app, "com.example.app");
    EXPECT_EQ(records[0].payload, R"({"text":"ä\u0000"})");
    EXPECT_EQ(records[1].time.ns, now.ns + 1'000'000'000);
}

TEST(Records, HaveTheirTagsSortedAndOnce) {
    LogWorld world;
    auto const stream = world.stream(0);
    world.append(stream, {{{"b", "a", "b", "ab"}, "app", "1"}, {{}, "app", "2"}});

    auto const records = world.select(stream);

    EXPECT_THAT(records[0].tags, ElementsAre("a", "ab", "b"));
    EXPECT_THAT(records[1].tags, IsEmpty());
    EXPECT_EQ(world.count("log_tags"), 3);
}

// ---- selections (invariant 4) ----

// Ten records in a stream; the even ones have the tag `even`, every third `third`. Beside it, another.
class SelectionTest : public testing::Test {
  protected:
    SelectionTest() : stream_(world_.stream(1)) {
        std::vector<NewRecord> records;
        for (int i = 0; i < 10; ++i) {
            auto& record = records.emplace_back(NewRecord{{"any"}, "app", std::to_string(i)});
            if (i % 2 == 0) record.tags.emplace_back("even");
            if (i % 3 == 0) record.tags.emplace_back("third");
        }
        world_.append(world_.stream(2), records);
        world_.append(stream_, records);
    }
    std::vector<std::int64_t> offsets(const Selection& selection) { return world_.offsets(stream_, selection); }

    LogWorld world_;
    StreamKey stream_;
};

TEST_F(SelectionTest, IsARangeWithBothEnds) {
    EXPECT_THAT(offsets({.first = Offset{3}, .last = Offset{5}, .any_of_tags = {}}), ElementsAre(3, 4, 5));
    EXPECT_THAT(offsets({.first = Offset{8}, .any_of_tags = {}}), ElementsAre(8, 9));
    EXPECT_THAT(offsets({.last = Offset{1}, .any_of_tags = {}}), ElementsAre(0, 1));
    EXPECT_THAT(offsets({.first = Offset{5}, .last = Offset{4}, .any_of_tags = {}}), IsEmpty());
    EXPECT_THAT(offsets({.first = Offset{10}, .any_of_tags = {}}), IsEmpty());
}

TEST_F(SelectionTest, GoesInEitherDirection) {
    EXPECT_THAT(offsets({.first = Offset{7}, .any_of_tags = {}, .newest_first = true}), ElementsAre(9, 8, 7));
}

TEST_F(SelectionTest, EndsAtItsLimitFromTheSideWhereItBegins) {
    EXPECT_THAT(offsets({.any_of_tags = {}, .most = 2}), ElementsAre(0, 1));
    EXPECT_THAT(offsets({.any_of_tags = {}, .newest_first = true, .most = 2}), ElementsAre(9, 8));
    EXPECT_THAT(offsets({.any_of_tags = {}, .most = 0}), IsEmpty());
}

TEST_F(SelectionTest, TakesWhatHasATag) {
    EXPECT_THAT(offsets({.any_of_tags = {"third"}}), ElementsAre(0, 3, 6, 9));
    EXPECT_THAT(offsets({.any_of_tags = {"third"}, .newest_first = true}), ElementsAre(9, 6, 3, 0));
    EXPECT_THAT(offsets({.any_of_tags = {"thir"}}), IsEmpty()) << "the whole tag";
}

TEST_F(SelectionTest, TakesWhatHasAnyOfSeveralTagsOnceEach) {
    EXPECT_THAT(offsets({.any_of_tags = {"third", "even"}}), ElementsAre(0, 2, 3, 4, 6, 8, 9));
    EXPECT_THAT(offsets({.any_of_tags = {"even", "none", "even"}}), ElementsAre(0, 2, 4, 6, 8));
}

TEST_F(SelectionTest, CutsTagsToRangeAndLimitAlike) {
    EXPECT_THAT(offsets({.first = Offset{2}, .last = Offset{8}, .any_of_tags = {"third", "even"}, .most = 3}),
                ElementsAre(2, 3, 4));
    EXPECT_THAT(
        offsets(
            {.first = Offset{2}, .last = Offset{8}, .any_of_tags = {"third", "even"}, .newest_first = true, .most = 3}),
        ElementsAre(8, 6, 4));
}

TEST_F(SelectionTest, IsPagedByWhereThePageEnded) {
    std::vector<std::int64_t> all;
    Offset next{0};
    for (;;) {
        auto const page = offsets({.first = next, .any_of_tags = {"even"}, .most = 2});
        if (page.empty()) break;
        all.insert(all.end(), page.begin(), page.end());
        next = Offset{page.back() + 1};
    }
    EXPECT_THAT(all, ElementsAre(0, 2, 4, 6, 8));
}

}  // namespace
}  // namespace lockstep::log
