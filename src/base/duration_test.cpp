// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <limits>

#include "base/chance.hpp"
#include "base/time.hpp"

namespace lockstep {
namespace {

using namespace std::chrono_literals;

std::optional<std::int64_t> ns(std::string_view text) {
    const auto duration = parse_duration(text, 1ms);
    return duration ? std::optional<std::int64_t>(duration->count()) : std::nullopt;
}

TEST(Duration, reads_what_go_reads) {
    EXPECT_EQ(ns("0"), 0);
    EXPECT_EQ(ns("500ms"), 500'000'000);
    EXPECT_EQ(ns("1h2m3s"), 3'723'000'000'000);
    EXPECT_EQ(ns("1.5s"), 1'500'000'000);
    EXPECT_EQ(ns(".5s"), 500'000'000);
    EXPECT_EQ(ns("5.s"), 5'000'000'000);
    EXPECT_EQ(ns("-1m"), -60'000'000'000);
    EXPECT_EQ(ns("+1m"), 60'000'000'000);
    EXPECT_EQ(ns("1us"), 1'000);
    EXPECT_EQ(ns("1\u00b5s"), 1'000);
    EXPECT_EQ(ns("1\u03bcs"), 1'000);
    EXPECT_EQ(ns("7ns"), 7);
    EXPECT_EQ(ns("0.1h"), 360'000'000'000);
    EXPECT_EQ(ns("1s1s"), 2'000'000'000);
    EXPECT_EQ(ns("0.100000000000000000000h"), 360'000'000'000);
    EXPECT_EQ(ns("0.3333333333333333333h"), 1'200'000'000'000);
}

TEST(Duration, reads_a_plain_integer_in_the_given_unit) {
    EXPECT_EQ(ns("250"), 250'000'000);
    EXPECT_EQ(parse_duration("3", 1s), 3s);
    EXPECT_EQ(parse_duration("-3", 1s), -3s);
    EXPECT_EQ(parse_duration("+3", 1s), 3s);
}

TEST(Duration, goes_to_both_ends_of_its_range_and_not_beyond) {
    EXPECT_EQ(ns("9223372036854775807ns"), std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(ns("-9223372036854775808ns"), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(ns("9223372036854775808ns"), std::nullopt);
    EXPECT_EQ(ns("9223372036854775808"), std::nullopt);
    EXPECT_EQ(ns("9223372036854775807"), std::nullopt);  // of milliseconds
    EXPECT_EQ(ns("2562048h"), std::nullopt);
    EXPECT_EQ(ns("99999999999999999999s"), std::nullopt);
}

TEST(Duration, refuses_everything_else) {
    for (const char* text :
         {"", "soon", "s", ".s", "1 s", "1x", "1m ", "--1s", "+-1s", "+-1", "1.5", "-", "+", "1s-1s"}) {
        EXPECT_FALSE(parse_duration(text, 1ms)) << text;
    }
}

TEST(Duration, prints_as_go_prints) {
    EXPECT_EQ(duration_text(0ns), "0s");
    EXPECT_EQ(duration_text(1ns), "1ns");
    EXPECT_EQ(duration_text(1100ns), "1.1\u00b5s");
    EXPECT_EQ(duration_text(50ms), "50ms");
    EXPECT_EQ(duration_text(2200us), "2.2ms");
    EXPECT_EQ(duration_text(1s), "1s");
    EXPECT_EQ(duration_text(3300ms), "3.3s");
    EXPECT_EQ(duration_text(1min), "1m0s");
    EXPECT_EQ(duration_text(1h), "1h0m0s");
    EXPECT_EQ(duration_text(4min + 5001ms), "4m5.001s");
    EXPECT_EQ(duration_text(5h + 6min + 7001ms), "5h6m7.001s");
    EXPECT_EQ(duration_text(8min + 1ns), "8m0.000000001s");
    EXPECT_EQ(duration_text(-90s), "-1m30s");
    EXPECT_EQ(duration_text(std::chrono::nanoseconds::max()), "2562047h47m16.854775807s");
    EXPECT_EQ(duration_text(std::chrono::nanoseconds::min()), "-2562047h47m16.854775808s");
}

TEST(Duration, reads_back_what_it_prints) {
    const auto chance = make_seeded_chance(3);
    for (int i = 0; i < 10000; ++i) {
        const std::chrono::nanoseconds duration{static_cast<std::int64_t>(chance->next()) >> chance->below(64)};

        // The fraction goes through a double, as in Go, and that of seconds has nine digits at most.
        EXPECT_EQ(parse_duration(duration_text(duration), 1ns), duration) << duration.count();
    }
}

}  // namespace
}  // namespace lockstep
