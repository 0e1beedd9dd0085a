// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What only real files and threads can show.
#include <sys/resource.h>
#include <sys/stat.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <latch>

#include "store/detail/page_checksum.hpp"
#include "store/errors.hpp"
#include "store/test_world.hpp"

namespace lockstep::store {

namespace {

class ThreadedTest : public testing::Test {
  protected:
    TestWorld world{Kind::threaded};

    std::uint64_t wal_file_bytes() const {
        std::error_code none;
        auto const size = std::filesystem::file_size(world.path() + "-wal", none);
        return none ? 0 : size;
    }
    void write_file(const std::string& bytes) { std::ofstream(world.path(), std::ios::binary) << bytes; }
    std::string read_file() const {
        std::ifstream file(world.path(), std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
};

TEST_F(ThreadedTest, a_second_open_is_refused_while_the_first_lives) {
    world.open();

    auto const second = world.try_open({}, world.options());
    ASSERT_FALSE(second);
    EXPECT_TRUE(second.error().is(errors::store_in_use));
    EXPECT_NE(second.error().text().find(std::to_string(getpid())), std::string::npos);

    world.close();
    EXPECT_TRUE(world.try_open({}, world.options()).has_value());
}

TEST_F(ThreadedTest, a_file_that_is_no_database_is_refused_and_left_alone) {
    std::string const text(10'000, 'x');
    write_file(text);

    auto const opened = world.try_open({}, world.options());

    ASSERT_FALSE(opened);
    EXPECT_TRUE(opened.error().is(errors::store_damaged));
    EXPECT_EQ(read_file(), text);
}

TEST_F(ThreadedTest, a_database_of_another_program_is_refused_and_left_alone) {
    world.open();
    world.close();
    auto bytes = read_file();
    bytes[68] = 'X';  // the application id is at 68 to 71
    write_file(bytes);

    auto const opened = world.try_open({TestWorld::numbers()}, world.options());

    ASSERT_FALSE(opened);
    EXPECT_TRUE(opened.error().is(errors::store_damaged));
    EXPECT_EQ(read_file(), bytes);
}

TEST_F(ThreadedTest, a_file_of_a_newer_format_is_refused) {
    world.open();
    world.close();
    auto bytes = read_file();
    bytes[63] = 99;  // the user version is at 60 to 63
    Bytes sealed(4096);
    detail::seal_page(as_bytes(bytes).first(4096), 1, sealed.data());
    bytes.replace(0, 4096, as_text(sealed));
    write_file(bytes);

    auto const opened = world.try_open({TestWorld::numbers()}, world.options());

    ASSERT_FALSE(opened);
    EXPECT_TRUE(opened.error().is(errors::store_too_new));
}

TEST_F(ThreadedTest, a_folder_that_is_missing_is_a_failure_and_not_a_refusal) {
    auto options = world.options();
    options.path = world.path() + "-nowhere/db";

    EXPECT_THROW(world.try_open({}, options).has_value(), StoreError);
}

TEST_F(ThreadedTest, a_reader_keeps_its_snapshot_while_others_write) {
    world.open();
    world.insert(1);
    std::latch began(1);
    std::latch written(1);
    std::vector<std::int64_t> counts;
    auto read = [&](Snapshot& snapshot) {
        for (int i = 0; i < 2; ++i) {
            auto rows = snapshot.query("SELECT count(*) FROM numbers");
            counts.push_back(rows.first()->integer(0));
            if (i == 0) {
                began.count_down();
                written.wait();
            }
        }
    };
    auto write = [&](Transaction& tx) {
        began.wait();
        tx.run("INSERT INTO numbers (n) VALUES (2)");
    };
    asio::co_spawn(world.io(), world.db().read(std::move(read)), asio::detached);
    asio::co_spawn(world.io(), world.db().write(std::move(write)), [&](std::exception_ptr) { written.count_down(); });

    world.run_all();

    EXPECT_EQ(counts, (std::vector<std::int64_t>{1, 1}));
    EXPECT_EQ(world.numbers_stored().size(), 2U);
}

TEST_F(ThreadedTest, reads_run_beside_each_other) {
    auto options = world.options();
    options.readers = 3;
    world.open({TestWorld::numbers()}, options);
    std::latch all_run(3);
    for (int i = 0; i < 3; ++i) {
        asio::co_spawn(world.io(), world.db().read([&](Snapshot&) { all_run.arrive_and_wait(); }), asio::detached);
    }

    world.run_all();  // ends only when three run at once

    EXPECT_EQ(world.db().stats().reads, 3U);
}

TEST_F(ThreadedTest, bytes_and_syncs_are_counted) {
    world.open();
    auto const before = world.db().stats();

    for (int i = 0; i < 5; ++i) world.insert(i);

    auto const after = world.db().stats();
    EXPECT_GE(after.syncs - before.syncs, 5U);
    EXPECT_GE(after.bytes_written - before.bytes_written, 5U * 4096);
    EXPECT_GE(after.bytes_synced - before.bytes_synced, 5U * 4096);
    EXPECT_EQ(after.commits - before.commits, 5U);
    EXPECT_GT(after.commit_seconds, before.commit_seconds);
}

Task<void> write_pages(Database& db, std::function<void()> after_each, bool& writing) {
    for (std::int64_t i = 0; i < 1000; ++i) {
        auto insert = [i](Transaction& tx) {
            tx.run("INSERT INTO numbers (n, name) VALUES (?1, ?2)", i, std::string(20'000, 'x'));
            tx.run("DELETE FROM numbers WHERE n = ?1", i - 50);
        };
        co_await db.write(insert);
        after_each();
    }
    writing = false;
}

Task<void> read_pages(Database& db, const bool& writing) {
    while (writing) {
        auto scan = [](Snapshot& snapshot) {
            std::size_t bytes = 0;
            for (auto& row : snapshot.query("SELECT name FROM numbers")) bytes += row.text(0).size();
            return bytes;
        };
        co_await db.read(scan);
    }
}

TEST_F(ThreadedTest, the_file_of_the_wal_stays_bounded_with_readers_coming_and_going) {
    auto options = world.options();
    options.wal_bytes_max = 1 << 20;
    options.readers = 3;
    auto& db = world.open({TestWorld::numbers()}, options);
    std::uint64_t longest = 0;
    bool writing = true;
    auto const before = db.stats().bytes_written;
    auto measure = [&] { longest = std::max(longest, wal_file_bytes()); };
    asio::co_spawn(world.io(), write_pages(db, measure, writing), asio::detached);
    for (int i = 0; i < 6; ++i) asio::co_spawn(world.io(), read_pages(db, writing), asio::detached);

    world.run_all();

    EXPECT_GT(db.stats().bytes_written - before, 20U << 20);
    EXPECT_LT(longest, 10U << 20) << "how far beyond wal_bytes_max it comes is decided by who gets the processor";
    EXPECT_GT(longest, 0U);
}

// The longest that any file of this process may be: a full disk of our own.
class RoomFor {
  public:
    explicit RoomFor(rlim_t bytes) {
        signal(SIGXFSZ, SIG_IGN);
        getrlimit(RLIMIT_FSIZE, &before_);
        rlimit const small{bytes, before_.rlim_max};
        setrlimit(RLIMIT_FSIZE, &small);
    }
    ~RoomFor() { setrlimit(RLIMIT_FSIZE, &before_); }
    RoomFor(const RoomFor&) = delete;
    RoomFor& operator=(const RoomFor&) = delete;

  private:
    rlimit before_{};
};

TEST_F(ThreadedTest, a_commit_that_finds_no_room_fails_whole_and_the_next_goes_on) {
    world.open();
    world.insert(1, "before");
    {
        RoomFor const little(2 << 20);
        EXPECT_THROW(world.insert(2, std::string(4 << 20, 'x')), StoreError);
        EXPECT_EQ(world.numbers_stored(), std::vector<std::int64_t>{1});
    }
    world.insert(3, std::string(4 << 20, 'x'));
    EXPECT_EQ(world.numbers_stored(), (std::vector<std::int64_t>{1, 3}));
    world.close();
    world.open();
    EXPECT_EQ(world.numbers_stored(), (std::vector<std::int64_t>{1, 3}));
}

constexpr int pair_writers = 8;
constexpr int pair_rounds = 60;

// Writes two rows at a time; refuses each tenth time.
Task<void> write_pairs(Database& db, int id, int& writing, int& refused) {
    for (int round = 0; round < pair_rounds; ++round) {
        std::string const owned = "writer " + std::to_string(id);
        auto insert = [id, round, owned](Transaction& tx) {
            tx.run("INSERT INTO pairs VALUES (?1, ?2)", id, 2 * round);
            tx.run("INSERT INTO pairs VALUES (?1, ?2)", id, 2 * round + 1);
            if (round % 10 == 9) throw std::runtime_error(owned);
            return owned.size();
        };
        try {
            co_await db.write(insert);
        } catch (const std::runtime_error& error) {
            refused += error.what() == owned ? 1 : 0;
        }
    }
    --writing;
}

std::int64_t count_pairs(Snapshot& snapshot) {
    auto rows = snapshot.query("SELECT count(*) FROM pairs");
    return rows.first()->integer(0);
}

Task<void> read_pairs(Database& db, const int& writing) {
    while (writing > 0) {
        auto const count = co_await db.read(count_pairs);
        EXPECT_EQ(count % 2, 0);
    }
}

// Under the thread sanitizer this shows that closures, answers and the threads' own state are ordered.
TEST_F(ThreadedTest, many_writers_and_readers_see_only_whole_writes) {
    auto options = world.options();
    options.wal_bytes_max = 512 << 10;
    options.commit_closures_max = 7;
    world.open({{"pairs", {"CREATE TABLE pairs (writer BIGINT, round BIGINT, PRIMARY KEY (writer, round))"}}}, options);
    auto& db = world.db();
    int writing = pair_writers;
    int refused = 0;
    for (int i = 0; i < pair_writers; ++i)
        asio::co_spawn(world.io(), write_pairs(db, i, writing, refused), asio::detached);
    for (int i = 0; i < 4; ++i) asio::co_spawn(world.io(), read_pairs(db, writing), asio::detached);

    world.run_all();

    EXPECT_EQ(refused, pair_writers * pair_rounds / 10);
    auto const stats = db.stats();
    EXPECT_EQ(stats.closures, static_cast<std::uint64_t>(pair_writers * pair_rounds));
    EXPECT_GE(stats.commits, static_cast<std::uint64_t>(pair_writers * pair_rounds / 7));
    EXPECT_EQ(world.run(db.read(count_pairs)), 2 * pair_writers * pair_rounds * 9 / 10);
}

}  // namespace

}  // namespace lockstep::store
