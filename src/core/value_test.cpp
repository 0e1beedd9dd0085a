// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "base/chance.hpp"
#include "core/json.hpp"

namespace lockstep::json {
namespace {

TEST(Value, tells_its_kind) {
    EXPECT_EQ(Value("null").kind(), Kind::null_);
    EXPECT_EQ(Value("true").kind(), Kind::boolean);
    EXPECT_EQ(Value("false").kind(), Kind::boolean);
    EXPECT_EQ(Value("-1").kind(), Kind::number);
    EXPECT_EQ(Value("\"a\"").kind(), Kind::string);
    EXPECT_EQ(Value("[]").kind(), Kind::array);
    EXPECT_EQ(Value("{}").kind(), Kind::object);
}

TEST(Value, is_absent_by_default_and_reads_as_nothing) {
    const Value absent;

    EXPECT_FALSE(absent.exists());
    EXPECT_TRUE(absent.is_null());
    EXPECT_EQ(absent.kind(), Kind::null_);
    EXPECT_FALSE(absent.as_string());
    EXPECT_FALSE(absent.as_bool());
    EXPECT_FALSE(absent.as_int());
    EXPECT_FALSE(absent.as_number());
    EXPECT_FALSE(absent["a"].exists());
    EXPECT_TRUE(absent.members().empty());
    EXPECT_TRUE(absent.elements().empty());
}

TEST(Value, resolves_escapes) {
    EXPECT_EQ(Value(R"("plain")").as_string(), "plain");
    EXPECT_EQ(Value(R"("")").as_string(), "");
    EXPECT_EQ(Value(R"("\"\\\/\b\f\n\r\t")").as_string(), "\"\\/\b\f\n\r\t");
    EXPECT_EQ(Value(R"("\u0041\u00e9\u20AC")").as_string(), "Aé€");
    EXPECT_EQ(Value(R"("\ud83d\ude00!")").as_string(), "😀!");
    EXPECT_EQ(Value(R"("a\u0000b")").as_string(), std::string("a\0b", 3));
}

TEST(Value, reads_half_of_a_surrogate_pair_as_the_replacement_character) {
    EXPECT_EQ(Value(R"("\ud83d")").as_string(), "\ufffd");
    EXPECT_EQ(Value(R"("\ude00x")").as_string(), "\ufffdx");
    EXPECT_EQ(Value(R"("\ud83d\u0041")").as_string(),
              "\ufffd"
              "A");
    EXPECT_EQ(Value(R"("\ud83d\ud83d\ude00")").as_string(), "\ufffd😀");
}

TEST(Value, reads_integers_that_fit) {
    EXPECT_EQ(Value("0").as_int(), 0);
    EXPECT_EQ(Value("-0").as_int(), 0);
    EXPECT_EQ(Value("9223372036854775807").as_int(), INT64_MAX);
    EXPECT_EQ(Value("-9223372036854775808").as_int(), INT64_MIN);
    EXPECT_FALSE(Value("9223372036854775808").as_int());
    EXPECT_FALSE(Value("1.0").as_int());
    EXPECT_FALSE(Value("1e3").as_int());
    EXPECT_FALSE(Value("\"1\"").as_int());
}

TEST(Value, reads_numbers_that_a_double_holds) {
    EXPECT_EQ(Value("1.5").as_number(), 1.5);
    EXPECT_EQ(Value("1e3").as_number(), 1000);
    EXPECT_EQ(Value("-7").as_number(), -7);
    EXPECT_FALSE(Value("1e400").as_number());
    EXPECT_FALSE(Value("\"1\"").as_number());
    EXPECT_FALSE(Value("null").as_number());
}

TEST(Value, finds_members_by_name) {
    const Value value(R"({"a":1,"b":{"a":[2,{"a":3}]},"c":"}"})");

    EXPECT_EQ(value["a"].as_int(), 1);
    EXPECT_EQ(value["b"]["a"].text(), R"([2,{"a":3}])");
    EXPECT_EQ(value["c"].as_string(), "}");
    EXPECT_FALSE(value["d"].exists());
    EXPECT_FALSE(Value("[1]")["a"].exists());
    EXPECT_FALSE(Value("\"a\"")["a"].exists());
}

TEST(Value, takes_the_last_of_duplicates) { EXPECT_EQ(Value(R"({"a":1,"a":2})")["a"].as_int(), 2); }

TEST(Value, prefers_the_exact_case_and_takes_another_otherwise) {
    EXPECT_EQ(Value(R"({"TX":1,"tx":2,"Tx":3})")["tx"].as_int(), 2);
    EXPECT_EQ(Value(R"({"TX":1,"Tx":3})")["tx"].as_int(), 1);
}

TEST(Value, finds_names_that_are_written_with_escapes) {
    EXPECT_EQ(Value(R"({"\u0061b":1})")["ab"].as_int(), 1);
    EXPECT_EQ(Value(R"({"\u003c":1})")["<"].as_int(), 1);
    EXPECT_EQ(Value(R"({"a\"":1,"a":2})")["a"].as_int(), 2);
    EXPECT_EQ(Value(R"({"":5})")[""].as_int(), 5);
}

TEST(Value, picks_several_members_in_one_walk) {
    const Value value(R"({"b":2,"A":1,"c":3,"a":4,"b":5})");

    const auto [a, b, d] = value.pick("a", "b", "d");

    EXPECT_EQ(a.as_int(), 4);
    EXPECT_EQ(b.as_int(), 5);
    EXPECT_FALSE(d.exists());
}

TEST(Value, lists_members_in_order_with_duplicates) {
    const auto members = Value(R"({"b":[1,2],"\u0061":"x,\"}","b":{}})").members();

    ASSERT_EQ(members.size(), 3u);
    EXPECT_EQ(members[0].first, "b");
    EXPECT_EQ(members[0].second.text(), "[1,2]");
    EXPECT_EQ(members[1].first, "a");
    EXPECT_EQ(members[1].second.as_string(), "x,\"}");
    EXPECT_EQ(members[2].second.text(), "{}");
    EXPECT_TRUE(Value("{}").members().empty());
}

TEST(Value, lists_elements_in_order) {
    const auto elements = Value(R"([1,"a]\\",[[],{}],null,{"a":[1]}])").elements();

    ASSERT_EQ(elements.size(), 5u);
    EXPECT_EQ(elements[0].as_int(), 1);
    EXPECT_EQ(elements[1].as_string(), "a]\\");
    EXPECT_EQ(elements[2].text(), "[[],{}]");
    EXPECT_TRUE(elements[3].is_null());
    EXPECT_TRUE(elements[3].exists());
    EXPECT_EQ(elements[4]["a"].text(), "[1]");
    EXPECT_TRUE(Value("[]").elements().empty());
}

// compact() keeps such texts away; reading them must still end and stay inside.
TEST(Value, survives_texts_that_are_no_json) {
    const auto chance = make_seeded_chance(8);
    constexpr std::string_view alphabet = "{}[],:\"\\u1a ";
    for (int i = 0; i < 100'000; ++i) {
        std::string text;
        for (std::uint64_t n = chance->below(12); n > 0; --n) text += alphabet[chance->below(alphabet.size())];
        const Value value(text);
        for (const auto& member : value.members()) ASSERT_LE(member.second.text().size(), text.size());
        for (const Value element : value.elements()) ASSERT_LE(element.text().size(), text.size());
        static_cast<void>(value["a"]);
        static_cast<void>(value.as_string());
    }
}

}  // namespace
}  // namespace lockstep::json
