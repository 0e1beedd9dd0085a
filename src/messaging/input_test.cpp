// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What a client may say (firefly-core.md 2.1, 3.1, 30): a table of bodies.
#include "messaging/input.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json.hpp"

namespace lockstep::messaging {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const std::string a_uuid = "019b77a0-0000-7abc-8000-000000000001";
const std::string a_hash(64, 'a');

Result<MessageInput> parse(const std::string& text) { return parse_message_input(*json::compact(text)); }

MessageInput parsed(const std::string& text) {
    auto input = parse(text);
    if (!input) throw std::runtime_error(text + ": " + input.error().message());
    return *input;
}

TEST(MessageInput, MayBeEmpty) {
    for (auto const* text :
         {"{}", R"({"header":null,"data":null,"idempotencyKey":null})", R"({"header":{},"data":[]})"}) {
        auto const input = parsed(text);
        EXPECT_EQ(input.cid, std::nullopt);
        EXPECT_EQ(input.group, std::nullopt);
        EXPECT_EQ(input.created, std::nullopt);
        EXPECT_EQ(input.type + input.txtype + input.author + input.key + input.tag + input.idempotency_key, "");
        EXPECT_THAT(input.topics, IsEmpty());
        EXPECT_THAT(input.data, IsEmpty());
    }
}

TEST(MessageInput, HasWhatTheClientGave) {
    auto const input =
        parsed(R"({"header":{"tag":"t","topics":["a","b"],"type":"private","txtype":"unpinned","cid":")" + a_uuid +
               R"(","author":"org_1","key":"0xA0","group":"0x)" + a_hash +
               R"(","created":"2026-01-01T00:00:01.5Z"},"data":[],"idempotencyKey":"k"})");

    EXPECT_EQ(input.tag, "t");
    EXPECT_THAT(input.topics, ElementsAre("a", "b"));
    EXPECT_EQ(input.type, "private");
    EXPECT_EQ(input.txtype, "unpinned");
    EXPECT_EQ(input.cid, Uuid::parse(a_uuid));
    EXPECT_EQ(input.author, "org_1");
    EXPECT_EQ(input.key, "0xA0") << "normalised later";
    EXPECT_EQ(input.group, Hash::parse(a_hash));
    EXPECT_EQ(input.created, Time{1'767'225'601'500'000'000});
    EXPECT_EQ(input.idempotency_key, "k");
}

TEST(MessageInput, IgnoresWhatItDoesNotKnowAndWhatTheServerAssigns) {
    auto const input =
        parsed(R"({"header":{"id":7,"namespace":{},"datahash":[],"what":1},"hash":1,"state":[],"x":{}})");
    EXPECT_THAT(input.topics, IsEmpty());
}

TEST(MessageInput, TakesDataAsValuesAndAsReferences) {
    auto const input =
        parsed(R"({"data":[{"value":{"b":1, "a":[1.50]}},{"value":"text"},{"value":false},{"value":0},{"id":")" +
               a_uuid + R"("},{"id":")" + a_uuid + R"(","hash":")" + a_hash +
               R"("},{"value":1,"validator":"none","datatype":{"name":"n","version":"v"}},{"blob":{"hash":")" + a_hash +
               R"("}},{}]})");

    ASSERT_THAT(input.data, SizeIs(9));
    EXPECT_EQ(input.data[0].value, R"({"b":1,"a":[1.50]})") << "its text stays as it was";
    EXPECT_EQ(input.data[1].value, R"("text")");
    EXPECT_EQ(input.data[2].value, "false");
    EXPECT_EQ(input.data[3].value, "0");
    EXPECT_EQ(input.data[4].id, Uuid::parse(a_uuid));
    EXPECT_EQ(input.data[4].value, std::nullopt);
    EXPECT_EQ(input.data[4].hash, std::nullopt);
    EXPECT_EQ(input.data[5].hash, Hash::parse(a_hash));
    EXPECT_EQ(input.data[6].validator, "none");
    EXPECT_EQ(input.data[6].datatype.name, "n");
    EXPECT_EQ(input.data[6].datatype.version, "v");
    EXPECT_TRUE(input.data[7].has_blob);
    EXPECT_EQ(input.data[7].blob_hash, Hash::parse(a_hash));
    EXPECT_EQ(input.data[8].value, std::nullopt);
    EXPECT_FALSE(input.data[8].has_blob);
}

TEST(MessageInput, TakesTheIdsThatTheOriginalTakes) {
    for (auto const& text : {a_uuid, std::string("019B77A0-0000-7ABC-8000-000000000001"), "{" + a_uuid + "}",
                             "urn:uuid:" + a_uuid, std::string("019b77a000007abc8000000000000001")})
        EXPECT_EQ(parsed(R"({"header":{"cid":")" + text + R"("}})").cid, Uuid::parse(a_uuid)) << text;
    EXPECT_EQ(parsed(R"({"header":{"cid":""}})").cid, std::nullopt);
}

