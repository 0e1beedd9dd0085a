// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "store/detail/gathered_writes.hpp"

#include <gtest/gtest.h>

#include <string>

namespace lockstep::store::detail {
namespace {

TEST(GatheredWrites, takes_what_follows_and_nothing_else) {
    GatheredWrites writes;
    EXPECT_TRUE(writes.add(100, "abc"));
    EXPECT_TRUE(writes.add(103, "de"));
    EXPECT_FALSE(writes.add(106, "x")) << "a gap";
    EXPECT_FALSE(writes.add(104, "x")) << "again";
    EXPECT_FALSE(writes.add(0, "x")) << "the header";
    EXPECT_EQ(writes.begin(), 100u);
    EXPECT_EQ(writes.end(), 105u);
    EXPECT_EQ(writes.bytes(), "abcde");
}

TEST(GatheredWrites, begins_anywhere_when_empty) {
    GatheredWrites writes;
    ASSERT_TRUE(writes.add(100, "abc"));
    writes.clear();
    EXPECT_TRUE(writes.empty());
    EXPECT_TRUE(writes.add(0, "x"));
    EXPECT_EQ(writes.begin(), 0u);
    EXPECT_EQ(writes.bytes(), "x");
}

TEST(GatheredWrites, is_bounded) {
    GatheredWrites writes;
    ASSERT_TRUE(writes.add(0, std::string(GatheredWrites::bytes_max - 1, 'x')));
    EXPECT_FALSE(writes.add(GatheredWrites::bytes_max - 1, "xy"));
    EXPECT_TRUE(writes.add(GatheredWrites::bytes_max - 1, "x"));
}

}  // namespace
}  // namespace lockstep::store::detail
