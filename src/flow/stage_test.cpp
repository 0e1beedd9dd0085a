// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// A stage turns one feed into effects, in order, each exactly once, whatever dies meanwhile. The invariants
// are those at the head of stage.hpp.
#include "flow/stage.hpp"

#include <numeric>

#include "flow/test_world.hpp"

namespace lockstep::flow {
namespace {

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::Ge;
using testing::IsEmpty;
using testing::Le;

using Numbers = std::vector<std::int64_t>;

Numbers counted(std::int64_t through) {
    Numbers numbers(static_cast<std::size_t>(through));
    std::iota(numbers.begin(), numbers.end(), 1);
    return numbers;
}

// Its effects are rows of a table of its own, in the order in which they were made.
class Recorder final : public Step {
  public:
    explicit Recorder(SimProcess& process) : process_(process) {}

    Task<void> prepare(const Page& page) override {
        calls.push_back("prepare");
        pages.push_back(page.size());
        if (on_prepare) on_prepare();
        if (prepare_takes > Duration::zero()) co_await process_.clock().sleep(prepare_takes);
        if (prepare_failures > 0) {
            --prepare_failures;
            throw std::runtime_error("not prepared");
        }
    }
    void apply(store::Transaction& tx, const Page& page) override {
        calls.push_back("apply");
        attempts.push_back(process_.age());
        for (auto const& entry : page)
            tx.run("INSERT INTO effects (sequence, kind) VALUES (?1, ?2)", entry.sequence, entry.kind);
        if (apply_failures > 0) {
            --apply_failures;
            throw std::runtime_error("not applied");
        }
    }
    void committed() override { calls.push_back("committed"); }

    std::function<void()> on_prepare;
    Duration prepare_takes{};
    int prepare_failures = 0, apply_failures = 0;
    std::vector<std::string> calls;
    std::vector<std::size_t> pages;
    std::vector<Duration> attempts;  // when apply() was called

  private:
    SimProcess& process_;
};

store::Migrations effects() {
    return {"effects", {"CREATE TABLE effects (place INTEGER PRIMARY KEY, sequence BIGINT NOT NULL, kind TEXT)"}};
}

class StageWorld final : public SimProcess {
  public:
    explicit StageWorld(std::uint64_t seed = 1, Stage::Options options = {})
        : SimProcess({schema(), effects()}, seed), options_(options) {
        open();
    }
    ~StageWorld() override { close(); }

    void run() { spawn(stage->run()); }
    // In one commit; without a ring.
    void append(int count, std::string_view kind = "kind") {
        write([&](store::Transaction& tx) {
            for (int i = 0; i < count; ++i) inbox->append(tx, kind, {});
        });
    }
    void append_and_ring(int count) {
        append(count);
        inbox->tap().ring();
        settle();
    }
    Numbers applied() {
        return read([](store::Snapshot& snapshot) {
            Numbers out;
            for (auto& row : snapshot.query("SELECT sequence FROM effects ORDER BY place"))
                out.push_back(row.integer(0));
            return out;
        });
    }
    std::int64_t cursor() {
        return read([](store::Snapshot& snapshot) { return load_cursor(snapshot, test_ns, "stage", 0); });
    }

    std::unique_ptr<Feed> inbox;
    std::unique_ptr<Recorder> recorder;
    std::unique_ptr<Stage> stage;

  private:
    void begin() override {
        inbox = std::make_unique<Feed>("inbox", test_ns);
        recorder = std::make_unique<Recorder>(*this);
        stage = std::make_unique<Stage>("stage", *inbox, database(), clock(), chance(), *recorder, options_);
    }
    void end() override { stage.reset(); }

