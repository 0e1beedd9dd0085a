// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Each write of a small life fails in turn, in each way; what was answered is there afterwards, and nothing else.
#include <set>

#include "store/test_world.hpp"

namespace lockstep::store {

namespace {

struct Outcome {
    std::set<std::int64_t> answered, refused;
    bool opened = false;
};

std::string fault_name(const testing::TestParamInfo<SimDisk::Fault>& info) {
    static constexpr const char* names[] = {"io_error", "disk_full", "short_write"};
    return names[static_cast<int>(info.param)];
}

class FailingWrites : public testing::TestWithParam<SimDisk::Fault> {
  protected:
    static Database::Options small(TestWorld& world) {
        auto options = world.options();
        options.wal_bytes_max = 32 << 10;  // checkpoints on the way
        options.cache_bytes = 16 << 10;    // and commits that spill
        return options;
    }
    // Opens, writes, and closes; a write that fails is not tried again.
    static Outcome live(TestWorld& world) {
        Outcome out;
        try {
            world.open({TestWorld::numbers()}, small(world));
        } catch (const StoreError&) {
            return out;
        }
        out.opened = true;
        for (std::int64_t n = 0; n < 12; ++n) {
            try {
                world.insert(n, std::string(n % 4 == 0 ? 30'000 : 700, static_cast<char>('a' + n)));
                out.answered.insert(n);
            } catch (const StoreError&) {
                out.refused.insert(n);
            }
        }
        world.close();
        return out;
    }
    // As the process that opens it next finds it.
    static void check(TestWorld& world, const Outcome& outcome) {
        world.open();
        auto rows = world.run(world.db().read([](Snapshot& snapshot) {
            std::set<std::int64_t> numbers;
            for (auto& row : snapshot.query("SELECT n, name FROM numbers")) {
                auto const n = row.integer(0);
                auto const expected = std::string(n % 4 == 0 ? 30'000 : 700, static_cast<char>('a' + n));
                EXPECT_EQ(row.text(1), expected) << n;
                numbers.insert(n);
            }
            return numbers;
        }));
        EXPECT_EQ(rows, outcome.answered);
        auto checked = world.run(world.db().read([](Snapshot& snapshot) {
            auto result = snapshot.query("PRAGMA integrity_check");
            return result.first()->string(0);
        }));
        EXPECT_EQ(checked, "ok");
    }
};

}  // namespace

TEST_P(FailingWrites, each_in_turn_loses_nothing_that_was_answered) {
    std::uint64_t failed_somewhere = 0, failed_commits = 0;
    for (std::uint64_t nth = 0;; ++nth) {
        SCOPED_TRACE("write " + std::to_string(nth));
        TestWorld world(Kind::simulated);
        world.disk().fail_writes_after(nth, 1, GetParam());

        auto const outcome = live(world);

        auto const& stats = world.disk().stats();
        if (stats.failed_writes + stats.full_writes == 0) break;  // there are no more writes than that
        ++failed_somewhere;
        failed_commits += outcome.refused.empty() ? 0 : 1;
        if (outcome.opened) {
            EXPECT_EQ(outcome.answered.size() + outcome.refused.size(), 12u);
            EXPECT_LE(outcome.refused.size(), 1u) << "the next write tries anew";
        }
        world.disk().crash();
        check(world, outcome);
    }
    EXPECT_GT(failed_somewhere, 50u);
    EXPECT_GT(failed_commits, 20u);
}

INSTANTIATE_TEST_SUITE_P(Kinds,
                         FailingWrites,
                         testing::Values(SimDisk::Fault::io_error,
                                         SimDisk::Fault::disk_full,
                                         SimDisk::Fault::short_write),
                         fault_name);

TEST(FailingDisk, a_full_disk_that_gets_room_again_goes_on_where_it_was) {
    for (std::uint64_t room = 60 << 10; room < 200 << 10; room += 7 << 10) {
        SCOPED_TRACE(room);
        TestWorld world(Kind::simulated);
        world.disk().set_capacity(room);
        std::set<std::int64_t> answered;
        auto opened = world.try_open({TestWorld::numbers()}, world.options());
        ASSERT_TRUE(opened.has_value());
        opened->reset();
        world.open();
        std::int64_t n = 0;
        auto refused = 0;
        for (; refused < 3; ++n) {
            try {
                world.insert(n, std::string(5000, 'x'));
                answered.insert(n);
            } catch (const StoreError& error) {
                EXPECT_NE(std::string(error.what()).find("full"), std::string::npos) << error.what();
                ++refused;
            }
        }

        world.disk().set_capacity(std::nullopt);
        for (auto const end = n + 5; n < end; ++n) {
            world.insert(n, std::string(5000, 'x'));
            answered.insert(n);
        }

        auto const stored = world.numbers_stored();
        EXPECT_EQ(std::set<std::int64_t>(stored.begin(), stored.end()), answered);
        world.close();
        world.disk().crash();
        world.open();
        EXPECT_EQ(world.numbers_stored(), stored);
    }
}

TEST(FailingDisk, a_failed_sync_is_the_end_and_nothing_is_answered_with_success_by_it) {
    for (int nth = 1; nth <= 6; ++nth) {
        TestWorld world(Kind::simulated);
        auto options = world.options();
        std::string fatal;
        options.on_fatal = [&fatal](const std::string& reason) { fatal = reason; };
        world.open({TestWorld::numbers()}, options);
        std::set<std::int64_t> answered;
        for (std::int64_t n = 0; n < nth; ++n) {
            world.insert(n);
            answered.insert(n);
        }
        world.disk().fail_syncs(1);

        EXPECT_THROW(world.insert(100), StoreError);
        EXPECT_NE(fatal, "") << "the real process has ended here";

        world.disk().freeze();
        world.close();
        world.disk().crash();
        world.open();
        auto stored = world.numbers_stored();
        std::erase(stored, 100);  // nobody knows, and nobody was told
        EXPECT_EQ(std::set<std::int64_t>(stored.begin(), stored.end()), answered);
    }
}

}  // namespace lockstep::store
