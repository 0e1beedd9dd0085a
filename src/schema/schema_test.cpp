// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "schema/schema.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json.hpp"

namespace lockstep::schema {
namespace {

using testing::HasSubstr;

std::string checked(const std::string& schema, const std::string& value) {
    auto const compiled = compile(json::compact(schema).value());
    if (!compiled.schema) return "no schema: " + compiled.fault;
    return compiled.schema->fault_of(json::compact(value).value()).value_or("good");
}

struct Case {
    std::string schema;
    std::vector<std::string> good, bad;
};

const Case cases[] = {
    {"true", {"1", "{}"}, {}},
    {"false", {}, {"1", "{}"}},
    {"{}", {"1", "null", "[[]]"}, {}},
    {R"({"type":"integer"})", {"1", "1.0", "1e3", "-0", "10.00e-1"}, {"1.5", "1e-1", "\"1\"", "null"}},
    {R"({"type":"number"})", {"1", "1.5", "1e999999999999999999999"}, {"\"1\"", "true"}},
    {R"({"type":["string","null"]})", {"\"\"", "null"}, {"1", "{}"}},
    {R"({"type":"boolean"})", {"true", "false"}, {"0", "null"}},
    {R"({"enum":[1,"a",{"x":[1,2]}]})", {"1.0", "\"\\u0061\"", "{\"x\":[1,2.0]}"}, {"2", "{\"x\":[2,1]}", "{}"}},
    {R"({"const":{"a":1,"b":2}})", {"{\"b\":2,\"a\":1.0}"}, {"{\"a\":1}", "{\"a\":1,\"b\":2,\"c\":3}"}},
    {R"({"const":null})", {"null"}, {"0", "\"null\""}},

    // numbers are decimals, beyond what a double can tell apart
    {R"({"minimum":9007199254740993})", {"9007199254740993", "1e400", "9007199254740993.0"}, {"9007199254740992"}},
    {R"({"exclusiveMaximum":0.1})", {"0.0999999999999999999999999999", "-1e999"}, {"0.1", "1e-1", "0.10"}},
    {R"({"maximum":-3})", {"-3", "-3.0001", "-1e5"}, {"-2.9", "0", "3"}},
    {R"({"exclusiveMinimum":0})", {"1e-999"}, {"0", "-0.0", "-1e-999"}},
    {R"({"multipleOf":0.01})", {"0", "4.35", "1e300", "-7.07", "0.1"}, {"4.351", "1e-3", "0.001"}},
    {R"({"multipleOf":7})", {"7e2", "123456789012345678901234567890000000000000000007"}, {"1e9", "8"}},

    // strings count characters, patterns are found anywhere
    {R"({"minLength":2,"maxLength":3})", {"\"äö\"", "\"\\ud83d\\ude00ab\"", "1"}, {"\"ä\"", "\"abcd\""}},
    {R"({"pattern":"b+c$"})", {"\"abbc\"", "5"}, {"\"abcd\"", "\"\""}},

    {R"({"prefixItems":[{"type":"string"},{"type":"number"}],"items":false})",
     {"[]", "[\"a\"]", "[\"a\",1]", "{}"},
     {"[1]", "[\"a\",1,2]"}},
    {R"({"items":{"type":"integer"},"minItems":1,"maxItems":2})", {"[1]", "[1,2]"}, {"[]", "[1,2,3]", "[\"1\"]"}},
    {R"({"uniqueItems":true})",
     {"[1,\"1\",[1],{\"a\":1},true]", "[]"},
     {"[1,2,1.0]", "[{\"a\":1,\"b\":2},{\"b\":2,\"a\":1}]"}},
    {R"({"contains":{"type":"number"},"minContains":2,"maxContains":3})", {"[1,2,\"a\"]"}, {"[1]", "[1,2,3,4]", "[]"}},
    {R"({"contains":{"const":1},"minContains":0})", {"[]", "[2]"}, {}},

    {R"({"required":["a"],"properties":{"a":{"type":"string"}},"additionalProperties":false})",
     {"{\"a\":\"x\"}", "5"},
     {"{}", "{\"a\":1}", "{\"a\":\"x\",\"b\":1}", "{\"A\":\"x\"}"}},
    {R"({"properties":{"a":{"type":"string"}}})", {"{\"a\":1,\"a\":\"the last\"}"}, {"{\"a\":\"x\",\"a\":1}"}},
    {R"({"patternProperties":{"^x-":{"type":"number"}},"additionalProperties":{"type":"string"}})",
     {"{\"x-a\":1,\"b\":\"s\"}"},
     {"{\"x-a\":\"s\"}", "{\"b\":1}"}},
    {R"({"propertyNames":{"maxLength":2}})", {"{\"ab\":1}"}, {"{\"abc\":1}"}},
    {R"({"minProperties":1,"maxProperties":2})", {"{\"a\":1}"}, {"{}", "{\"a\":1,\"b\":1,\"c\":1}"}},
    {R"({"dependentRequired":{"a":["b"]}})", {"{}", "{\"b\":1}", "{\"a\":1,\"b\":1}"}, {"{\"a\":1}"}},
    {R"({"dependentSchemas":{"a":{"required":["b"]}}})", {"{\"c\":1}", "{\"a\":1,\"b\":1}"}, {"{\"a\":1}"}},

    {R"({"allOf":[{"minimum":1},{"maximum":2}]})", {"1", "2", "\"s\""}, {"0", "3"}},
    {R"({"anyOf":[{"type":"string"},{"minimum":5}]})", {"\"s\"", "5"}, {"4"}},
    {R"({"oneOf":[{"multipleOf":2},{"multipleOf":3}]})", {"2", "3"}, {"6", "1"}},
    {R"({"not":{"type":"string"}})", {"1"}, {"\"s\""}},
    {R"({"if":{"properties":{"t":{"const":1}},"required":["t"]},"then":{"required":["a"]},)"
     R"("else":{"required":["b"]}})",
     {"{\"t\":1,\"a\":0}", "{\"b\":0}"},
     {"{\"t\":1,\"b\":0}", "{\"a\":0}"}},

    // references
    {R"({"$defs":{"n":{"type":"number"}},"properties":{"a":{"$ref":"#/$defs/n"}}})", {"{\"a\":1}"}, {"{\"a\":\"1\"}"}},
    {R"({"properties":{"next":{"$ref":"#"},"v":{"type":"integer"}},"required":["v"]})",
     {"{\"v\":1,\"next\":{\"v\":2}}"},
     {"{\"v\":1,\"next\":{}}"}},
    {R"({"$id":"https://example.com/s","$defs":{"a/b":{"$anchor":"it","const":1}},)"
     R"("anyOf":[{"$ref":"https://example.com/s#it"},{"$ref":"#/$defs/a~1b"}]})",
     {"1"},
     {"2"}},
    {R"({"$ref":"#/$defs/n","maximum":3,"$defs":{"n":{"minimum":1}}})", {"2"}, {"0", "4"}},

    // what others have looked at
    {R"({"allOf":[{"properties":{"a":true}}],"unevaluatedProperties":false})", {"{\"a\":1}"}, {"{\"b\":1}"}},
    {R"({"anyOf":[{"properties":{"a":{"const":1}},"required":["a"]},{"properties":{"b":true},)"
     R"("required":["b"]}],"unevaluatedProperties":false})",
     {"{\"a\":1}", "{\"a\":1,\"b\":2}"},
     {"{\"a\":2,\"b\":2}"}},
    {R"({"prefixItems":[true],"contains":{"type":"string"},"unevaluatedItems":{"type":"number"}})",
     {"[[],\"s\",1]"},
     {"[[],\"s\",[]]"}},
    {R"({"$defs":{"base":{"properties":{"a":true}}},"$ref":"#/$defs/base",)"
     R"("unevaluatedProperties":{"type":"string"}})",
     {"{\"a\":1,\"b\":\"s\"}"},
     {"{\"b\":1}"}},

    // older drafts
    {R"({"$schema":"http://json-schema.org/draft-07/schema#","items":[{"type":"string"}],)"
     R"("additionalItems":{"type":"number"},"dependencies":{"a":["b"],"c":{"required":["d"]}}})",
     {"[\"a\",1]", "{\"a\":1,\"b\":1}", "{\"c\":1,\"d\":1}"},
     {"[1]", "[\"a\",\"b\"]", "{\"a\":1}", "{\"c\":1}"}},
    {R"({"$schema":"http://json-schema.org/draft-07/schema#","definitions":{"n":{"minimum":1}},)"
     R"("$ref":"#/definitions/n","maximum":3})",
     {"4"},
     {"0"}},
    {R"({"format":"email","contentEncoding":"base64","title":"t","unknown":7})", {"\"no mail\""}, {}},
};

TEST(Schema, tells_good_values_from_bad_ones) {
    for (auto const& one : cases) {
        for (auto const& value : one.good) EXPECT_EQ(checked(one.schema, value), "good") << one.schema << " " << value;
        for (auto const& value : one.bad) {
            auto const fault = checked(one.schema, value);
            EXPECT_NE(fault, "good") << one.schema << " " << value;
            EXPECT_THAT(fault, testing::StartsWith("'")) << one.schema << " " << value;
        }
    }
}

TEST(Schema, a_fault_names_the_place_and_the_rule) {
    auto const* schema = R"({"properties":{"a/b":{"items":{"properties":{"n":{"type":"number"}},"required":["n"]}}}})";

    EXPECT_EQ(checked(schema, R"({"a/b":[{"n":1},{"n":"1"}]})"), "'/a~1b/1/n': is not of type number");
    EXPECT_EQ(checked(schema, R"({"a/b":[{}]})"), "'/a~1b/0': lacks the member 'n'");
    EXPECT_EQ(checked(R"({"anyOf":[{"type":"string"},false]})", "1"), "'': is as none of the alternatives says");
}

TEST(Schema, what_cannot_be_used_is_told_with_its_place) {
    const std::pair<const char*, const char*> bad[] = {
        {"1", "a schema is an object"},
        {R"({"type":"nope"})", "'/type': 'nope' is no type"},
        {R"({"properties":{"a":{"type":1}}})", "'/properties/a/type'"},
        {R"({"properties":[]})", "'/properties'"},
        {R"({"allOf":[]})", "'/allOf'"},
        {R"({"minLength":-1})", "'/minLength'"},
        {R"({"minLength":1e30})", "'/minLength'"},
        {R"({"multipleOf":0})", "greater than 0"},
        {R"({"multipleOf":1.2345678901234567891})", "18 digits"},
        {R"({"required":["a","a"]})", "'/required'"},
        {R"({"required":"a"})", "'/required'"},
        {R"({"uniqueItems":1})", "'/uniqueItems'"},
        {R"({"pattern":"(?=a)b"})", "'/pattern': the pattern cannot be used"},
        {R"({"pattern":"("})", "the pattern cannot be used"},
        {R"({"patternProperties":{"(":true}})", "the pattern cannot be used"},
        {R"({"$ref":"https://example.com/other"})", "leads out of the schema"},
        {R"({"$ref":"other.json#/a"})", "leads out of the schema"},
        {R"({"$ref":"#/$defs/a"})", "leads to nothing"},
        {R"({"$ref":"#a"})", "there is no anchor 'a'"},
        {R"({"$defs":{"a":{"$id":"https://example.com/a"}}})", "only the whole schema"},
        {R"({"$schema":"http://json-schema.org/draft-04/schema#"})", "none of the drafts"},
        {R"({"items":[true]})", "a schema is an object"},
    };
    for (auto const& [schema, fault] : bad) {
        EXPECT_THAT(checked(schema, "1"), HasSubstr(fault)) << schema;
        EXPECT_THAT(checked(schema, "1"), HasSubstr("no schema")) << schema;
    }
}

TEST(Schema, has_limits) {
    auto const long_one = R"({"description":")" + std::string(schema_bytes_max, 'x') + "\"}";
    EXPECT_THAT(checked(long_one, "1"), HasSubstr("longer than 65536 bytes"));
    std::string deep;
    for (int i = 0; i < 100; ++i) deep += R"({"not":)";
    EXPECT_THAT(checked(deep + "true" + std::string(100, '}'), "1"), HasSubstr("nested deeper"));
    std::string patterns = R"({"allOf":[)";
    for (std::size_t i = 0; i <= patterns_max; ++i) patterns += (i > 0 ? "," : "") + std::string(R"({"pattern":"a"})");
    EXPECT_THAT(checked(patterns + "]}", "1"), HasSubstr("one pattern more"));
}

TEST(Schema, a_schema_that_refers_to_itself_ends) {
    EXPECT_THAT(checked(R"({"$ref":"#"})", "1"), HasSubstr("deeper than 256 rules"));
    EXPECT_THAT(checked(R"({"not":{"$ref":"#"}})", "1"), HasSubstr("deeper than 256 rules"));
    std::string nested;
    for (int i = 0; i < 600; ++i) nested += "[";
    EXPECT_THAT(checked(R"({"items":{"$ref":"#"}})", nested + std::string(600, ']')), HasSubstr("deeper than"));
    EXPECT_EQ(checked(R"({"items":true})", nested + std::string(600, ']')), "good");
}

TEST(Schema, a_schema_that_doubles_itself_ends) {
    std::string doubling = R"({"$ref":"#/$defs/a0","$defs":{)";
    for (int i = 0; i < 40; ++i) {
        auto const next = R"({"$ref":"#/$defs/a)" + std::to_string(i + 1) + "\"}";
        doubling += "\"a" + std::to_string(i) + R"(":{"allOf":[)" + next + "," + next + "]},";
    }
    doubling += R"("a40":true}})";

    EXPECT_THAT(checked(doubling, "1"), HasSubstr("more than 2000000 steps"));
}

TEST(Schema, a_pattern_takes_time_in_proportion) {
    auto const text = "\"" + std::string(200'000, 'a') + "\"";

    EXPECT_EQ(checked(R"({"pattern":"^(a+)+$"})", text), "good");
    EXPECT_EQ(checked(R"({"pattern":"^(a+)+b$"})", text), "'': does not match the pattern");
}

TEST(Schema, many_items_are_compared_with_each_other_in_bounded_time) {
    std::string list = "[0";
    for (int i = 1; i < 100'000; ++i) list += "," + std::to_string(i);

    EXPECT_EQ(checked(R"({"uniqueItems":true})", list + "]"), "good");
    EXPECT_EQ(checked(R"({"uniqueItems":true})", list + ",99999]"), "'': has an item twice");
}

}  // namespace
}  // namespace lockstep::schema
