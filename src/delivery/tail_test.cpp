// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "delivery/tail.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "delivery/test_world.hpp"

namespace lockstep::delivery {
namespace {

using testing::ElementsAre;

// Takes every page as it comes, or one at a time when told so.
class Eager final : public PageTaker {
  public:
    Eager(Tail& tail, std::shared_ptr<const Filter> filter, Offset after, std::size_t page_events = 500)
        : tail_(tail), filter_(std::move(filter)), after_(after), id_(tail.attach(*this, filter_, page_events)) {}
    ~Eager() override { tail_.detach(id_); }

    void go_on() {
        while (going) {
            auto page = tail_.want(id_, after_);
            if (!page) return;
            take(*page);
        }
    }
    void arrived(PagePtr page) override {
        ++arrivals;
        take(*page);
        go_on();
    }

    Sequences sequences;
    std::size_t arrivals = 0;
    bool going = true;

  private:
    void take(const Page& page) {
        EXPECT_LE(page.after(), after_);
        EXPECT_GT(page.through(), after_);
        auto const slot = page.slot_of(filter_.get());
        ASSERT_TRUE(slot);
        for (auto i = page.next_match(*slot, 0); i < page.size(); i = page.next_match(*slot, i + 1)) {
            auto const sequence = page.event(i).event.sequence;
            if (sequence > after_) sequences.push_back(sequence.value);
        }
        after_ = page.through();
    }

    Tail& tail_;
    std::shared_ptr<const Filter> filter_;
    Offset after_;
    Tail::ReaderId id_;
};

class TailTest : public testing::Test {
  protected:
    TailTest()
        : parts_{NamespaceId{1},       "default",      world.database(), world.timeline(), enricher,
                 world.loop().clock(), world.chance(), world.ids()} {
        scope_.spawn(tail.run());
    }
    ~TailTest() override {
        scope_.cancel();
        world.await(scope_.join());
    }
    std::shared_ptr<const Filter> filter(std::string topic = "") {
        FilterInput input;
        input.topic = std::move(topic);
        return *shelf_.get(input);
    }
    Sequences all(std::int64_t from, std::int64_t to) {
        Sequences out;
        for (; from <= to; ++from) out.push_back(from);
        return out;
    }

    World world;
    TopicEnricher enricher;
    Config config{.page_events_max = 50, .tail_events_max = 200};

  private:
    Delivery::Parts parts_;
    FilterShelf shelf_;

  public:
    Tail tail{parts_, config};

