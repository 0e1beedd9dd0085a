// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/range.hpp"

#include <gtest/gtest.h>

namespace lockstep::api {
namespace {

TEST(Range, one_range_is_cut_to_what_is_there) {
    struct Row {
        std::string_view header;
        Range range;
    };
    for (auto const& row : {Row{"bytes=0-9", {0, 10}}, Row{"bytes=0-0", {0, 1}}, Row{"bytes=90-", {90, 10}},
                            Row{"bytes=90-1000", {90, 10}}, Row{"bytes=-7", {93, 7}}, Row{"bytes=-700", {0, 100}},
                            Row{"bytes=5-18446744073709551615", {5, 95}}}) {
        auto const range = parse_range(row.header, 100);
        ASSERT_TRUE(range && *range) << row.header;
        EXPECT_EQ(**range, row.range) << row.header;
    }
}

TEST(Range, what_is_not_understood_is_answered_in_whole) {
    for (auto const header : {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-4", "bytes=0-1,4-5", "lines=0-1",
                              "bytes=0 - 1", "bytes=18446744073709551616-"}) {
        auto const range = parse_range(header, 100);
        ASSERT_TRUE(range) << header;
        EXPECT_FALSE(*range) << header;
    }
}

TEST(Range, a_range_behind_the_end_is_refused) {
    for (auto const header : {"bytes=100-", "bytes=100-200", "bytes=-0"}) {
        auto const range = parse_range(header, 100);
        ASSERT_FALSE(range) << header;
        EXPECT_EQ(range.error().code(), "LS10602");
        EXPECT_EQ(range.error().status(), 416);
    }
    EXPECT_FALSE(parse_range("bytes=0-0", 0));
}

}  // namespace
}  // namespace lockstep::api
