// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Values that nobody here has written are told, and not read as something else.
#include <gmock/gmock.h>

#include "store/test_world.hpp"

namespace lockstep::store {
namespace {

class DamagedRowTest : public testing::Test {
  protected:
    // What `read` makes of a row with that blob in it.
    template <class Read>
    auto read_blob(const Bytes& blob, Read read) {
        world.run(world.db().write([&](Transaction& tx) {
            tx.run("DELETE FROM numbers");
            tx.run("INSERT INTO numbers (n, name) VALUES (1, ?1)", blob);
        }));
        return world.run(world.db().read([&](Session& session) {
            auto rows = session.query("SELECT name FROM numbers");
            return read(*rows.first());
        }));
    }

    TestWorld world{Kind::simulated};
};

TEST_F(DamagedRowTest, is_an_id_or_a_hash_of_another_length) {
    world.open();
    auto const id = [](const Statement& row) { return row.uuid_or_null(0); };
    auto const hash = [](const Statement& row) { return row.hash(0); };

    EXPECT_EQ(read_blob(Bytes(16, 7), id)->view()[15], 7);
    EXPECT_EQ(read_blob(Bytes(32, 7), hash).view()[31], 7);
    EXPECT_EQ(read_blob({}, id), std::nullopt);
    EXPECT_EQ(read_blob({}, hash), Hash{});
    EXPECT_THROW(read_blob(Bytes(15, 7), id), DamagedRow);
    EXPECT_THROW(read_blob(Bytes(16, 7), hash), DamagedRow);
    EXPECT_THROW(read_blob(Bytes(33, 7), hash), StoreError);
}

TEST_F(DamagedRowTest, says_what_stands_there) {
    EXPECT_EQ(meaning(std::optional(5), "a number", "five"), 5);
    try {
        meaning(std::optional<int>(), "a number", "many");
        ADD_FAILURE() << "nothing has no meaning";
    } catch (const DamagedRow& error) {
        EXPECT_THAT(error.what(), testing::StartsWith("LS10206: What is stored as a number cannot be: 'many'"));
    }
}

}  // namespace
}  // namespace lockstep::store