    Stage::Options options_;
};

TEST(Stage, AppliesEveryEntryOnceAndInOrder) {
    StageWorld world;
    world.append(3);
    world.run();
    world.append_and_ring(2);
    world.append_and_ring(1);

    EXPECT_EQ(world.applied(), counted(6));
    EXPECT_EQ(world.cursor(), 6);
    EXPECT_EQ(world.age(), Duration::zero()) << "it waited for nothing";
}

TEST(Stage, TakesPagesThatFollowEachOther) {
    StageWorld world(1, {.page_entries_max = 4});
    world.append(10);
    world.run();

    EXPECT_THAT(world.recorder->pages, ElementsAre(4, 4, 2));
    EXPECT_EQ(world.applied(), counted(10));
    EXPECT_EQ(world.stage->status().commits, 3U);
    EXPECT_EQ(world.stage->status().entries, 10U);
}

TEST(Stage, PreparesThenAppliesThenTellsOfTheCommit) {
    StageWorld world;
    world.append(2);
    world.run();

    EXPECT_THAT(world.recorder->calls, ElementsAre("prepare", "apply", "committed"));
}

TEST(Stage, PreparesOutsideOfAnyTransaction) {
    StageWorld world;
    world.recorder->prepare_takes = 1s;
    world.append(1);
    world.run();

    EXPECT_THAT(world.recorder->calls, ElementsAre("prepare"));
    world.append(1);  // another writer is not held up meanwhile
    EXPECT_EQ(world.age(), Duration::zero());
    world.pass(2500ms);
    EXPECT_EQ(world.applied(), counted(2));
}

TEST(Stage, ForgetsWhatItHasPassed) {
    StageWorld world(1, {.page_entries_max = 4});
    world.append(10);
    world.run();

    EXPECT_EQ(world.count("feed_entries"), 0);
    world.append(1);
    EXPECT_EQ(world.count("feed_entries"), 1);
}

TEST(Stage, ShowsWhereItStands) {
    StageWorld world(1, {.page_entries_max = 4});
    world.recorder->prepare_takes = 1s;
    world.append(6);
    world.run();
    world.pass(1500ms);

    EXPECT_EQ(world.stage->status().name, "stage");
    EXPECT_EQ(world.stage->status().position, 4);
    EXPECT_EQ(world.stage->status().newest, 6);
    world.pass(1s);
    EXPECT_EQ(world.stage->status().position, 6);
}

TEST(Stage, RingsWhenItHasMoved) {
    StageWorld world(1, {.page_entries_max = 4});
    world.append(10);
    world.run();
    EXPECT_EQ(world.stage->moved().rings(), 3U);

    world.inbox->tap().ring();
    world.settle();
    EXPECT_EQ(world.stage->moved().rings(), 3U) << "there was nothing";
}

// ---- waking ----

TEST(Stage, LooksAfterAWhileWhenItsBellDidNotRing) {
    StageWorld world(1, {.slow_look = 5s});
    world.run();
    world.append(2);
    world.pass(4900ms);
    EXPECT_THAT(world.applied(), IsEmpty());

    world.pass(200ms);
    EXPECT_EQ(world.applied(), counted(2));
}

TEST(Stage, HearsABellThatRingsWhileItIsBusy) {
    StageWorld world;
    world.recorder->prepare_takes = 1s;
    world.append(1);
    world.run();
    world.append_and_ring(1);  // while the first is being prepared
    world.pass(1s);
    world.recorder->prepare_takes = {};
    world.pass(1ms);

    EXPECT_EQ(world.applied(), counted(1)) << "the second takes its second";
    world.pass(1s);
    EXPECT_EQ(world.applied(), counted(2));
    EXPECT_LT(world.age(), 3s) << "and not the slow look";
}

TEST(Stage, DoesNothingWhenTheBellRingsForNothing) {
    StageWorld world;
    world.run();
    auto const commits = world.database().stats().commits;
    for (int i = 0; i < 10; ++i) {
        world.inbox->tap().ring();
        world.settle();
    }

    EXPECT_EQ(world.database().stats().commits, commits);
    EXPECT_THAT(world.recorder->calls, IsEmpty());
}

// ---- failures ----

TEST(Stage, RollsAPageBackAsAWholeAndTriesItAgain) {
    StageWorld world;
    world.recorder->apply_failures = 1;
    world.append(3);
    world.run();
    EXPECT_THAT(world.applied(), IsEmpty()) << "neither effects";
    EXPECT_EQ(world.cursor(), 0) << "nor cursor";
    EXPECT_EQ(world.count("feed_entries"), 3) << "nor truncation";
    EXPECT_EQ(world.stage->status().last_error, "not applied");

    world.pass(50ms);

    EXPECT_EQ(world.applied(), counted(3));
    EXPECT_EQ(world.cursor(), 3);
    EXPECT_THAT(world.recorder->calls, ElementsAre("prepare", "apply", "prepare", "apply", "committed"));
    EXPECT_EQ(world.stage->status().retries, 1U);
}

TEST(Stage, AppliesNothingThatCouldNotBePrepared) {
    StageWorld world;
    world.recorder->prepare_failures = 2;
    world.append(1);
    world.run();
    world.pass(1s);

    EXPECT_THAT(world.recorder->calls, ElementsAre("prepare", "prepare", "prepare", "apply", "committed"));
    EXPECT_EQ(world.applied(), counted(1));
}

TEST(Stage, GivesAFullDiskMoreAndMoreTimeButGoesOnWhenThereIsRoom) {
    StageWorld world;
    world.append(1);
    world.disk().set_capacity(world.disk().bytes_used());
    world.run();
    world.pass(30s);
    EXPECT_GT(world.disk().stats().over_capacity, 0U);
    EXPECT_EQ(world.stage->status().commits, 0U);

    auto const& at = world.recorder->attempts;
    ASSERT_GE(at.size(), 9U);
    auto step = Duration{50ms};
    std::vector<Duration> waits;
    for (std::size_t i = 1; i < at.size(); ++i) {
        waits.push_back(at[i] - at[i - 1]);
        EXPECT_THAT(waits.back(), AllOf(Ge(step / 2), Le(step))) << "wait " << i;
        step = std::min<Duration>(step * 2, 5s);
    }
    EXPECT_EQ(world.stage->status().retries, at.size());

    world.disk().set_capacity(std::nullopt);
    world.pass(5s);
    EXPECT_EQ(world.applied(), counted(1));
}

TEST(Stage, BeginsWithAShortWaitAgainAfterASuccess) {
    StageWorld world;
    world.recorder->apply_failures = 8;
    world.append(1);
    world.run();
    world.pass(60s);
    EXPECT_EQ(world.applied(), counted(1));

    world.recorder->apply_failures = 1;
    world.append_and_ring(1);
    world.pass(50ms);

    EXPECT_EQ(world.applied(), counted(2));
}

TEST(Stage, LeavesAPageToTheNextStartWhenItIsStoppedMeanwhile) {
    StageWorld world;
    world.recorder->prepare_takes = 1h;
    world.append(2);
    world.run();
    world.restart();
    EXPECT_THAT(world.applied(), IsEmpty());

    world.run();
    EXPECT_EQ(world.applied(), counted(2));
}

// ---- two of them ----

TEST(Stage, DoesNotTakeFromTheFeedOfAnother) {
    StageWorld world;
    Feed outbox("outbox", test_ns);
    Recorder recorder(world);
    Stage other("other", outbox, world.database(), world.clock(), world.chance(), recorder, {});
    world.append(3, "in");
    world.write([&](store::Transaction& tx) {
        for (int i = 0; i < 2; ++i) outbox.append(tx, "out", {});
    });
    world.run();
    EXPECT_EQ(world.count("effects WHERE kind = 'in'"), 3);
    EXPECT_EQ(world.count("effects WHERE kind = 'out'"), 0);

    world.spawn(other.run());

    EXPECT_EQ(world.count("effects WHERE kind = 'out'"), 2);
    EXPECT_EQ(world.stage->status().position, 3);
    EXPECT_EQ(other.status().position, 2);
    world.restart();  // before `other` goes
}

// ---- deaths ----

// At each commit in turn, before it and after it: invariants 1 to 3.
TEST(Stage, DyingAtACommitRepeatsAllOfThePageOrNothing) {
    for (bool const after : {false, true}) {
        for (int commit = 0; commit < 6; ++commit) {
            SCOPED_TRACE(testing::Message() << (after ? "after" : "before") << " commit " << commit);
            StageWorld world(static_cast<std::uint64_t>(commit), {.page_entries_max = 2});
            world.append(10);

            world.die_at(commit, after);
            world.run();
            EXPECT_EQ(world.died(), commit < 5) << "there are five pages";
            world.crash();

            auto const pages = std::min(5, after ? commit + 1 : commit);
            EXPECT_EQ(world.applied(), counted(2 * pages));
            EXPECT_EQ(world.cursor(), 2 * pages);
            EXPECT_EQ(world.count("feed_entries"), 10 - 2 * pages);
            world.run();
            EXPECT_EQ(world.applied(), counted(10));
        }
    }
}

// The power fails at any write, and what was not synced is kept, dropped or torn.
TEST(Stage, KeepsItsPromisesOnADiskThatLosesUnsyncedWrites) {
    std::uint64_t dropped = 0, torn = 0;
    int deaths = 0;
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        SCOPED_TRACE(testing::Message() << "seed " << seed);
        StageWorld world(seed, {.page_entries_max = 3});
        std::int64_t entries = 0;
        for (int life = 0; life < 8; ++life) {
            world.append(7);
            entries += 7;
            world.disk().freeze_after(world.chance().below(25));
            world.run();
            if (world.disk().is_frozen()) ++deaths;
            world.crash();
            auto const applied = world.applied();
            ASSERT_EQ(applied, counted(std::ssize(applied)));
            ASSERT_EQ(world.cursor(), std::ssize(applied));
            ASSERT_EQ(world.count("feed_entries"), entries - std::ssize(applied));
        }
        world.run();
        ASSERT_EQ(world.applied(), counted(entries));
        dropped += world.disk().stats().dropped;
        torn += world.disk().stats().torn;
    }
    // Otherwise this test shows nothing.
    EXPECT_GT(deaths, 100);
    EXPECT_GT(dropped, 0U);
    EXPECT_GT(torn, 0U);
}

}  // namespace
}  // namespace lockstep::flow
