// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "base/time.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "base/chance.hpp"

namespace lockstep {
namespace {

std::optional<std::int64_t> unix_ns(std::string_view text) {
    const auto time = Time::parse(text);
    return time ? std::optional(time->ns) : std::nullopt;
}

TEST(Time, prints_nanoseconds_without_trailing_zeros) {
    EXPECT_EQ(Time{1620104103123456789}.text(), "2021-05-04T04:55:03.123456789Z");
    EXPECT_EQ(Time{1620104103100000000}.text(), "2021-05-04T04:55:03.1Z");
    EXPECT_EQ(Time{1620104103000000000}.text(), "2021-05-04T04:55:03Z");
    EXPECT_EQ(Time{1620104103000000001}.text(), "2021-05-04T04:55:03.000000001Z");
}

TEST(Time, prints_times_before_1970) {
    EXPECT_EQ(Time{-1}.text(), "1969-12-31T23:59:59.999999999Z");
    EXPECT_EQ(Time{-1000000000}.text(), "1969-12-31T23:59:59Z");
}

TEST(Time, prints_the_first_and_the_last_time_that_there_is) {
    EXPECT_EQ(Time{std::numeric_limits<std::int64_t>::min()}.text(), "1677-09-21T00:12:43.145224192Z");
    EXPECT_EQ(Time{std::numeric_limits<std::int64_t>::max()}.text(), "2262-04-11T23:47:16.854775807Z");
    EXPECT_EQ(unix_ns("1677-09-21T00:12:43.145224192Z"), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(unix_ns("2262-04-11T23:47:16.854775807Z"), std::numeric_limits<std::int64_t>::max());
    EXPECT_FALSE(Time::parse("1677-09-21T00:12:43.145224191Z"));
    EXPECT_FALSE(Time::parse("2262-04-11T23:47:16.854775808Z"));
    EXPECT_FALSE(Time::parse("0001-01-01T00:00:00Z"));
}

TEST(Time, reads_any_offset) {
    EXPECT_EQ(unix_ns("2021-05-04T04:55:03.123456789Z"), 1620104103123456789);
    EXPECT_EQ(unix_ns("2021-05-04T06:55:03.123456789+02:00"), 1620104103123456789);
    EXPECT_EQ(unix_ns("2021-05-03T23:25:03.123456789-05:30"), 1620104103123456789);
}

TEST(Time, reads_leap_days) {
    EXPECT_EQ(Time::parse("2024-02-29T00:00:00Z")->text(), "2024-02-29T00:00:00Z");
    EXPECT_EQ(Time::parse("2000-02-29T00:00:00Z")->text(), "2000-02-29T00:00:00Z");
    EXPECT_FALSE(Time::parse("2023-02-29T00:00:00Z"));
    EXPECT_FALSE(Time::parse("1900-02-29T00:00:00Z"));
}

TEST(Time, drops_digits_below_the_nanosecond) {
    EXPECT_EQ(unix_ns("1970-01-01T00:00:00.1234567899999Z"), 123456789);
    EXPECT_EQ(unix_ns("1970-01-01T00:00:00,5Z"), 500000000);
}

TEST(Time, reads_integers_as_seconds_milliseconds_or_nanoseconds) {
    EXPECT_EQ(unix_ns("0"), 0);
    EXPECT_EQ(unix_ns("1620104103"), 1620104103000000000);
    EXPECT_EQ(unix_ns("9999999999"), std::nullopt);  // seconds beyond 2262
    EXPECT_EQ(unix_ns("10000000000"), 10000000000000000);
    EXPECT_EQ(unix_ns("1620104103123"), 1620104103123000000);
    EXPECT_EQ(unix_ns("1000000000000000"), 1000000000000000);
    EXPECT_EQ(unix_ns("1620104103123456789"), 1620104103123456789);
    EXPECT_EQ(unix_ns("-1"), -1000000000);
    EXPECT_EQ(unix_ns("+1"), 1000000000);
    EXPECT_EQ(unix_ns("9223372036854775808"), std::nullopt);
    EXPECT_EQ(unix_ns("-9223372036854775808"), std::nullopt);
}

TEST(Time, refuses_everything_else) {
    for (const char* text : {"",
                             "yesterday",
                             "2021-05-04",
                             "2021-05-04T04:55:03",
                             "2021-05-04 04:55:03Z",
                             "2021-05-04t04:55:03z",
                             "2021-13-04T04:55:03Z",
                             "2021-00-04T04:55:03Z",
                             "2021-05-32T04:55:03Z",
                             "2021-05-00T04:55:03Z",
                             "2021-05-04T24:00:00Z",
                             "2021-05-04T04:60:03Z",
                             "2021-05-04T04:55:60Z",
                             "2021-05-04T04:55:03.Z",
                             "2021-05-04T04:55:03+0200",
                             "2021-05-04T04:55:03+24:00",
                             "2021-05-04T04:55:03+02:60",
                             "2021-05-04T04:55:03Zx",
                             "1.5",
                             "+-1",
                             "--1",
                             "1e9",
                             "20210-05-04T04:55:03Z",
                             "2021-5-04T04:55:03Z",
                             "-021-05-04T04:55:03Z"}) {
        EXPECT_FALSE(Time::parse(text)) << text;
    }
}

TEST(Time, reads_back_what_it_prints) {
    const auto chance = make_seeded_chance(2);
    for (int i = 0; i < 10000; ++i) {
        const Time time{static_cast<std::int64_t>(chance->next())};
        std::string appended = ">";
        time.append_to(appended);

        EXPECT_EQ(Time::parse(time.text()), time);
        EXPECT_EQ(appended, ">" + time.text());
    }
}

}  // namespace
}  // namespace lockstep