  private:
    Scope scope_{world.loop().executor(), {"tail"}};
};

TEST_F(TailTest, ReadsNothingUntilSomebodyWants) {
    world.append_many(10);
    world.pass(1min);
    EXPECT_EQ(tail.shared_reads() + tail.own_reads(), 0u);
}

TEST_F(TailTest, ALaggardReadsItsOwnPagesUntilItMeetsTheEnd) {
    world.append_many(230);
    Eager reader(tail, filter(), Offset{-1});
    reader.go_on();
    world.settle();
    EXPECT_EQ(reader.sequences, all(0, 229));
    EXPECT_EQ(tail.own_reads(), 5u);

    world.append_many(3);
    EXPECT_EQ(reader.sequences, all(0, 232));
    EXPECT_EQ(tail.own_reads(), 5u) << "from there on it is fed";
    EXPECT_EQ(tail.position(), Offset{232});
}

TEST_F(TailTest, ThoseWhoKeepUpShareOneReading) {
    std::vector<std::unique_ptr<Eager>> readers;
    for (int i = 0; i < 100; ++i) {
        readers.push_back(std::make_unique<Eager>(tail, filter(i % 2 == 0 ? "even" : "odd"), Offset{-1}));
        readers.back()->go_on();
        world.settle();
    }
    auto const own = tail.own_reads();
    auto const shared = tail.shared_reads();

    world.append({"even", "odd", "even"});

    EXPECT_THAT(readers[0]->sequences, ElementsAre(0, 2));
    EXPECT_THAT(readers[99]->sequences, ElementsAre(1));
    EXPECT_EQ(tail.own_reads(), own);
    EXPECT_EQ(tail.shared_reads(), shared + 2) << "one that finds them, one that finds no more";
    EXPECT_EQ(enricher.enriched_events, 3u) << "each event is looked up once";
}

TEST_F(TailTest, EventsThatNoFilterWantsAreNotLookedUp) {
    Eager reader(tail, filter("keep"), Offset{-1});
    reader.go_on();
    world.append({"drop", "keep", "drop"});
    EXPECT_THAT(reader.sequences, ElementsAre(1));
    EXPECT_EQ(enricher.enriched_events, 1u);
}

TEST_F(TailTest, WhoIsALittleLateFindsThePagesThatWereKept) {
    Eager keeps_up(tail, filter(), Offset{-1});
    Eager late(tail, filter(), Offset{-1});
    keeps_up.go_on();
    late.go_on();
    world.append({"a"});
    late.going = false;  // it has taken 0, and asked for more before it fell silent
    for (int i = 0; i < 100; ++i) world.append({"a"});
    auto const own = tail.own_reads();

    late.going = true;
    late.go_on();
    world.settle();

    EXPECT_EQ(late.sequences, all(0, 100));
    EXPECT_EQ(tail.own_reads(), own);
}

TEST_F(TailTest, WhoIsTooLateReadsForItself) {
    Eager keeps_up(tail, filter(), Offset{-1});
    Eager late(tail, filter(), Offset{-1});
    keeps_up.go_on();
    late.go_on();
    world.append({"a"});
    late.going = false;
    for (int i = 0; i < 1000; ++i) world.append({"a"});
    auto const own = tail.own_reads();

    late.going = true;
    late.go_on();
    world.settle();

    EXPECT_EQ(late.sequences, all(0, 1000));
    EXPECT_GT(tail.own_reads(), own);
    EXPECT_LE(tail.pages_kept(), 201u);
}

TEST_F(TailTest, AFilterThatComesLaterMissesNothing) {
    Eager first(tail, filter("a"), Offset{-1});
    first.go_on();
    world.append({"a", "b"});
    Eager second(tail, filter("b"), Offset{-1});
    second.go_on();
    world.append({"a", "b"});
    EXPECT_THAT(first.sequences, ElementsAre(0, 2));
    EXPECT_THAT(second.sequences, ElementsAre(1, 3));
}

TEST_F(TailTest, APositionInTheFutureHoldsUpNobody) {
    world.append_many(10);
    Eager future(tail, filter(), Offset{100});
    future.go_on();
    world.settle();
    Eager now(tail, filter(), Offset{9});
    now.go_on();
    world.settle();

    world.append({"a"});
    EXPECT_THAT(now.sequences, ElementsAre(10));
    world.append_many(100);
    EXPECT_EQ(now.sequences, all(10, 110));
    EXPECT_EQ(future.sequences, all(101, 110));
    EXPECT_LT(tail.own_reads(), 20u);
}

TEST_F(TailTest, OneThatSleptAtTheEndDoesNotMakeNewOnesWaitForIt) {
    Eager slept(tail, filter(), Offset{-1});
    slept.go_on();
    world.settle();
    slept.going = false;
    world.append({"a"});
    world.append_many(5000);
    slept.going = true;

    Eager fresh(tail, filter("new"), Offset{5000});
    fresh.go_on();
    slept.go_on();
    world.append({"new"});

    EXPECT_THAT(fresh.sequences, ElementsAre(5001));
    EXPECT_EQ(slept.sequences, all(0, 5001));
}

TEST_F(TailTest, WhoGoesWhileItsPageIsReadIsNotFed) {
    world.append_many(10);
    auto reader = std::make_unique<Eager>(tail, filter(), Offset{-1});
    reader->go_on();
    reader.reset();
    world.settle();
    world.append({"a"});
    EXPECT_EQ(tail.pages_kept(), 0u);
}

TEST_F(TailTest, AWantThatIsTakenBackBringsNothing) {
    class Counter final : public PageTaker {
      public:
        void arrived(PagePtr page) override { afters.push_back(page->after().value); }
        Sequences afters;
    };
    world.append_many(60);
    Counter counter;
    auto const id = tail.attach(counter, filter(), 10);
    EXPECT_EQ(tail.want(id, Offset{-1}), nullptr);
    tail.unwant(id);
    EXPECT_EQ(tail.want(id, Offset{29}), nullptr);
    world.settle();
    EXPECT_THAT(counter.afters, ElementsAre(29));
    tail.detach(id);
}

TEST_F(TailTest, AnEventThatRangNobodyIsFoundByTheSlowLook) {
    Eager reader(tail, filter(), Offset{-1});
    reader.go_on();
    world.settle();
    auto closure = [&timeline = world.timeline()](store::Transaction& tx) {
        std::vector<log::Event> events(1);
        timeline.append(tx, events, Time{1}, 1);
    };
    world.await(world.database().write(std::move(closure)));
    EXPECT_TRUE(reader.sequences.empty());
    world.pass(5s);
    EXPECT_THAT(reader.sequences, ElementsAre(0));
}

TEST_F(TailTest, PagesEndWhereTheyWouldBecomeTooLarge) {
    config.page_bytes_max = 1;
    config.page_events_max = 500;
    world.append_many(300);
    Eager reader(tail, filter(), Offset{-1});
    reader.go_on();
    world.settle();
    EXPECT_EQ(reader.sequences, all(0, 299));
    EXPECT_GE(tail.own_reads(), 5u);
}

}  // namespace
}  // namespace lockstep::delivery
