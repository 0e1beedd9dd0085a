// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "registry/datatypes.hpp"

#include "registry/test_world.hpp"

namespace lockstep::registry {
namespace {

using testing::HasSubstr;

constexpr const char* schema_of_numbers = R"({"properties":{"a":{"type":"number"}},"required":["a"]})";

Datatype a_datatype(IdMaker& ids, const std::string& version = "1", const std::string& value = schema_of_numbers) {
    Datatype out;
    out.id = ids.next();
    out.name = "widget";
    out.version = version;
    out.value = value;
    out.hash = sha256(value);
    out.created = Time{1'700'000'000'000'000'000};
    return out;
}

struct DatatypeWorld {
    // "defined", or why not.
    std::string define(const Datatype& datatype, std::int64_t pin) {
        return define(datatype_definition(datatype), pin);
    }
    std::string define(const std::string& text, std::int64_t pin) {
        MessageHeader header;
        header.id = world.ids().next();
        header.topics = {datatype_topic("widget")};
        auto const done =
            world.write([&](store::Transaction& tx) { return apply_datatype(tx, test_ns, header, text, pin); });
        return done ? "defined" : done.error().message();
    }
    std::string check(const DatatypeRef& ref, const std::string& value, std::int64_t before = after_all_pins) {
        auto const good = world.read(
            [&](store::Snapshot& snapshot) { return check_value(snapshot, test_ns, ref, value, before, schemas); });
        return good ? "good" : good.error().message();
    }
    RegistryWorld world;
    SchemaCache schemas;
};

TEST(Datatypes, count_for_what_comes_after_them) {
    DatatypeWorld here;
    auto const datatype = a_datatype(here.world.ids());

    ASSERT_EQ(here.define(datatype, 10), "defined");

    EXPECT_THAT(here.check({"widget", "1"}, R"({"a":1})", 10), HasSubstr("FF10195"));
    EXPECT_EQ(here.check({"widget", "1"}, R"({"a":1})", 11), "good");
    EXPECT_EQ(here.check({"widget", "1"}, R"({"a":"1"})", 11),
              "FF10198: The value is not as datatype 'widget/1' says: '/a': is not of type number");
    EXPECT_THAT(here.check({"widget", "1"}, "null"), HasSubstr("FF10199"));
    EXPECT_THAT(here.check({"widget", "2"}, "1"), HasSubstr("FF10195"));
    EXPECT_THAT(here.check({"widget", ""}, "1"), HasSubstr("'widget/'"));
}

TEST(Datatypes, stay_as_they_were_first_defined) {
    DatatypeWorld here;
    ASSERT_EQ(here.define(a_datatype(here.world.ids()), 10), "defined");

    EXPECT_THAT(here.define(a_datatype(here.world.ids(), "1", "true"), 11), HasSubstr("FF10407"));
    EXPECT_EQ(here.define(a_datatype(here.world.ids(), "2", "true"), 12), "defined");

    EXPECT_THAT(here.check({"widget", "1"}, "{}"), HasSubstr("FF10198"));
    EXPECT_EQ(here.check({"widget", "2"}, "{}"), "good");
}

TEST(Datatypes, that_share_an_id_are_not_mixed_up) {
    DatatypeWorld here;
    auto const one = a_datatype(here.world.ids());
    auto two = a_datatype(here.world.ids(), "2", "true");
    two.id = one.id;
    ASSERT_EQ(here.define(one, 10), "defined");
    ASSERT_EQ(here.define(two, 11), "defined");

    EXPECT_EQ(here.check({"widget", "2"}, "{}"), "good");
    EXPECT_THAT(here.check({"widget", "1"}, "{}"), HasSubstr("FF10198"));
}

TEST(Datatypes, that_are_malformed_are_refused) {
    DatatypeWorld here;
    auto const good = datatype_definition(a_datatype(here.world.ids()));
    struct Row {
        const char *was, *is, *code;
    };
    for (auto const& [was, is, code] : {
             Row{"{\"id\":\"", "{\"id\":\"x", "FF10403"},
             Row{R"("validator":"json")", R"("validator":"none")", "FF10403"},
             Row{R"("name":"widget")", R"("name":"-")", "FF00140"},
             Row{R"("version":"1")", R"("version":"")", "FF00140"},
             Row{R"("hash":")", R"("hash":"0)", "FF10403"},
             Row{R"("created":"2)", R"("created":"x2)", "FF10403"},
             Row{R"("value":{)", R"("other":{)", "FF10403"},
             Row{R"("type":"number")", R"("type":"string")", "FF10403"},
         }) {
        auto text = good;
        ASSERT_NE(text.find(was), std::string::npos) << was;
        text.replace(text.find(was), std::string_view(was).size(), is);
        EXPECT_THAT(here.define(text, 1), HasSubstr(code)) << text;
    }
    EXPECT_THAT(here.define(a_datatype(here.world.ids(), "1", R"({"type":"nope"})"), 1), HasSubstr("FF10196"));
    for (auto const* text : {"null", "[]", "{}", "1"}) EXPECT_THAT(here.define(text, 1), HasSubstr("FF10403")) << text;
    EXPECT_EQ(here.define(good, 1), "defined");
}

// As the original shows and sends it; recorded texts, with other ids.
TEST(Datatypes, have_the_text_of_the_original) {
    Datatype widget;
    widget.id = *Uuid::parse("f0c0ac4f-30bd-4499-9ce7-da98fdff8d01");
    widget.message = Uuid::parse("21ee0fa1-8e20-4acc-9105-c636cbca6fd9");
    widget.name = "widget_mwr5wnqa";
    widget.version = "1.0";
    widget.value = R"({"type":"object","properties":{"id":{"type":"string"},"n":{"type":"number"}},"required":["id"],)"
                   R"("additionalProperties":false})";
    widget.hash = sha256(widget.value);
    widget.created = *Time::parse("2026-11-22T01:32:34.208605889Z");

    auto const definition = datatype_definition(widget);
    EXPECT_EQ(definition,
              R"({"id":"f0c0ac4f-30bd-4499-9ce7-da98fdff8d01","validator":"json","name":"widget_mwr5wnqa",)"
              R"("version":"1.0","hash":"e6ec23b44264d15c54358e2355704c871fc521a0136b971eef6c1e80e3322e25",)"
              R"("created":"2026-11-22T01:32:34.208605889Z","value":)" +
                  widget.value + "}");
    EXPECT_EQ(sha256(definition).text(), "c93566e3de448b3fa8a0201e67e6738a757a4b8da0056399abf473fd6f96a64b");
    EXPECT_EQ(datatype_topic(widget.name), "c8d07fd39c7fc2c2f86281abbbe5bb4e79cac82e7a5e1522d203a1d5aeb73e9b");
    EXPECT_EQ(parse_datatype(definition)->hash, widget.hash);
    EXPECT_THAT(datatype_json(widget, "default"),
                testing::StartsWith(R"({"id":"f0c0ac4f-30bd-4499-9ce7-da98fdff8d01",)"
                                    R"("message":"21ee0fa1-8e20-4acc-9105-c636cbca6fd9","validator":"json",)"
                                    R"("namespace":"default","name":"widget_mwr5wnqa","version":"1.0",)"));
}

// The same of a claim's verification and an update.
TEST(IdentityTexts, are_those_of_the_original) {
    Verification verification;
    verification.claim = *Uuid::parse("b769c536-69d1-4902-b0c3-15cdeb4af9fd");
    verification.hash = *Hash::parse("f90a50efc797e7a7abf5d595885ce741b7258e160d884cf006386cc99d640e3e");
    auto& clerk = verification.identity;
    clerk.id = *Uuid::parse("584df59a-e4c9-4916-b09a-537163cf28de");
    clerk.type = IdentityType::custom;
    clerk.name = "clerk_mwr5wnqa";
    clerk.did = did_of(clerk.type, clerk.name);
    clerk.parent = Uuid::parse("9dddac4b-4c57-48bf-a8b5-66f11931d59d");
    clerk.description = "a clerk";
    clerk.profile = R"({"desk":7})";

    EXPECT_EQ(sha256(verification_json(verification)).text(),
              "4cc9d256c6f87ce1f4eb6300910d2c9ae4de9506fcb5a17fde9c355c1cd91329");
    EXPECT_EQ(sha256(claim_json(clerk)).text(), "c326a26f3f25e1d9a1cde0b4b387e43a04845e6ee6a39eb74d8d8b7ae2131b2e");
    EXPECT_EQ(identity_topic(clerk.did), "3ea2db98d4359d06fc215dac55601c64f1a527f888587c3341c5d14a0fd1195f");
    clerk.id = *Uuid::parse("acd19c04-a004-4c6d-bd35-ac6c5988576e");
    clerk.name = "clerk_mwr5jl0p";
    clerk.did = did_of(clerk.type, clerk.name);
    auto const update =
        update_json({clerk, "a clerk, promoted", "{\"desk\":1,\"floor\":\"\xc3\xbc\",\"id\":\"\"}"}, "default");
    EXPECT_EQ(sha256(update).text(), "b2e1bd64b73436e782145ae7cb9b621c5ae5acb3d88015a34284bc33bbb921b1");
    EXPECT_EQ(parse_update(update)->description, "a clerk, promoted");
}

}  // namespace
}  // namespace lockstep::registry
