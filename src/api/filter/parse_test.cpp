// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/filter/parse.hpp"

#include <gtest/gtest.h>

namespace lockstep::api::filter {
namespace {

constexpr Field fields[] = {
    {"id", Kind::uuid},      {"hash", Kind::hash},    {"sequence", Kind::integer},
    {"done", Kind::boolean}, {"created", Kind::time}, {"tag", Kind::text},
};

Result<Query> parse(std::string_view query) { return parse_filter(query, fields); }

std::string code_of(std::string_view query) {
    auto const parsed = parse(query);
    return parsed ? "" : std::string(parsed.error().code());
}

// The only condition of a query that has one.
Condition only(std::string_view query) {
    auto const parsed = parse(query);
    EXPECT_TRUE(parsed) << query;
    if (!parsed || parsed->groups.size() != 1 || parsed->groups.front().conditions.size() != 1) {
        ADD_FAILURE() << query;
        return {};
    }
    return parsed->groups.front().conditions.front();
}

struct Spelling {
    std::string_view value;
    Operator op;
    std::string_view text;
};

TEST(FilterParse, each_operator_is_read_in_each_of_its_spellings) {
    constexpr Spelling spellings[] = {
        {"abc", Operator::equals, "abc"},
        {"=abc", Operator::equals, "abc"},
        {"==abc", Operator::equals, "=abc"},
        {"@abc", Operator::contains, "abc"},
        {"^abc", Operator::starts_with, "abc"},
        {"$abc", Operator::ends_with, "abc"},
        {">abc", Operator::greater, "abc"},
        {">>abc", Operator::greater, "abc"},
        {">>=abc", Operator::greater, "=abc"},
        {">=abc", Operator::greater_or_equal, "abc"},
        {"<abc", Operator::less, "abc"},
        {"<<abc", Operator::less, "abc"},
        {"<=abc", Operator::less_or_equal, "abc"},
        {"><abc", Operator::greater, "<abc"},
        {"@>abc", Operator::contains, ">abc"},
        {"a=b", Operator::equals, "a=b"},
        {"", Operator::equals, ""},
    };

    for (auto const& [value, op, text] : spellings) {
        auto const condition = only("tag=" + std::string(value));

        EXPECT_EQ(condition.op, op) << value;
        EXPECT_EQ(std::get<std::string>(condition.value), text) << value;
        EXPECT_FALSE(condition.negated) << value;
        EXPECT_FALSE(condition.ignore_case) << value;
    }
}

TEST(FilterParse, equality_and_patterns_take_every_modifier_in_any_order_and_before_the_operator) {
    for (std::string const op : {"", "=", "@", "^", "$"}) {
        for (auto const negate : {false, true}) {
            for (auto const ignore_case : {false, true}) {
                for (std::string const also : {"", "?", "[", "]", "?[]"}) {
                    auto const modifiers = also + (negate ? "!" : "") + (ignore_case ? ":" : "");
                    auto const condition = only("tag=" + modifiers + op + "x");

                    EXPECT_EQ(condition.negated, negate) << modifiers << op;
                    EXPECT_EQ(condition.ignore_case, ignore_case) << modifiers << op;
                    EXPECT_EQ(std::get<std::string>(condition.value), "x") << modifiers << op;
                }
            }
        }
    }
}

TEST(FilterParse, comparisons_take_no_modifier_but_brackets) {
    for (std::string const op : {">", ">>", ">=", "<", "<<", "<="}) {
        for (std::string const modifier : {"!", ":", "?", "!:", "[!"}) {
            EXPECT_EQ(code_of("sequence=" + modifier + op + "5"), "FF00193") << modifier << op;
        }
        EXPECT_EQ(code_of("sequence=[" + op + "5"), "") << op;
        EXPECT_EQ(code_of("sequence=]" + op + "5"), "") << op;
    }
    EXPECT_EQ(code_of("created=!>0"), "FF00193");
    EXPECT_EQ(code_of("created=?>"), "FF00193");
    EXPECT_EQ(code_of("sequence=>!5"), "FF00193");
}

TEST(FilterParse, two_characters_that_are_no_operator_together_are_refused) {
    for (auto const op : {">@", ">^", ">$", "<@", "<^", "<$"})
        EXPECT_EQ(code_of("tag=" + std::string(op) + "x"), "FF00190") << op;
}

TEST(FilterParse, an_empty_value_is_null_only_when_asked_for) {
    EXPECT_TRUE(is_null(only("tag=?").value));
    EXPECT_TRUE(is_null(only("id=?").value));
    EXPECT_TRUE(is_null(only("created=?=").value));
    EXPECT_TRUE(only("created=!?").negated);
    EXPECT_TRUE(is_null(only("created=!?").value));
    EXPECT_EQ(std::get<std::string>(only("tag=").value), "");
    EXPECT_EQ(std::get<std::string>(only("tag=?x").value), "x");
    EXPECT_EQ(code_of("id="), "FF00143");
}

TEST(FilterParse, only_equality_can_be_asked_of_null) {
    for (auto const value : {"?@", "?^", "?$", ":?"})
        EXPECT_EQ(code_of("tag=" + std::string(value)), "FF00144") << value;
}

TEST(FilterParse, patterns_and_ignoring_case_are_for_texts) {
    for (auto const field : {"id", "hash", "sequence", "done", "created"}) {
        for (auto const value : {"@1", "^1", "$1", ":1", "!@1"})
            EXPECT_EQ(code_of(std::string(field) + "=" + value), "FF00145") << field << value;
    }
}

TEST(FilterParse, a_value_has_to_be_of_the_type_of_its_field) {
    EXPECT_EQ(std::get<std::int64_t>(only("sequence=-5").value), -5);
    EXPECT_EQ(std::get<bool>(only("done=true").value), true);
    EXPECT_EQ(std::get<bool>(only("done=F").value), false);
    EXPECT_EQ(std::get<Time>(only("created=1700000000").value).ns, 1'700'000'000'000'000'000);
    EXPECT_EQ(std::get<Time>(only("created=>2024-01-01T00:00:00Z").value).ns, 1'704'067'200'000'000'000);
    EXPECT_EQ(std::get<Uuid>(only("id=00000000-0000-4000-8000-00000000000A").value).text(),
              "00000000-0000-4000-8000-00000000000a");
    EXPECT_EQ(std::get<Hash>(only("hash=0x" + std::string(64, 'A')).value).text(), std::string(64, 'a'));

    EXPECT_EQ(code_of("sequence=1.5"), "FF00143");
    EXPECT_EQ(code_of("sequence=99999999999999999999"), "FF00143");
    EXPECT_EQ(code_of("sequence="), "FF00143");
    EXPECT_EQ(code_of("done=maybe"), "FF00143");
    EXPECT_EQ(code_of("created=>yesterday"), "FF00143");
    EXPECT_EQ(code_of("id=x"), "FF00143");
    EXPECT_EQ(code_of("hash=abc"), "FF00143");
    EXPECT_EQ(code_of("tag=%ff"), "FF00143");
    EXPECT_EQ(code_of("tag=a%00b"), "FF00143");
}

TEST(FilterParse, uses_of_one_field_are_alternatives_unless_one_of_them_says_otherwise) {
    auto const any = parse("tag=a&sequence=1&tag=b");
    auto const all = parse("sequence=>1&sequence=[<5");
    auto const reset = parse("sequence=>1&sequence=[]<5");

    ASSERT_TRUE(any && all && reset);
    ASSERT_EQ(any->groups.size(), 2U);
    EXPECT_EQ(any->groups.back().conditions.size(), 2U);
    EXPECT_FALSE(any->groups.back().all);
    EXPECT_TRUE(all->groups.front().all);
    EXPECT_FALSE(reset->groups.front().all);
}

TEST(FilterParse, names_are_compared_without_case_and_unknown_ones_ignored) {
    auto const parsed = parse("TAG=a&nothing=b&Limit=3&confirm");

    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->groups.size(), 1U);
    EXPECT_EQ(parsed->limit, 3U);
}

TEST(FilterParse, bounds_may_be_others) {
    Limits const limits{3, 9};
    EXPECT_EQ(parse_filter("", fields, limits)->limit, 3U);
    EXPECT_EQ(parse_filter("limit=0", fields, limits)->limit, 9U);
    EXPECT_EQ(parse_filter("skip=9", fields, limits)->skip, 9U);
    EXPECT_THAT(parse_filter("skip=10", fields, limits).error().message(), testing::HasSubstr("At most 9 results"));
    EXPECT_EQ(parse_filter("limit=10", fields, limits).error().code(), "FF00192");
}

TEST(FilterParse, limit_and_skip_have_bounds_and_no_limit_means_the_largest) {
    EXPECT_EQ(parse("")->limit, 25U);
    EXPECT_EQ(parse("limit=1000")->limit, 1000U);
    EXPECT_EQ(parse("limit=0")->limit, 1000U);
    EXPECT_EQ(parse("limit=x")->limit, 1000U);
    EXPECT_EQ(parse("limit=-1")->limit, 1000U);
    EXPECT_EQ(parse("limit=")->limit, 1000U);
    EXPECT_EQ(parse("limit=7&limit=8")->limit, 7U);
    EXPECT_EQ(parse("skip=1000")->skip, 1000U);
    EXPECT_EQ(parse("skip=x")->skip, 0U);

    EXPECT_EQ(code_of("limit=1001"), "FF00192");
    EXPECT_EQ(code_of("limit=99999999999999999999999"), "FF00192");
    EXPECT_EQ(code_of("skip=1001"), "FF00191");
}

TEST(FilterParse, sort_keys_come_in_lists_and_repeated_and_unknown_ones_are_ignored) {
    auto const parsed = parse("sort=-created,+nope,%20TAG%20&sort=sequence&sort=-tag");

    ASSERT_TRUE(parsed);
    ASSERT_EQ(parsed->sort.size(), 3U);
    EXPECT_EQ(fields[parsed->sort[0].field].name, "created");
    EXPECT_TRUE(parsed->sort[0].descending);
    EXPECT_EQ(fields[parsed->sort[1].field].name, "tag");
    EXPECT_FALSE(parsed->sort[1].descending);
    EXPECT_EQ(fields[parsed->sort[2].field].name, "sequence");
}

TEST(FilterParse, descending_and_ascending_turn_every_sort_key) {
    auto const down = parse("sort=tag,-created&descending");
    auto const up = parse("sort=tag,-created&ascending=TRUE");
    auto const neither = parse("sort=tag,-created&ascending=false");

    ASSERT_TRUE(down && up && neither);
    EXPECT_TRUE(down->sort[0].descending && down->sort[1].descending);
    EXPECT_FALSE(up->sort[0].descending || up->sort[1].descending);
    EXPECT_FALSE(neither->sort[0].descending);
    EXPECT_TRUE(neither->sort[1].descending);
}

TEST(FilterParse, a_flag_is_set_when_it_is_empty_or_true) {
    EXPECT_TRUE(parse("count")->count);
    EXPECT_TRUE(parse("count=")->count);
    EXPECT_TRUE(parse("count=True")->count);
    EXPECT_FALSE(parse("count=1")->count);
    EXPECT_FALSE(parse("")->count);
}

TEST(FilterParse, names_and_values_are_percent_decoded_and_what_cannot_be_is_left_out) {
    auto const pairs = split_query("a%20b=c+d&&x=%zz&y&z=%3D=%26");

    ASSERT_EQ(pairs.size(), 3U);
    EXPECT_EQ(pairs[0].first, "a b");
    EXPECT_EQ(pairs[0].second, "c d");
    EXPECT_EQ(pairs[1].first, "y");
    EXPECT_EQ(pairs[1].second, "");
    EXPECT_EQ(pairs[2].second, "==&");
}

}  // namespace
}  // namespace lockstep::api::filter
