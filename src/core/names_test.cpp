// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "core/names.hpp"

#include <gtest/gtest.h>

#include "core/errors.hpp"

namespace lockstep {
namespace {

TEST(Names, are_letters_digits_dots_dashes_and_underscores) {
    for (const char* text : {"a", "0", "Z", "orders-eu", "a.b_c-d", "9x9", "a..b"}) EXPECT_TRUE(is_name(text)) << text;
    for (const char* text : {"", "-a", "a-", ".a", "a.", "_", "a b", "a/b", "ü", "a\n", "a:b"})
        EXPECT_FALSE(is_name(text)) << text;
}

TEST(Names, have_at_most_64_characters) {
    EXPECT_TRUE(is_name(std::string(64, 'x')));
    EXPECT_FALSE(is_name(std::string(65, 'x')));
}

TEST(Names, are_refused_by_the_field_they_are_in) {
    EXPECT_TRUE(check_name("ok", "header.tag"));
    EXPECT_TRUE(check_name("-", "header.tag").error().is(errors::bad_name));
    EXPECT_TRUE(check_name("-", "header.tag").error().message().starts_with("FF00140: 'header.tag' must"));
}

TEST(Names, may_be_kept_from_looking_like_an_id) {
    EXPECT_TRUE(check_name_no_uuid("sub1", "name"));
    EXPECT_TRUE(check_name_no_uuid("2cd37805-5f40-4e12-962e-67868cde3049", "name").error().is(errors::name_is_uuid));
    EXPECT_TRUE(check_name_no_uuid("2CD378055F404E12962E67868CDE3049", "name").error().is(errors::name_is_uuid));
    EXPECT_TRUE(check_name_no_uuid("", "name").error().is(errors::bad_name));
}

}  // namespace
}  // namespace lockstep
