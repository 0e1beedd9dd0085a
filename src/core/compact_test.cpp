// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "base/chance.hpp"
#include "core/json.hpp"

namespace lockstep::json {
namespace {

std::string compacted(std::string_view text) {
    const auto out = compact(text);
    return out ? *out : "refused: " + out.error().text();
}

std::string refused(std::string_view text) {
    const auto out = compact(text);
    return out ? "accepted: " + *out : std::string(out.error().code());
}

TEST(Compact, drops_white_space_outside_strings) {
    EXPECT_EQ(compacted(" { \"a b\" : [ 1 , 2 ,\r\n\t{ } , [ ] ] } "), R"({"a b":[1,2,{},[]]})");
    EXPECT_EQ(compacted("\n\"x y\"\n"), "\"x y\"");
}

TEST(Compact, keeps_order_duplicates_and_numbers_as_they_are) {
    for (const char* text : {R"({"b":1,"a":2,"b":3})", "1.0", "1e3", "-0", "1180591620717411303424", "1E+400", "0.10",
                             "-0.0e-0", "[]", "{}", "null", "true", "false", "\"\"", "[[[]]]", R"([{"a":{}},null])"}) {
        EXPECT_EQ(compacted(text), text);
    }
}

TEST(Compact, keeps_escapes_as_they_are_written) {
    for (const char* text : {R"("\u0041")", R"("\u003C")", R"("\/\"\\\b\f\n\r\t")", R"("\ud83d\ude00")", R"("\ud83d")",
                             R"("\udE00\ud83d")", R"("\uFFFF")", R"("\u0000")"}) {
        EXPECT_EQ(compacted(text), text);
    }
}

TEST(Compact, escapes_what_could_end_a_script) {
    EXPECT_EQ(compacted(R"("<a href='x'>&</a>")"), R"("\u003ca href='x'\u003e\u0026\u003c/a\u003e")");
    EXPECT_EQ(compacted("\"\xe2\x80\xa8 \xe2\x80\xa9 \xe2\x80\xaa\""), "\"\\u2028 \\u2029 \xe2\x80\xaa\"");
    EXPECT_EQ(compacted(R"({"<":1})"), R"({"\u003c":1})");
}

TEST(Compact, keeps_other_characters_raw) {
    EXPECT_EQ(compacted("\"ü € 😀 \x7f\""), "\"ü € 😀 \x7f\"");
    EXPECT_EQ(compacted("\"\xef\xbf\xbd\""), "\"\xef\xbf\xbd\"");
    EXPECT_EQ(compacted("\"\xf4\x8f\xbf\xbf\xed\x9f\xbf\xee\x80\x80\""),
              "\"\xf4\x8f\xbf\xbf\xed\x9f\xbf\xee\x80\x80\"");
}

TEST(Compact, replaces_each_byte_that_is_no_utf8) {
    const std::string one = "\\ufffd";
    EXPECT_EQ(compacted("\"\x80\""), "\"" + one + "\"");
    EXPECT_EQ(compacted("\"\xff\xfe\""), "\"" + one + one + "\"");
    EXPECT_EQ(compacted("\"\xc0\xaf\""), "\"" + one + one + "\"");            // a long form
    EXPECT_EQ(compacted("\"\xe0\x80\xaf\""), "\"" + one + one + one + "\"");  // a long form
    EXPECT_EQ(compacted("\"\xf0\x80\x80\xaf\""), "\"" + one + one + one + one + "\"");
    EXPECT_EQ(compacted("\"\xed\xa0\x80\""), "\"" + one + one + one + "\"");            // half of a surrogate pair
    EXPECT_EQ(compacted("\"\xf4\x90\x80\x80\""), "\"" + one + one + one + one + "\"");  // beyond U+10FFFF
    EXPECT_EQ(compacted("\"\xe2\x82"
                        "A\""),
              "\"" + one + one + "A\"");  // cut short
    EXPECT_EQ(compacted("\"\xf0\x9f\x98\""), "\"" + one + one + one + "\"");
    EXPECT_EQ(compacted("\"\xe2\xe2\x82\xac\""), "\"" + one + "€\"");
}

TEST(Compact, refuses_what_the_grammar_does_not_know) {
    for (const char* text : {"{",
                             "}",
                             "[",
                             "]",
                             "[1",
                             "[1,",
                             "[1,]",
                             "[,1]",
                             "{\"a\"}",
                             "{\"a\":}",
                             "{\"a\":1,}",
                             "{,}",
                             "{a:1}",
                             "{1:1}",
                             "[1 2]",
                             "{\"a\":1]",
                             "[1}",
                             "1 2",
                             "nul",
                             "nulll",
                             "True",
                             "tru",
                             "'a'",
                             "\"",
                             "\"\\",
                             "\"\\x\"",
                             "\"\\u12\"",
                             "\"\\u12g4\"",
                             "01",
                             "-",
                             "-a",
                             "+1",
                             ".5",
                             "1.",
                             "1.e1",
                             "1e",
                             "1e+",
                             "0x10",
                             "NaN",
                             "Infinity",
                             "//",
                             "{}x",
                             "[]]",
                             "\"a\nb\"",
                             "\"\t\"",
                             "\xef\xbb\xbf{}",
                             "\xff",
                             "{\"a\":1\"b\":2}",
                             "[\"a\"\"b\"]",
                             "--1",
                             "1-",
                             "{\"a\" 1}",
                             "[:]",
                             "{:}"}) {
        EXPECT_EQ(refused(text), "LS10100") << text;
    }
    EXPECT_EQ(refused(std::string_view("\"\0\"", 3)), "LS10100");
    EXPECT_EQ(refused(std::string_view("1\0", 2)), "LS10100");
    EXPECT_EQ(refused(std::string_view("\0", 1)), "LS10100");
}

TEST(Compact, says_where_it_stopped_and_what_it_found) {
    EXPECT_EQ(compact("{\"a\":1,}").error().text(),
              "The JSON text is not well formed at byte 7: '}' where a member's name should begin");
    EXPECT_EQ(compact("[1").error().text(),
              "The JSON text is not well formed at byte 2: the end where ',' or ']' should be");
    EXPECT_EQ(compact("\"a\nb\"").error().text(),
              "The JSON text is not well formed at byte 2: byte 0x0a where a string should go on");
    EXPECT_EQ(compact("\xef\xbb\xbf").error().text(),
              "The JSON text is not well formed at byte 0: byte 0xef where a value should begin");
}

TEST(Compact, refuses_an_empty_text) {
    EXPECT_EQ(refused(""), "LS10103");
    EXPECT_EQ(refused(" \n\t\r"), "LS10103");
}

TEST(Compact, nests_a_thousand_levels_and_no_more) {
    const auto nested = [](std::size_t depth, std::string open, std::string close, std::string inner) {
        std::string out;
        for (std::size_t i = 0; i < depth; ++i) out += open;
        out += inner;
        for (std::size_t i = 0; i < depth; ++i) out += close;
        return out;
    };

    EXPECT_TRUE(compact(nested(depth_max, "[", "]", "")));
    EXPECT_EQ(refused(nested(depth_max + 1, "[", "]", "")), "LS10101");
    EXPECT_TRUE(compact(nested(depth_max, "{\"a\":", "}", "1")));
    EXPECT_EQ(refused(nested(depth_max + 1, "{\"a\":", "}", "1")), "LS10101");
    EXPECT_EQ(refused(nested(1'000'000, "[", "]", "")), "LS10101");
}

TEST(Compact, refuses_what_is_longer_than_it_may_be) {
    EXPECT_TRUE(compact("[1,2]", 5));
    EXPECT_EQ(compact("[1,2]", 4).error().code(), "LS10102");
    EXPECT_EQ(compact("[1,2]", 4).error().status(), 413);
}

TEST(Compact, does_nothing_to_what_it_has_made) {
    const auto chance = make_seeded_chance(7);
    constexpr std::string_view pieces[] = {"{",     "}",      "[",    "]",    ",",    ":",       "\"",  "\\",   "<",
                                           "a",     "1",      "-",    ".",    "e",    " ",       "\n",  "null", "true",
                                           "\"k\"", "\"k\":", "\xe2", "\x80", "\xa8", "\\u00e9", "\x01"};
    int accepted = 0;
    for (int i = 0; i < 200'000; ++i) {
        std::string text;
        for (std::uint64_t n = 1 + chance->below(8); n > 0; --n) text += pieces[chance->below(std::size(pieces))];
        const auto once = compact(text);
        if (!once) continue;
        ++accepted;
        ASSERT_EQ(compacted(*once), *once) << text;
    }

    EXPECT_GT(accepted, 1000);
}

}  // namespace
}  // namespace lockstep::json
