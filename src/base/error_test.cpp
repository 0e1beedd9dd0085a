// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "base/error.hpp"

#include <gtest/gtest.h>

#include "base/must.hpp"
#include "base/result.hpp"

namespace lockstep {
namespace {

constexpr ErrorSpec taken{"FF10193", 409, "The name '{name}' is taken by {kind}"};
constexpr ErrorSpec malformed{"LS10100", 400, "Not well formed at byte {offset}"};

TEST(Error, fills_the_marks_of_its_sentence) {
    const Error error = refuse(taken, {{"kind", "a group"}, {"name", "red"}});

    EXPECT_EQ(error.text(), "The name 'red' is taken by a group");
    EXPECT_EQ(error.status(), 409);
    EXPECT_TRUE(error.is(taken));
    EXPECT_FALSE(error.is(malformed));
}

TEST(Error, shows_the_numbers_that_clients_know_and_no_others) {
    EXPECT_EQ(refuse(taken, {{"kind", "b"}, {"name", "a"}}).message(), "FF10193: The name 'a' is taken by b");
    EXPECT_EQ(refuse(malformed, {{"offset", "3"}}).message(), "LS10100: Not well formed at byte 3");
}

TEST(Error, does_not_look_for_marks_inside_facts) {
    EXPECT_EQ(refuse(taken, {{"name", "{kind}{"}, {"kind", "}"}}).text(), "The name '{kind}{' is taken by }");
}

TEST(Error, leaves_a_mark_for_which_there_is_no_fact) {
    EXPECT_EQ(refuse(taken, {{"name", "a"}}).text(), "The name 'a' is taken by {kind}");
}

TEST(Error, cuts_long_facts_between_characters) {
    const std::string ascii(300, 'x');
    EXPECT_EQ(refuse(malformed, {{"offset", ascii}}).text(), "Not well formed at byte " + ascii.substr(0, 256) + "…");

    const std::string euros = "x" + [] {
        std::string out;
        for (int i = 0; i < 100; ++i) out += "€";
        return out;
    }();
    EXPECT_EQ(refuse(malformed, {{"offset", euros}}).text(), "Not well formed at byte " + euros.substr(0, 256) + "…");

    const std::string shifted = euros.substr(1);
    EXPECT_EQ(refuse(malformed, {{"offset", shifted}}).text(),
              "Not well formed at byte " + shifted.substr(0, 255) + "…");
}

Result<int> half(int number) {
    if (number % 2 != 0) return refuse(malformed, {{"offset", std::to_string(number)}});
    return number / 2;
}

Result<int> quarter(int number) {
    TRY(const int once, half(number));
    TRY(const int twice, half(once));
    return twice;
}

Result<void> check_quarter(int number) {
    TRY_VOID(quarter(number));
    return {};
}

TEST(Result, passes_refusals_on) {
    EXPECT_EQ(quarter(12).value(), 3);
    EXPECT_EQ(quarter(6).error().text(), "Not well formed at byte 3");
    EXPECT_TRUE(check_quarter(12));
    EXPECT_EQ(check_quarter(5).error().text(), "Not well formed at byte 5");
}

TEST(Must, aborts_with_its_reason_and_a_trace) {
    EXPECT_DEATH(MUST(1 + 1 == 3, "arithmetic is broken"),
                 "MUST failed: 1 \\+ 1 == 3: arithmetic is broken.*error_test");
}

TEST(Must, passes_when_the_condition_holds) { MUST(1 + 1 == 2, "arithmetic works"); }

TEST(Result, aborts_when_a_value_is_taken_from_a_refusal) {
    EXPECT_DEATH(half(3).value(), "the result holds a value: LS10100: Not well formed at byte 3");
}

}  // namespace
}  // namespace lockstep
