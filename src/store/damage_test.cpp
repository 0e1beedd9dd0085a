// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Bits that nobody wrote: in pages of each kind, and in a WAL.
#include <sqlite3.h>

#include <fstream>
#include <set>

#include "store/detail/page_checksum.hpp"
#include "store/detail/wal_check.hpp"
#include "store/errors.hpp"
#include "store/test_world.hpp"

namespace lockstep::store {

namespace {

using detail::page_size;

constexpr std::int64_t rows_stored = 3000;

Migrations names() {
    return {"names",
            {"CREATE TABLE names (n BIGINT PRIMARY KEY, name TEXT NOT NULL, more BLOB);"
             "CREATE INDEX names_by_name ON names (name, n);"}};
}

std::string name_of(std::int64_t n) { return "name-" + std::to_string(n * 7919 % 100'003); }

class DamageTest : public testing::Test {
  protected:
    // A table and an index with inner pages, and rows that need pages of overflow; closed, all in the main file.
    void fill() {
        world.open({names()});
        auto insert = [](Transaction& tx) {
            for (std::int64_t n = 0; n < rows_stored; ++n) {
                Bytes const more(n % 100 == 0 ? 9000 : 20, static_cast<std::uint8_t>(n % 250 + 1));
                tx.run("INSERT INTO names (n, name, more) VALUES (?1, ?2, ?3)", n, name_of(n), more);
            }
        };
        world.run(world.db().write(std::move(insert)));
        world.close();
    }
    // Every row, through the table and through the index; throws what the store throws.
    void read_all() {
        auto look = [](Snapshot& snapshot) {
            std::int64_t n = 0;
            for (auto& row : snapshot.query("SELECT n, name, more FROM names ORDER BY n")) {
                ASSERT_EQ(row.integer(0), n);
                ASSERT_EQ(row.text(1), name_of(n));
                for (auto const byte : row.blob(2)) ASSERT_EQ(byte, n % 250 + 1);
                ++n;
            }
            ASSERT_EQ(n, rows_stored);
            for (auto const* sql :
                 {"SELECT count(n) FROM names INDEXED BY sqlite_autoindex_names_1 WHERE n >= 0",
                  "SELECT count(name) FROM names INDEXED BY names_by_name WHERE name >= ''",
                  "SELECT count(*) FROM names NOT INDEXED WHERE name >= ''", "SELECT count(*) FROM schema_versions"}) {
                auto found = snapshot.query(sql);
                ASSERT_GT(found.first()->integer(0), 0) << sql;
            }
        };
        world.run(world.db().read(std::move(look)));
    }
    // What opening and reading everything says; empty when it finds nothing wrong.
    std::string complaint() {
        auto opened = world.try_open({names()}, world.options());
        if (!opened) return opened.error().message();
        opened->reset();
        world.open({names()});
        std::string out;
        try {
            read_all();
        } catch (const StoreError& error) {
            out = error.what();
        }
        world.close();
        return out;
    }
    std::string kind_of(std::uint64_t page) {
        auto const file = world.disk().contents("db");
        return std::string(detail::page_kind(BytesView(file).subspan((page - 1) * page_size, page_size), page));
    }
    std::uint64_t pages() { return world.disk().contents("db").size() / page_size; }

    TestWorld world{Kind::simulated};
};

}  // namespace

TEST_F(DamageTest, a_flipped_bit_in_any_page_is_noticed_and_named) {
    fill();
    ASSERT_EQ(complaint(), "");
    std::set<std::string> kinds;

    for (std::uint64_t page = 1; page <= pages(); ++page) {
        SCOPED_TRACE(page);
        auto const kind = kind_of(page);
        // Not the same byte of each page: beginnings, cells, free room and the checksum itself are all hit.
        auto const at = (page - 1) * page_size + page * 1237 % page_size;
        auto const bit = static_cast<std::uint8_t>(1 << page % 8);
        world.disk().damage("db", at, bit);

        auto const said = complaint();

        EXPECT_TRUE(said.find("page " + std::to_string(page) + " of db is damaged") != std::string::npos ||
                    (page == 1 && said.starts_with("LS10203")))
            << kind << ": " << said;
        kinds.insert(kind);
        world.disk().damage("db", at, bit);
    }

    EXPECT_EQ(kinds.size(), 5u) << "inner pages and leaves of tables and indices, and overflow";
    EXPECT_EQ(complaint(), "");
}

TEST_F(DamageTest, a_header_that_is_damaged_anywhere_opens_nothing) {
    fill();
    for (std::uint64_t at = 0; at < 100; ++at) {
        for (auto const bits : {0x01, 0x08, 0x80, 0xff}) {
            world.disk().damage("db", at, static_cast<std::uint8_t>(bits));
            auto const opened = world.try_open({names()}, world.options());
            ASSERT_TRUE(opened.has_error()) << at;
            EXPECT_TRUE(opened.error().is(errors::store_damaged) || opened.error().is(errors::store_too_new))
                << at << ": " << opened.error().message();
            world.disk().damage("db", at, static_cast<std::uint8_t>(bits));
        }
    }
    EXPECT_EQ(complaint(), "");
}

TEST_F(DamageTest, a_page_in_anothers_place_is_noticed) {
    fill();
    auto const file = world.disk().contents("db");
    auto const leaf = [&](std::uint64_t after) {
        for (auto page = after + 1;; ++page)
            if (kind_of(page) == "a leaf of a table") return page;
    };
    auto const one = leaf(1), other = leaf(one);
    for (std::size_t i = 0; i < page_size; ++i) {
        auto const bits = file[(one - 1) * page_size + i] ^ file[(other - 1) * page_size + i];
        world.disk().damage("db", (one - 1) * page_size + i, static_cast<std::uint8_t>(bits));
    }

    EXPECT_NE(complaint().find("page " + std::to_string(one) + " of db is damaged"), std::string::npos);
}

TEST_F(DamageTest, what_is_read_again_from_a_damaged_page_stays_refused_and_the_rest_is_served) {
    fill();
    auto page = pages();
    while (kind_of(page) != "a page of no table or index by itself") --page;
    world.disk().damage("db", (page - 1) * page_size + 100, 4);
    world.open({names()});

    for (int i = 0; i < 2; ++i) EXPECT_THROW(read_all(), StoreError);

    auto count = [](Snapshot& snapshot) {
        auto rows = snapshot.query("SELECT count(*) FROM names");
        return rows.first()->integer(0);
    };
    EXPECT_EQ(world.run(world.db().read(std::move(count))), rows_stored);
    auto insert = [](Transaction& tx) { tx.run("INSERT INTO names (n, name) VALUES (-1, 'new')"); };
    world.run(world.db().write(std::move(insert)));
    world.close();
}

TEST_F(DamageTest, a_database_without_checksums_is_opened_and_stays_as_it_is) {
    TestWorld real(Kind::threaded);
    real.open();
    real.insert(1);
    real.close();
    // As earlier versions made them: no reserved bytes, version 1 of the file.
    std::filesystem::remove(real.path());
    sqlite3* old = nullptr;
    ASSERT_EQ(sqlite3_open(real.path().c_str(), &old), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(old,
                           "PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA application_id=0x4c737470;"
                           "PRAGMA user_version=1;"
                           "CREATE TABLE schema_versions (module TEXT PRIMARY KEY, version BIGINT NOT NULL);",
                           nullptr, nullptr, nullptr),
              SQLITE_OK);
    sqlite3_close(old);

    for (int n = 1; n <= 2; ++n) {
        real.open();
        real.insert(n);
        EXPECT_EQ(real.numbers_stored().size(), static_cast<std::size_t>(n));
        real.close();
    }
    std::ifstream file(real.path(), std::ios::binary);
    std::string header(100, '\0');
    file.read(header.data(), 100);
    EXPECT_EQ(header[20], 0);
    EXPECT_EQ(header[63], 1);
}

TEST_F(DamageTest, a_flipped_byte_in_a_real_file_is_named_too) {
    TestWorld real(Kind::threaded);
    real.open();
    for (int n = 0; n < 50; ++n) real.insert(n, std::string(500, 'x'));
    real.close();
    auto const bytes = std::filesystem::file_size(real.path());
    for (auto page = bytes / page_size; page > 1; --page) {
        std::fstream file(real.path(), std::ios::binary | std::ios::in | std::ios::out);
        file.seekp(static_cast<std::streamoff>((page - 1) * page_size + 2000));
        file.put('?');
    }

    std::string said;
    auto opened = real.try_open({TestWorld::numbers()}, real.options());
    if (!opened) {
        said = opened.error().message();
    } else {
        opened->reset();
        real.open();
        try {
            auto const read = real.run(real.db().read([](Snapshot& snapshot) {
                std::size_t bytes = 0;
                for (auto& row : snapshot.query("SELECT name FROM numbers")) bytes += row.text(0).size();
                return bytes;
            }));
            said = std::to_string(read) + " bytes were read";
        } catch (const StoreError& error) {
            said = error.what();
        }
        real.close();
    }
    EXPECT_NE(said.find("is damaged"), std::string::npos) << said;
}

// A WAL as a process leaves it that is killed: nothing carried over.
class WalDamageTest : public testing::Test {
  protected:
    static constexpr std::size_t frame_bytes = page_size + 24;

    // Commits of several frames each; returns the WAL.
    void write_and_die(int commits) {
        auto options = world.options();
        options.crash = [this](bool) { return dead_; };
        world.open({TestWorld::numbers()}, options);
        for (int n = 0; n < commits; ++n) world.insert(n, std::string(6000, 'x'));
        world.disk().freeze();
        dead_ = true;
        world.close();
        world.disk().crash();
        dead_ = false;
    }
    std::uint64_t frames() { return (world.disk().contents("db-wal").size() - 32) / frame_bytes; }
    bool is_commit(std::uint64_t frame) {
        auto const wal = world.disk().contents("db-wal");
        auto const* at = wal.data() + 32 + (frame - 1) * frame_bytes + 4;
        return at[0] + at[1] + at[2] + at[3] != 0;
    }
    static std::uint64_t place(std::uint64_t frame, std::size_t at) { return 32 + (frame - 1) * frame_bytes + at; }
    Result<std::unique_ptr<Database>> open() { return world.try_open({TestWorld::numbers()}, world.options()); }

    TestWorld world{Kind::simulated};

  private:
    bool dead_ = false;
};

TEST_F(WalDamageTest, a_damaged_frame_with_promised_ones_behind_it_is_refused_and_named) {
    write_and_die(10);
    auto last_commit = frames();
    while (!is_commit(last_commit)) --last_commit;
    auto begin_of_last = last_commit;
    while (begin_of_last > 1 && !is_commit(begin_of_last - 1)) --begin_of_last;
    ASSERT_GT(begin_of_last, 20u);

    for (std::uint64_t frame = 1; frame < begin_of_last; ++frame) {
        // A byte of the page, and its number, its salt, its checksum.
        for (std::size_t const at : {std::size_t{24 + 100}, std::size_t{3}, std::size_t{9}, std::size_t{17}}) {
            world.disk().damage("db-wal", place(frame, at), 0x10);
            auto const opened = open();
            ASSERT_TRUE(opened.has_error()) << frame << " at " << at;
            EXPECT_TRUE(opened.error().is(errors::wal_damaged)) << opened.error().message();
            EXPECT_NE(opened.error().message().find("frame " + std::to_string(frame) + ","), std::string::npos)
                << opened.error().message();
            world.disk().damage("db-wal", place(frame, at), 0x10);
        }
    }
    world.open();
    EXPECT_EQ(world.numbers_stored().size(), 10u);
}

TEST_F(WalDamageTest, a_damaged_header_with_good_frames_behind_it_is_refused) {
    write_and_die(3);
    for (std::size_t at = 0; at < 32; ++at) {
        world.disk().damage("db-wal", at, 0x04);
        auto const opened = open();
        ASSERT_TRUE(opened.has_error()) << at;
        EXPECT_TRUE(opened.error().is(errors::wal_damaged)) << opened.error().message();
        EXPECT_NE(opened.error().message().find("its header"), std::string::npos);
        world.disk().damage("db-wal", at, 0x04);
    }
    world.open();
    EXPECT_EQ(world.numbers_stored().size(), 3u);
}

TEST_F(WalDamageTest, a_hole_in_the_last_commit_is_a_power_cut) {
    write_and_die(5);
    auto last_commit = frames();
    while (!is_commit(last_commit)) --last_commit;
    auto begin_of_last = last_commit;
    while (!is_commit(begin_of_last - 1)) --begin_of_last;

    world.disk().damage("db-wal", place(begin_of_last, 24 + 100), 0x10);

    world.open();
    EXPECT_EQ(world.numbers_stored().size(), 4u);
}

TEST_F(WalDamageTest, what_a_power_cut_left_of_a_commit_is_never_taken_for_damage_later) {
    // Commit after commit is torn by a power cut, and each next life writes over what it left.
    for (int life = 0; life < 30; ++life) {
        write_and_die(2);
        auto const all = frames();
        if (all >= 4) world.disk().damage("db-wal", place(all - 2 + life % 2, 24 + 50), 0x10);
        auto opened = open();
        ASSERT_TRUE(opened.has_value() || opened.error().is(errors::wal_damaged)) << opened.error().message();
        if (opened) opened->reset();
        if (!opened) world.disk().damage("db-wal", place(all - 2 + life % 2, 24 + 50), 0x10);
        auto clear = [](Transaction& tx) { tx.run("DELETE FROM numbers"); };
        world.open();
        world.run(world.db().write(std::move(clear)));
        world.disk().freeze();
        world.close();
        world.disk().crash();
    }
}

TEST(PageChecksum, changes_with_each_bit_and_with_the_place) {
    Bytes page(page_size);
    for (std::size_t i = 0; i < page.size(); ++i) page[i] = static_cast<std::uint8_t>(i * 31);
    Bytes sealed(page_size);
    detail::seal_page(page, 7, sealed.data());

    EXPECT_TRUE(detail::page_is_good(sealed, 7));
    EXPECT_FALSE(detail::page_is_good(sealed, 8));
    EXPECT_TRUE(detail::page_is_good(Bytes(page_size), 7)) << "a hole";
    for (std::size_t at = 0; at < page_size; ++at) {
        for (int bit = 0; bit < 8; ++bit) {
            sealed[at] ^= static_cast<std::uint8_t>(1 << bit);
            ASSERT_FALSE(detail::page_is_good(sealed, 7)) << at;
            sealed[at] ^= static_cast<std::uint8_t>(1 << bit);
        }
    }
}

}  // namespace lockstep::store