TEST(MessageInput, TakesTimesAsTheOriginalDoes) {
    for (auto const* text :
         {"2026-01-01T00:00:00Z", "2026-01-01T02:00:00+02:00", "1767225600", "1767225600000", "1767225600000000000"})
        EXPECT_EQ(parsed(std::string(R"({"header":{"created":")") + text + R"("}})").created,
                  Time{1'767'225'600'000'000'000})
            << text;
}

TEST(MessageInput, MayHaveAnIdempotencyKeyOf256Characters) {
    auto const body = [](std::size_t length) { return R"({"idempotencyKey":")" + std::string(length, 'k') + "\"}"; };
    EXPECT_THAT(parsed(body(256)).idempotency_key, SizeIs(256));

    auto const longer = parse(body(257));

    ASSERT_FALSE(longer);
    EXPECT_EQ(longer.error().code(), "LS10502");
}

struct Bad {
    std::string body;
    const char* code;
    const char* names;  // what the sentence must name
};

TEST(MessageInput, ThatIsWrongIsRefusedByNameAndCode) {
    auto const header = [](const std::string& members) { return R"({"header":{)" + members + "}}"; };
    auto const data = [](const std::string& members) { return R"({"data":[{)" + members + "}]}"; };
    for (auto const& [body, code, names] : {
             Bad{"[]", "LS10502", "body"},
             Bad{"null", "LS10502", "body"},
             Bad{R"("text")", "LS10502", "body"},
             Bad{"7", "LS10502", "body"},
             Bad{R"({"header":[]})", "LS10502", "header"},
             Bad{R"({"header":"x"})", "LS10502", "header"},
             Bad{header(R"("tag":7)"), "LS10502", "header.tag"},
             Bad{header(R"("type":[])"), "LS10502", "header.type"},
             Bad{header(R"("txtype":{})"), "LS10502", "header.txtype"},
             Bad{header(R"("author":true)"), "LS10502", "header.author"},
             Bad{header(R"("key":7)"), "LS10502", "header.key"},
             Bad{header(R"("topics":"a")"), "LS10502", "header.topics"},
             Bad{header(R"("topics":{})"), "LS10502", "header.topics"},
             Bad{header(R"("topics":["a",7])"), "LS10502", "header.topics"},
             Bad{header(R"("topics":[null])"), "LS10502", "header.topics"},
             Bad{header(R"("cid":7)"), "LS10502", "header.cid"},
             Bad{header(R"("cid":"no")"), "FF00138", "no"},
             Bad{header(R"("cid":"019b77a0-0000-7abc-8000-00000000000")"), "FF00138", "8000-00000000000"},
             Bad{header(R"("group":7)"), "LS10502", "header.group"},
             Bad{header(R"("group":"ab")"), "FF00107", "2"},
             Bad{header(R"("group":")" + a_hash + R"(a")"), "FF00107", "65"},
             Bad{header(R"("group":"0x)" + a_hash.substr(1) + R"(")"), "FF00107", "63"},
             Bad{header(R"("group":"x)" + a_hash.substr(1) + R"(")"), "FF00106", "xaaa"},
             Bad{header(R"("created":1767225600)"), "LS10502", "header.created"},
             Bad{header(R"("created":"yesterday")"), "FF00136", "yesterday"},
             Bad{header(R"("created":"2026-13-01T00:00:00Z")"), "FF00136", "2026-13"},
             Bad{R"({"data":{}})", "LS10502", "data"},
             Bad{R"({"data":"x"})", "LS10502", "data"},
             Bad{R"({"data":[7]})", "LS10502", "data"},
             Bad{R"({"data":[null]})", "LS10502", "data"},
             Bad{R"({"data":[[]]})", "LS10502", "data"},
             Bad{data(R"("id":7)"), "LS10502", "data.id"},
             Bad{data(R"("id":"no")"), "FF00138", "no"},
             Bad{data(R"("id":")" + a_uuid + R"(","hash":"ab")"), "FF00107", "2"},
             Bad{data(R"("hash":")" + std::string(64, 'g') + R"(")"), "FF00106", "ggg"},
             Bad{data(R"("validator":7)"), "LS10502", "data.validator"},
             Bad{data(R"("datatype":7)"), "LS10502", "data.datatype"},
             Bad{data(R"("datatype":{"name":7})"), "LS10502", "data.datatype.name"},
             Bad{data(R"("datatype":{"version":7})"), "LS10502", "data.datatype.version"},
             Bad{R"({"idempotencyKey":7})", "LS10502", "idempotencyKey"},
         }) {
        auto const input = parse(body);
        ASSERT_FALSE(input) << body;
        EXPECT_EQ(input.error().code(), code) << body;
        EXPECT_EQ(input.error().status(), 400) << body;
        EXPECT_THAT(input.error().text(), HasSubstr(names)) << body;
    }
}

TEST(DataInput, IsAnObject) {
    auto const input = parse_data_input(R"({"value":{"a":1},"validator":"json"})");
    ASSERT_TRUE(input);
    EXPECT_EQ(input->value, R"({"a":1})");
    EXPECT_EQ(input->validator, "json");
    EXPECT_EQ(parse_data_input(R"({"value":null})")->value, std::nullopt);
    for (auto const* text : {"[]", "null", "7", R"("x")"}) {
        auto const refused = parse_data_input(text);
        ASSERT_FALSE(refused) << text;
        EXPECT_EQ(refused.error().code(), "LS10502") << text;
    }
}

}  // namespace
}  // namespace lockstep::messaging
