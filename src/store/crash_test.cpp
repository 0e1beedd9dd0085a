// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Members that die, again and again, over a disk that loses what was not synced.
#include <algorithm>
#include <map>

#include "store/test_world.hpp"

namespace lockstep::store {

namespace {

using Rows = std::map<std::int64_t, std::string>;

// One life after another of a database, with a model of what it must hold.
class Mortal {
  public:
    explicit Mortal(std::uint64_t seed) : world_(Kind::simulated, seed) {}

    void live_and_die() {
        SCOPED_TRACE("life " + std::to_string(++lives_));
        auto& chance = world_.chance();
        auto options = world_.options();
        options.wal_bytes_max = 64 << 10;  // checkpoints in each life
        options.cache_bytes = 32 << 10;    // large commits spill into the WAL before their time
        die_before_in_ = chance.below(4) == 0 ? chance.below(30) : never;
        die_after_in_ = chance.below(4) == 0 ? chance.below(30) : never;
        options.crash = [this](bool after) {
            auto& left = after ? die_after_in_ : die_before_in_;
            if (left == 0) died_ = true;
            if (left != never && left > 0) --left;
            return died_ || world_.disk().is_frozen();
        };
        if (chance.below(2) == 0) world_.disk().freeze_after(chance.below(400));
        died_ = false;
        world_.open({TestWorld::numbers()}, options);
        check();
        auto const commits = chance.below(40);
        for (std::uint64_t i = 0; i < commits && !is_dead(); ++i) commit();
        world_.disk().freeze();
        world_.close();
        world_.disk().crash();
    }

    // In the beginning of the next life: what was answered is there; of the commit in doubt all or nothing.
    void check() {
        if (is_dead()) return;
        auto const stored = read();
        if (!in_doubt_.empty() && stored.count(in_doubt_.begin()->first) > 0) {
            answered_.insert(in_doubt_.begin(), in_doubt_.end());
            ++made_in_doubt_;
        }
        EXPECT_TRUE(stored == answered_) << stored.size() << " rows and not " << answered_.size();
        in_doubt_.clear();
    }

    const SimDisk::Stats& disk_stats() { return world_.disk().stats(); }
    int lives_ended_in_doubt() const { return in_doubt_deaths_; }
    int commits_made_in_doubt() const { return made_in_doubt_; }

  private:
    static constexpr std::uint64_t never = UINT64_MAX;

    bool is_dead() { return died_ || world_.disk().is_frozen(); }

    Rows read() {
        return world_.run(world_.db().read([](Snapshot& snapshot) {
            Rows rows;
            for (auto& row : snapshot.query("SELECT n, name FROM numbers")) rows.emplace(row.integer(0), row.string(1));
            return rows;
        }));
    }

