// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "core/json.hpp"

namespace lockstep::json {
namespace {

std::string escaped(std::string_view text) {
    std::string out;
    append_string(out, text);
    return out;
}

TEST(Writer, puts_commas_where_they_belong) {
    Writer w;

    w.begin_object().key("a").number(-1).key("b").begin_array().string("x").null().boolean(true).begin_object();
    w.end_object()
        .begin_array()
        .end_array()
        .end_array()
        .key("c")
        .raw("{\"k\":1.0}")
        .key("d")
        .unsigned_number(UINT64_MAX);
    w.end_object();

    EXPECT_EQ(w.text(), R"({"a":-1,"b":["x",null,true,{},[]],"c":{"k":1.0},"d":18446744073709551615})");
}

TEST(Writer, leaves_out_empty_fields_when_asked) {
    Writer w;

    w.begin_object().field_if("a", "").field_if("b", "x").field("c", "").end_object();

    EXPECT_EQ(w.take(), R"({"b":"x","c":""})");
}

TEST(Writer, writes_a_list_of_objects) {
    Writer w;

    w.begin_array();
    for (int i = 0; i < 3; ++i) w.begin_object().key("n").number(i).end_object();
    w.end_array();

    EXPECT_EQ(w.text(), R"([{"n":0},{"n":1},{"n":2}])");
}

TEST(Writer, writes_the_extremes_of_numbers) {
    Writer w;

    w.begin_array().number(INT64_MIN).number(INT64_MAX).number(0).end_array();

    EXPECT_EQ(w.text(), "[-9223372036854775808,9223372036854775807,0]");
}

TEST(Strings, are_escaped_as_go_does) {
    EXPECT_EQ(escaped(""), "\"\"");
    EXPECT_EQ(escaped("a/b \"c\" \\"), R"("a/b \"c\" \\")");
    EXPECT_EQ(escaped("\b\f\n\r\t"), R"("\b\f\n\r\t")");
    EXPECT_EQ(escaped(std::string_view("\0\x01\x1f\x7f", 4)), "\"\\u0000\\u0001\\u001f\x7f\"");
    EXPECT_EQ(escaped("<a>&"), R"("\u003ca\u003e\u0026")");
    EXPECT_EQ(escaped("\xe2\x80\xa8\xe2\x80\xa9ü€😀"), "\"\\u2028\\u2029ü€😀\"");
    EXPECT_EQ(escaped("x\xffy\xe2\x82z"), "\"x\\ufffdy\\ufffd\\ufffdz\"");
}

TEST(Strings, read_back_as_they_were) {
    std::string text;
    for (int c = 0; c < 128; ++c) text += static_cast<char>(c);
    text += "ü€😀";

    const std::string json = escaped(text);

    EXPECT_EQ(Value(json).as_string(), text);
    EXPECT_EQ(compact(json).value(), json);
}

}  // namespace
}  // namespace lockstep::json
