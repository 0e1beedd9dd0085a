// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "store/sim_disk.hpp"

#include "store/test_world.hpp"

namespace lockstep::store {

namespace {

class SimDiskTest : public testing::Test {
  protected:
    TestWorld world{Kind::simulated};
    SimDisk& disk = world.disk();
};

using Numbers = std::vector<std::int64_t>;

TEST_F(SimDiskTest, a_full_disk_fails_the_write_and_when_there_is_room_the_next_one_passes) {
    world.open();
    world.insert(1);
    disk.set_capacity(disk.bytes_used());

    EXPECT_THROW(world.insert(2, std::string(5000, 'x')), StoreError);
    EXPECT_THROW(world.insert(3, std::string(5000, 'x')), StoreError);
    EXPECT_EQ(world.numbers_stored(), (Numbers{1}));
    EXPECT_GT(disk.stats().over_capacity, 0U);

    disk.set_capacity(std::nullopt);
    world.insert(4);
    EXPECT_EQ(world.numbers_stored(), (Numbers{1, 4}));
}

TEST_F(SimDiskTest, a_write_that_fails_takes_the_whole_commit_with_it_and_no_other) {
    world.open();
    world.insert(1);
    auto const insert = [](std::int64_t n) -> std::function<void(Transaction&)> {
        return [n](Transaction& tx) { tx.run("INSERT INTO numbers (n) VALUES (?1)", n); };
    };
    for (auto const fault : {SimDisk::Fault::io_error, SimDisk::Fault::disk_full}) {
        disk.fail_writes(1, fault);

        for (auto const& end : world.together({insert(2), insert(3)})) {
            EXPECT_THROW(std::rethrow_exception(end), StoreError);
        }
    }

    world.insert(4);
    EXPECT_EQ(world.numbers_stored(), (Numbers{1, 4}));
    EXPECT_EQ(disk.stats().failed_writes, 1U);
    EXPECT_EQ(disk.stats().full_writes, 1U);
}

TEST_F(SimDiskTest, a_closure_that_swallows_a_failure_of_the_disk_fails_all_the_same) {
    auto options = world.options();
    options.cache_bytes = 16 << 10;  // so that a large closure writes before its commit
    world.open({TestWorld::numbers()}, options);
    auto swallow = [this](Transaction& tx) {
        for (int i = 0; i < 100; ++i) {
            if (i == 50) disk.fail_writes(1, SimDisk::Fault::disk_full);
            try {
                tx.run("INSERT INTO numbers (n, name) VALUES (?1, ?2)", i, std::string(3000, 'x'));
            } catch (const StoreError&) {  // the closure of somebody who knows better
            }
        }
    };

    EXPECT_THROW(world.run(world.db().write(swallow)), StoreError);

    EXPECT_TRUE(world.numbers_stored().empty());
    world.insert(1);
    EXPECT_EQ(world.numbers_stored(), (Numbers{1}));
}

TEST_F(SimDiskTest, a_failure_inside_one_closure_fails_its_neighbours) {
    auto options = world.options();
    options.cache_bytes = 16 << 10;
    world.open({TestWorld::numbers()}, options);
    auto const small = [](Transaction& tx) { tx.run("INSERT INTO numbers (n) VALUES (1000)"); };
    auto const large = [this](Transaction& tx) {
        disk.fail_writes(1, SimDisk::Fault::io_error);
        for (int i = 0; i < 100; ++i)
            tx.run("INSERT INTO numbers (n, name) VALUES (?1, ?2)", i, std::string(3000, 'x'));
    };

    for (auto const& end : world.together({small, large, small})) {
        // The third may be left for the next commit; then it has succeeded.
        if (!end) continue;
        EXPECT_THROW(std::rethrow_exception(end), StoreError);
    }

    EXPECT_LE(world.numbers_stored().size(), 1U);
}

TEST_F(SimDiskTest, writes_can_fail_by_chance) {
    world.open();
    disk.fail_writes_with(0.2, SimDisk::Fault::io_error);

    Numbers expected;
    for (std::int64_t i = 0; i < 100; ++i) {
        try {
            world.insert(i);
            expected.push_back(i);
        } catch (const StoreError&) {
        }
    }
    disk.fail_writes_with(0, SimDisk::Fault::io_error);

    EXPECT_EQ(world.numbers_stored(), expected);
    EXPECT_GT(expected.size(), 10U);
    EXPECT_LT(expected.size(), 90U);
}

TEST_F(SimDiskTest, a_checkpoint_that_fails_fails_no_write) {
    auto options = world.options();
    options.wal_bytes_max = 64 << 10;
    world.open({TestWorld::numbers()}, options);
    for (std::int64_t i = 0; i < 5; ++i) world.insert(i, std::string(10'000, 'x'));
    // The WAL may grow, the file of the database may not.
    disk.set_capacity(disk.bytes_used() + (40 << 10));

    std::int64_t next = 5;
    auto const fill = [&] {
        for (;;) {
            world.insert(next, std::string(10'000, 'x'));
            ++next;
        }
    };
    EXPECT_THROW(fill(), StoreError);
    EXPECT_GT(next, 5);
    disk.set_capacity(std::nullopt);
    world.insert(100);

    EXPECT_EQ(world.numbers_stored().size(), static_cast<std::size_t>(next) + 1);
}

TEST_F(SimDiskTest, a_sync_that_fails_is_fatal) {
    std::vector<std::string> reasons;
    auto options = world.options();
    options.on_fatal = [&](const std::string& reason) { reasons.push_back(reason); };
    world.open({TestWorld::numbers()}, options);

    disk.fail_syncs(2);
    EXPECT_THROW(world.insert(1), StoreError);

    EXPECT_EQ(reasons.size(), 1U);
}

TEST_F(SimDiskTest, what_is_written_while_frozen_is_seen_until_the_crash) {
    world.open();
    world.insert(1);

    disk.freeze();
    world.insert(2);
    EXPECT_EQ(world.numbers_stored(), (Numbers{1, 2}));
    world.close();
    disk.crash();

    world.open();
    EXPECT_EQ(world.numbers_stored(), (Numbers{1}));
    EXPECT_GT(disk.stats().frozen_writes, 0U);
}

TEST_F(SimDiskTest, what_was_closed_properly_survives_a_crash) {
    for (std::int64_t i = 0; i < 20; ++i) {
        world.open();
        world.insert(i);
        world.close();
        disk.crash();
    }

    world.open();
    EXPECT_EQ(world.numbers_stored().size(), 20U);
    EXPECT_GT(disk.stats().files_back, 0U);  // a WAL that was deleted, and does no harm
}

TEST_F(SimDiskTest, disks_do_not_share_files) {
    TestWorld other(Kind::simulated);
    world.open();
    other.open();

    world.insert(1);

    EXPECT_TRUE(other.numbers_stored().empty());
    EXPECT_NE(disk.vfs(), other.disk().vfs());
}

TEST_F(SimDiskTest, the_wal_begins_anew_when_it_is_long) {
    auto options = world.options();
    options.wal_bytes_max = 256 << 10;
    world.open({TestWorld::numbers()}, options);

    for (std::int64_t i = 0; i < 300; ++i) {
        world.insert(i, std::string(5000, 'x'));
        world.run(world.db().write([i](Transaction& tx) { tx.run("DELETE FROM numbers WHERE n = ?1", i); }));
    }

    EXPECT_LT(disk.bytes_used(), 600U << 10);
}

}  // namespace

}  // namespace lockstep::store
