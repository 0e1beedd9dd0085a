// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What both kinds of Database promise.
#include "store/errors.hpp"
#include "store/test_world.hpp"

namespace lockstep::store {

namespace {

struct Refusal : std::runtime_error {
    using std::runtime_error::runtime_error;
};

template <class E>
bool threw(const std::exception_ptr& end) {
    try {
        if (end) std::rethrow_exception(end);
    } catch (const E&) {
        return true;
    } catch (const std::exception&) {
        return false;
    }
    return false;
}

std::function<void(Transaction&)> inserting(std::int64_t n) {
    return [n](Transaction& tx) { tx.run("INSERT INTO numbers (n) VALUES (?1)", n); };
}

std::int64_t count(Session& session) {
    auto rows = session.query("SELECT count(*) FROM numbers");
    return rows.first()->integer(0);
}

class DatabaseContract : public testing::TestWithParam<Kind> {
  protected:
    TestWorld world{GetParam()};
};

using Numbers = std::vector<std::int64_t>;

TEST_P(DatabaseContract, what_write_returned_is_seen_by_the_next_read) {
    world.open();

    for (int i = 0; i < 20; ++i) {
        world.insert(i);
        EXPECT_EQ(world.run(world.db().read(count)), i + 1);
    }
}

TEST_P(DatabaseContract, a_write_returns_what_its_closure_returns) {
    world.open();

    auto const changed = world.run(world.db().write([](Transaction& tx) {
        tx.run("INSERT INTO numbers (n, name) VALUES (1, 'a'), (2, 'a'), (3, 'b')");
        return tx.run("UPDATE numbers SET name = 'c' WHERE name = ?1", "a");
    }));

    EXPECT_EQ(changed, 2);
}

TEST_P(DatabaseContract, what_was_written_is_there_after_reopening) {
    world.open();
    world.insert(1, "one");
    world.insert(2, "two");

    world.open();

    EXPECT_EQ(world.numbers_stored(), (Numbers{1, 2}));
}

TEST_P(DatabaseContract, closures_that_wait_share_a_commit) {
    world.open();
    auto const before = world.db().stats().commits;

    std::vector<std::function<void(Transaction&)>> closures;
    for (int i = 0; i < 50; ++i) closures.push_back(inserting(i));
    auto const ends = world.together(closures);

    EXPECT_LE(world.db().stats().commits - before, 3U);  // the one that made the others wait is a commit too
    EXPECT_EQ(world.numbers_stored().size(), 50U);
    for (auto const& end : ends) EXPECT_FALSE(end);
}

TEST_P(DatabaseContract, of_three_in_a_commit_the_one_that_refuses_is_rolled_back_alone) {
    for (std::size_t refusing = 0; refusing < 3; ++refusing) {
        world.open({TestWorld::numbers()});
        world.run(world.db().write([](Transaction& tx) { tx.run("DELETE FROM numbers"); }));
        auto refuse = [](Transaction& tx) {
            tx.run("INSERT INTO numbers (n) VALUES (100)");
            throw Refusal("no");
        };
        std::vector<std::function<void(Transaction&)>> closures{inserting(0), inserting(1), inserting(2)};
        closures[refusing] = refuse;

        auto const ends = world.together(closures);

        Numbers expected{0, 1, 2};
        expected.erase(expected.begin() + static_cast<std::ptrdiff_t>(refusing));
        EXPECT_EQ(world.numbers_stored(), expected);
        for (std::size_t i = 0; i < 3; ++i) {
            EXPECT_EQ(threw<Refusal>(ends[i]), i == refusing);
            EXPECT_EQ(static_cast<bool>(ends[i]), i == refusing);
        }
    }
}

TEST_P(DatabaseContract, a_commit_of_refusals_only_leaves_nothing) {
    world.open();
    auto refuse = [](Transaction& tx) {
        tx.run("INSERT INTO numbers (n) VALUES (100)");
        throw Refusal("no");
    };

    auto const ends = world.together({refuse, refuse, refuse});

    for (auto const& end : ends) EXPECT_TRUE(threw<Refusal>(end));
    EXPECT_TRUE(world.numbers_stored().empty());
    world.insert(1);
    EXPECT_EQ(world.numbers_stored(), (Numbers{1}));
}

TEST_P(DatabaseContract, closures_run_in_the_order_of_write) {
    world.open();
    std::vector<int> order;

    std::vector<std::function<void(Transaction&)>> closures;
    for (int i = 0; i < 200; ++i) {
        closures.push_back([i, &order](Transaction& tx) {
            order.push_back(i);
            tx.run("INSERT INTO numbers (n) VALUES (?1)", i);
        });
    }
    world.together(closures);

    std::vector<int> expected(200);
    for (int i = 0; i < 200; ++i) expected[static_cast<std::size_t>(i)] = i;
    EXPECT_EQ(order, expected);
}

TEST_P(DatabaseContract, a_closure_sees_what_those_before_it_wrote) {
    world.open();
    std::int64_t seen = -1;

    world.together({inserting(1), inserting(2), [&seen](Transaction& tx) { seen = count(tx); }});

    EXPECT_EQ(seen, 2);
}

TEST_P(DatabaseContract, a_conflict_is_caught_inside_the_closure_and_undoes_one_statement) {
    world.open();
    world.insert(7, "first");

    auto const caught = world.run(world.db().write([](Transaction& tx) {
        tx.run("INSERT INTO numbers (n) VALUES (6)");
        bool conflict = false;
        try {
            tx.run("INSERT INTO numbers (n) VALUES (5), (7)");
        } catch (const Conflict&) {
            conflict = true;
        }
        tx.run("INSERT INTO numbers (n) VALUES (8)");
        return conflict;
    }));

    EXPECT_TRUE(caught);
    EXPECT_EQ(world.numbers_stored(), (Numbers{6, 7, 8}));
}

TEST_P(DatabaseContract, a_conflict_that_nobody_catches_reaches_the_caller) {
    world.open();
    world.insert(7);

    EXPECT_THROW(world.insert(7), Conflict);
    world.insert(8);

    EXPECT_EQ(world.numbers_stored(), (Numbers{7, 8}));
}

TEST_P(DatabaseContract, another_constraint_is_not_a_conflict) {
    world.open({{"m", {"CREATE TABLE checked (n BIGINT NOT NULL CHECK (n > 0))"}}});

    for (auto const* sql : {"INSERT INTO checked (n) VALUES (0)", "INSERT INTO checked (n) VALUES (NULL)"}) {
        auto const ends = world.together({[sql](Transaction& tx) { tx.run(sql); }});
        EXPECT_TRUE(threw<StoreError>(ends[0]));
        EXPECT_FALSE(threw<Conflict>(ends[0]));
    }
}

TEST_P(DatabaseContract, text_blobs_numbers_and_null_come_back_as_they_went) {
    world.open({{"m", {"CREATE TABLE kinds (t TEXT, b BLOB, i BIGINT, r REAL, u BLOB, h BLOB, o TEXT)"}}});
    std::string text = "héllo";
    text += '\0';
    text += "after a zero";
    Bytes blob(10'000);
    for (std::size_t i = 0; i < blob.size(); ++i) blob[i] = static_cast<std::uint8_t>(i * 7);
    Uuid uuid;
    uuid.bytes[3] = 9;
    Hash hash;
    hash.bytes[31] = 1;
    std::optional<std::string> const nothing;

    world.run(world.db().write([&](Transaction& tx) {
        tx.run("INSERT INTO kinds VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", text, blob, INT64_MIN, 0.1, uuid, hash,
               nothing);
        tx.run("INSERT INTO kinds VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", "", Bytes{}, true, -1.5, nullptr, nullptr, "x");
    }));

    world.run(world.db().read([&](Snapshot& snapshot) {
        auto rows = snapshot.query("SELECT t, b, i, r, u, h, o FROM kinds ORDER BY rowid");
        auto* row = rows.first();
        EXPECT_EQ(row->columns(), 7);
        EXPECT_EQ(row->text(0), text);
        EXPECT_EQ(Bytes(row->blob(1).begin(), row->blob(1).end()), blob);
        EXPECT_EQ(row->integer(2), INT64_MIN);
        EXPECT_EQ(row->real(3), 0.1);
        EXPECT_EQ(row->uuid(4), uuid);
        EXPECT_EQ(row->hash(5), hash);
        EXPECT_TRUE(row->is_null(6));
        EXPECT_TRUE(row->step());
        EXPECT_FALSE(row->is_null(0));
        EXPECT_EQ(row->text(0), "");
        EXPECT_FALSE(row->is_null(1));
        EXPECT_TRUE(row->blob(1).empty());
        EXPECT_TRUE(row->boolean(2));
        EXPECT_EQ(row->real(3), -1.5);
        EXPECT_FALSE(row->uuid_or_null(4));
        EXPECT_FALSE(row->hash_or_null(5));
        EXPECT_EQ(row->string(6), "x");
        EXPECT_FALSE(row->step());
    }));
}

TEST_P(DatabaseContract, a_query_keeps_copies_of_what_it_was_given) {
    world.open();
    world.insert(1, std::string(2000, 'x'));
    world.insert(2, "short");

    world.run(world.db().read([](Snapshot& snapshot) {
        auto* large = new std::string(2000, 'x');
        auto* small = new std::string("short");
        auto rows = snapshot.query("SELECT n FROM numbers WHERE name = ?1 OR name = ?2 ORDER BY n", *large, *small);
        large->assign(2000, 'y');
        small->assign("other");
        delete large;
        delete small;
        Numbers found;
        for (auto& row : rows) found.push_back(row.integer(0));
        EXPECT_EQ(found, (Numbers{1, 2}));
    }));
}

TEST_P(DatabaseContract, an_insert_can_return_rows_and_its_id) {
    world.open({{"m", {"CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT)"}}});

    world.run(world.db().write([](Transaction& tx) {
        auto rows = tx.query("INSERT INTO things (name) VALUES (?1) RETURNING id", "a");
        EXPECT_EQ(rows.first()->integer(0), 1);
        tx.run("INSERT INTO things (name) VALUES (?1)", "b");
        EXPECT_EQ(tx.last_id(), 2);
    }));
}

TEST_P(DatabaseContract, a_parameter_that_is_not_given_is_null_and_not_the_last_one) {
    world.open();
    auto const* const sql = "INSERT INTO numbers (n, name) VALUES (?1, ?2)";

    world.run(world.db().write([sql](Transaction& tx) {
        tx.run(sql, 1, "name");
        tx.run(sql, 2);
        auto rows = tx.query("SELECT name FROM numbers WHERE n = 2");
        EXPECT_TRUE(rows.first()->is_null(0));
    }));
}

TEST_P(DatabaseContract, a_statement_left_standing_on_a_row_does_not_hold_the_snapshot) {
    world.open();
    world.insert(1);

    world.run(
        world.db().read([](Snapshot& snapshot) { EXPECT_TRUE(snapshot.prepare("SELECT n FROM numbers").step()); }));
    world.run(world.db().write([](Transaction& tx) {
        EXPECT_TRUE(tx.prepare("SELECT n FROM numbers").step());
        tx.run("INSERT INTO numbers (n) VALUES (2)");
    }));

    EXPECT_EQ(world.numbers_stored(), (Numbers{1, 2}));
    EXPECT_EQ(world.numbers_stored(), (Numbers{1, 2}));
}

TEST_P(DatabaseContract, wrong_sql_fails_the_closure_alone) {
    world.open();

    auto const ends =
        world.together({inserting(1), [](Transaction& tx) { tx.run("INSERT INTO nowhere VALUES (1)"); },
                        [](Transaction& tx) { tx.run("DELETE FROM numbers; DELETE FROM numbers"); },
                        [](Transaction& tx) { tx.run("DELETE FROM numbers WHERE n = ?1", 1, 2); }, inserting(2)});

    EXPECT_FALSE(ends[0]);
    for (std::size_t i = 1; i < 4; ++i) EXPECT_TRUE(threw<StoreError>(ends[i]));
    EXPECT_FALSE(ends[4]);
    EXPECT_EQ(world.numbers_stored(), (Numbers{1, 2}));
}

TEST_P(DatabaseContract, a_snapshot_cannot_write) {
    world.open();

    EXPECT_THROW(
        world.run(world.db().read([](Snapshot& snapshot) { return snapshot.query("DELETE FROM numbers").first(); })),
        StoreError);
}

TEST_P(DatabaseContract, more_statements_than_are_kept_do_no_harm) {
    world.open();

    for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < 3; ++i) {
            world.run(world.db().write([i](Transaction& tx) {
                for (int j = 0; j < 600; ++j) {
                    auto rows = tx.query("SELECT " + std::to_string(i * 600 + j));
                    EXPECT_EQ(rows.first()->integer(0), i * 600 + j);
                }
            }));
        }
    }
}

TEST_P(DatabaseContract, migrations_run_once_and_later_steps_are_added) {
    Migrations first{"m", {"CREATE TABLE a (n BIGINT); INSERT INTO a VALUES (1)"}};
    Migrations second = first;
    second.steps.push_back("INSERT INTO a VALUES (2)");
    auto const rows = [](Snapshot& snapshot) {
        auto counted = snapshot.query("SELECT count(*) FROM a");
        return counted.first()->integer(0);
    };

    world.open({first});
    world.open({first});
    EXPECT_EQ(world.run(world.db().read(rows)), 1);
    world.open({second, TestWorld::numbers()});
    world.open({second, TestWorld::numbers()});

    EXPECT_EQ(world.run(world.db().read(rows)), 2);
    world.insert(1);
}

TEST_P(DatabaseContract, a_migration_that_fails_leaves_nothing_of_its_module) {
    Migrations broken{"m", {"CREATE TABLE a (n BIGINT)", "INSERT INTO nowhere VALUES (1)"}};
    EXPECT_THROW(world.open({TestWorld::numbers(), broken}), StoreError);

    broken.steps[1] = "INSERT INTO a VALUES (1)";
    world.open({TestWorld::numbers(), broken});

    world.insert(1);
}

TEST_P(DatabaseContract, tables_of_a_newer_version_are_refused) {
    world.open({{"m", {"CREATE TABLE a (n BIGINT)", "CREATE TABLE b (n BIGINT)"}}});
    world.close();

    auto const opened = world.try_open({{"m", {"CREATE TABLE a (n BIGINT)"}}}, world.options());

    ASSERT_FALSE(opened);
    EXPECT_TRUE(opened.error().is(errors::store_too_new));
}

TEST_P(DatabaseContract, what_is_submitted_after_close_fails) {
    world.open();
    world.insert(1);

    world.db().close();
    world.db().close();

    EXPECT_THROW(world.insert(2), StoreError);
    EXPECT_THROW(world.numbers_stored(), StoreError);
}

TEST_P(DatabaseContract, close_finishes_what_waits) {
    world.open();
    int ended = 0;
    world.io().restart();
    for (int i = 0; i < 10; ++i) {
        asio::co_spawn(world.io(), world.db().write(inserting(i)),
                       [&ended](std::exception_ptr end) { ended += end ? 0 : 1; });
    }
    auto task = world.db().read(count);
    asio::co_spawn(world.io(), std::move(task),
                   [&ended](std::exception_ptr end, std::int64_t) { ended += end ? 0 : 1; });
    for (int i = 0; i < 11; ++i) world.io().poll_one();  // each begins, and no answer has been taken yet

    world.db().close();
    world.run_all();

    EXPECT_EQ(ended, 11);
    world.open();
    EXPECT_EQ(world.numbers_stored().size(), 10U);
}

TEST_P(DatabaseContract, the_wal_stays_bounded_while_writing) {
    auto options = world.options();
    options.wal_bytes_max = 1 << 20;
    world.open({TestWorld::numbers()}, options);

    for (int i = 0; i < 400; ++i) world.insert(i, std::string(20'000, 'x'));

    EXPECT_LT(world.db().stats().wal_bytes, 3U << 20);
    EXPECT_GT(world.db().stats().checkpoints, 0U);
}

INSTANTIATE_TEST_SUITE_P(Kinds, DatabaseContract, testing::Values(Kind::threaded, Kind::simulated), kind_name);

}  // namespace

}  // namespace lockstep::store