    void commit() {
        auto& chance = world_.chance();
        if (chance.below(8) == 0) {
            world_.disk().fail_writes(1, chance.below(2) == 0 ? SimDisk::Fault::io_error : SimDisk::Fault::disk_full);
        }
        std::vector<Rows::value_type> wanted;
        std::vector<std::function<void(Transaction&)>> closures;
        auto const count = 1 + chance.below(4);
        for (std::uint64_t i = 0; i < count; ++i) {
            auto const n = ++last_;
            auto const name = std::to_string(n) + std::string(chance.below(chance.below(10) == 0 ? 60'000 : 500), 'x');
            wanted.emplace_back(n, name);
            closures.push_back(
                [n, name](Transaction& tx) { tx.run("INSERT INTO numbers (n, name) VALUES (?1, ?2)", n, name); });
        }
        auto const ends = world_.together(std::move(closures));
        for (std::uint64_t i = 0; i < count; ++i) {
            if (!ends[i]) {
                answered_.insert(wanted[i]);
            } else if (is_death(ends[i])) {
                in_doubt_.insert(wanted[i]);
            }
        }
        if (!in_doubt_.empty()) {
            ++in_doubt_deaths_;
        } else {
            EXPECT_TRUE(read() == answered_) << "what failed has left nothing";
        }
    }

    static bool is_death(const std::exception_ptr& end) {
        try {
            std::rethrow_exception(end);
        } catch (const StoreError& error) {
            return error.what() == std::string_view("the process has died");
        }
    }

    TestWorld world_;
    Rows answered_, in_doubt_;
    std::int64_t last_ = 0;
    std::uint64_t die_before_in_ = never, die_after_in_ = never;
    bool died_ = false;
    int lives_ = 0, in_doubt_deaths_ = 0, made_in_doubt_ = 0;
};

TEST(CrashTest, what_was_answered_survives_and_a_commit_in_doubt_is_whole_or_absent) {
    SimDisk::Stats sum;
    int in_doubt = 0;
    int made = 0;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Mortal mortal(seed);
        for (int life = 0; life < 10 && !testing::Test::HasFailure(); ++life) mortal.live_and_die();
        if (testing::Test::HasFailure()) return;
        auto const& stats = mortal.disk_stats();
        sum.kept += stats.kept;
        sum.dropped += stats.dropped;
        sum.torn += stats.torn;
        sum.files_missing += stats.files_missing;
        sum.failed_writes += stats.failed_writes;
        sum.full_writes += stats.full_writes;
        in_doubt += mortal.lives_ended_in_doubt();
        made += mortal.commits_made_in_doubt();
    }
    // Otherwise this test shows nothing.
    EXPECT_GT(sum.kept, 0U);
    EXPECT_GT(sum.dropped, 0U);
    EXPECT_GT(sum.torn, 0U);
    EXPECT_GT(sum.failed_writes, 0U);
    EXPECT_GT(sum.full_writes, 0U);
    EXPECT_GT(made, 0);
    EXPECT_GT(in_doubt, made);
}

// The exact promises of Options::crash, at each commit of a run in turn.
TEST(CrashTest, a_crash_before_a_commit_loses_exactly_it_and_one_after_keeps_exactly_it) {
    for (bool const at_after : {false, true}) {
        for (std::int64_t fatal = 0; fatal < 10; ++fatal) {
            TestWorld world(Kind::simulated, static_cast<std::uint64_t>(fatal));
            auto options = world.options();
            std::int64_t commit = 0;
            options.crash = [&](bool after) {
                auto const here = after == at_after && commit == fatal;
                if (after) ++commit;
                return here;
            };
            world.open({TestWorld::numbers()}, options);

            std::int64_t answered = 0;
            try {
                for (;; ++answered) world.insert(answered);
            } catch (const StoreError& error) {
                EXPECT_STREQ(error.what(), "the process has died");
            }
            EXPECT_THROW(world.insert(99), StoreError);
            EXPECT_THROW(world.numbers_stored(), StoreError);
            world.close();
            world.disk().crash();

            world.open();
            EXPECT_EQ(answered, fatal);
            EXPECT_EQ(world.numbers_stored().size(), static_cast<std::size_t>(at_after ? fatal + 1 : fatal));
        }
    }
}

TEST(CrashTest, a_dead_member_never_touches_the_disk_again) {
    TestWorld world(Kind::simulated);
    auto options = world.options();
    bool dead = false;
    options.crash = [&](bool) { return dead; };
    world.open({TestWorld::numbers()}, options);
    world.insert(1);
    auto const before = world.disk().stats();

    dead = true;
    EXPECT_THROW(world.insert(2), StoreError);
    EXPECT_THROW(world.insert(3), StoreError);
    world.close();

    EXPECT_EQ(world.disk().stats().writes, before.writes);
    EXPECT_EQ(world.disk().stats().syncs, before.syncs);
}

TEST(CrashTest, every_caller_of_a_dead_member_is_answered_so_that_it_can_unwind) {
    TestWorld world(Kind::simulated);
    auto options = world.options();
    options.commit_closures_max = 2;
    options.crash = [](bool) { return true; };
    world.open({TestWorld::numbers()}, options);
    int failed = 0;
    auto note = [&failed](std::exception_ptr end, auto...) { failed += end ? 1 : 0; };
    for (int i = 0; i < 5; ++i) {
        auto insert = [i](Transaction& tx) { tx.run("INSERT INTO numbers (n) VALUES (?1)", i); };
        asio::co_spawn(world.io(), world.db().write(insert), note);
        asio::co_spawn(world.io(), world.db().read([](Snapshot&) {}), note);
    }

    world.run_all();

    EXPECT_EQ(failed, 10);
}

TEST(CrashTest, the_same_seed_dies_the_same_deaths) {
    auto const run = [](std::uint64_t seed) {
        Mortal mortal(seed);
        for (int life = 0; life < 5; ++life) mortal.live_and_die();
        auto const& stats = mortal.disk_stats();
        return std::vector<std::uint64_t>{stats.writes, stats.syncs,   stats.bytes_written,
                                          stats.kept,   stats.dropped, stats.torn};
    };

    EXPECT_EQ(run(7), run(7));
    EXPECT_NE(run(7), run(8));
}

}  // namespace

}  // namespace lockstep::store
