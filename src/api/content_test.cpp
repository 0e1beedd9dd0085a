// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/content.hpp"

#include <gtest/gtest.h>

namespace lockstep::api {
namespace {

TEST(Content, JSON_is_brought_into_compact_form) {
    EXPECT_EQ(read_body("application/json", "{ \"a\" : 1.0 }").value(), "{\"a\":1.0}");
    EXPECT_EQ(read_body("Application/JSON; charset=utf-8", "{}").value(), "{}");
}

TEST(Content, forms_and_plain_text_leave_the_input_empty) {
    EXPECT_EQ(read_body("text/plain", "{\"data\":[]}").value(), "{}");
    EXPECT_EQ(read_body("application/x-www-form-urlencoded", "a=b").value(), "{}");
}

TEST(Content, any_other_type_is_refused_and_none_at_all) {
    for (auto const type : {"", "application/xml", "multipart/form-data; boundary=x"}) {
        auto const read = read_body(type, "{}");
        ASSERT_FALSE(read) << type;
        EXPECT_EQ(read.error().code(), "FF00162") << type;
        EXPECT_EQ(read.error().status(), 415) << type;
    }
}

TEST(Content, multipart_is_known_by_its_type) {
    EXPECT_TRUE(is_multipart("multipart/form-data; boundary=x"));
    EXPECT_TRUE(is_multipart("Multipart/Form-Data"));
    EXPECT_FALSE(is_multipart("application/json"));
    EXPECT_FALSE(is_multipart(""));
}

TEST(Content, what_is_no_JSON_object_is_refused_without_a_number) {
    for (auto const body : {"", "{nonsense", "null", "[]", "1", "{} {}"}) {
        auto const read = read_body("application/json", body);
        ASSERT_FALSE(read) << body;
        EXPECT_EQ(read.error().status(), 400) << body;
        EXPECT_FALSE(read.error().message().starts_with("FF")) << body;
    }
}

}  // namespace
}  // namespace lockstep::api
