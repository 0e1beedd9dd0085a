// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "delivery/subscription.hpp"

#include <gtest/gtest.h>

namespace lockstep::delivery {
namespace {

Result<SubscriptionInput> parse(const std::string& body) { return parse_subscription(json::Value{body}, "default"); }

// As a create would store it, with `newest` as the newest event.
std::string shown(const std::string& body, std::int64_t newest = 118444) {
    auto const input = parse(body);
    if (!input) return input.error().message();
    SubscriptionRow row;
    row.id = *Uuid::parse("efb6adc0-34dc-46ee-936b-1cc78d6cd4d1");
    row.name = input->name;
    row.filter = input->filter.json();
    auto const& first = input->options.first_event;
    row.options = with_first_event(input->options.json, first.newest ? Offset{newest} : first.number);
    row.created = *Time::parse("2026-11-22T01:32:33.5026686Z");
    return subscription_json(row, "default");
}

TEST(Subscription, IsShownAsItWasRecorded) {
    EXPECT_EQ(
        shown(R"({"name":"gold-mwr5wnqa-single","transport":"websockets","filter":{"events":".*"},)"
              R"("options":{"firstEvent":"newest","readAhead":10}})"),
        R"({"id":"efb6adc0-34dc-46ee-936b-1cc78d6cd4d1","namespace":"default","name":"gold-mwr5wnqa-single",)"
        R"("transport":"websockets","filter":{"events":".*","message":{},"transaction":{},"blockchainevent":{}},)"
        R"("options":{"firstEvent":"118444","readAhead":10,"withData":false},"created":"2026-11-22T01:32:33.5026686Z","updated":null})");
    EXPECT_EQ(
        shown(R"({"name":"b","transport":"websockets","filter":{"events":"message_.*"},)"
              R"("options":{"firstEvent":"newest","batch":true,"batchTimeout":"1s","readAhead":50}})"),
        R"({"id":"efb6adc0-34dc-46ee-936b-1cc78d6cd4d1","namespace":"default","name":"b",)"
        R"("transport":"websockets","filter":{"events":"message_.*","message":{},"transaction":{},"blockchainevent":{}},)"
        R"("options":{"batch":true,"batchTimeout":"1s","firstEvent":"118444","readAhead":50,"withData":false},)"
        R"("created":"2026-11-22T01:32:33.5026686Z","updated":null})");
}

TEST(Subscription, TellsWhenItWasUpdatedAndWhereItStands) {
    SubscriptionRow row;
    row.name = "x";
    row.filter = row.options = "{}";
    row.created = row.updated = *Time::parse("2026-11-22T01:32:33Z");

    EXPECT_EQ(
        subscription_json(row, "default", Offset{118585}),
        R"({"id":"00000000-0000-0000-0000-000000000000","namespace":"default","name":"x","transport":"websockets","filter":{},)"
        R"("options":{},"created":"2026-11-22T01:32:33Z","updated":"2026-11-22T01:32:33Z","status":{"currentOffset":118585}})");
}

// Options as given, and as stored.
struct Options {
    const char* what;
    const char* given;
    const char* stored;
};

class OptionsTable : public testing::TestWithParam<Options> {};

TEST_P(OptionsTable, AreStoredAsOneFlatObjectWithSortedKeys) {
    auto const& row = GetParam();
    auto const text = shown(R"({"name":"x","options":)" + std::string(row.given) + "}", 7);
    auto const options = json::Value{text}["options"].text();
    EXPECT_EQ(options, row.stored) << row.what << ": " << text;
}

INSTANTIATE_TEST_SUITE_P(
    Rows,
    OptionsTable,
    testing::Values(Options{"none", "null", R"({"firstEvent":"7","withData":false})"},
                    Options{"empty", "{}", R"({"firstEvent":"7","withData":false})"},
                    Options{"the newest", R"({"firstEvent":"newest"})", R"({"firstEvent":"7","withData":false})"},
                    Options{"the oldest", R"({"firstEvent":"oldest"})", R"({"firstEvent":"-1","withData":false})"},
                    Options{"a number", R"({"firstEvent":"42"})", R"({"firstEvent":"42","withData":false})"},
                    Options{"before the first", R"({"firstEvent":"-1"})", R"({"firstEvent":"-1","withData":false})"},
                    Options{"more readAhead than counts", R"({"readAhead":70000})",
                            R"({"firstEvent":"7","readAhead":70000,"withData":false})"},
                    Options{"nulls", R"({"readAhead":null,"batch":null,"withData":null})",
                            R"({"firstEvent":"7","withData":false})"},
                    Options{"what means nothing here survives, sorted too", R"({"zebra":1.50,"apple":{"z":1,"a":[2]}})",
                            R"({"apple":{"a":[2],"z":1},"firstEvent":"7","withData":false,"zebra":1.50})"},
                    Options{"of duplicates the last", R"({"readAhead":1,"readAhead":2})",
                            R"({"firstEvent":"7","readAhead":2,"withData":false})"}));

TEST(Subscription, DispatchOptionsComeFromWhatIsStored) {
    auto const of = [](const char* options) {
        SubscriptionRow row;
        row.options = options;
        return row.dispatch_options();
    };

    EXPECT_EQ(of("{}").read_ahead, 0u);
    EXPECT_EQ(of(R"({"readAhead":10})").read_ahead, 10u);
    EXPECT_EQ(of(R"({"readAhead":70000})").read_ahead, 65535u);
    EXPECT_FALSE(of("{}").batch);
    EXPECT_TRUE(of(R"({"batch":true})").batch);
    EXPECT_EQ(of(R"({"batch":true})").read_ahead, 50u);
    EXPECT_EQ(of(R"({"batch":true,"readAhead":7})").read_ahead, 7u);
    EXPECT_EQ(of(R"({"batch":true})").batch_timeout, 50ms);
    EXPECT_EQ(of(R"({"batchTimeout":"1s"})").batch_timeout, 1s);
    EXPECT_EQ(of(R"({"batchTimeout":"250"})").batch_timeout, 250ms);
    EXPECT_EQ(of(R"({"batchTimeout":"0"})").batch_timeout, 0ms);
}

struct Refusal {
    const char* what;
    const char* body;
    const char* code;
    int status;
};

class Refusals : public testing::TestWithParam<Refusal> {};

TEST_P(Refusals, HaveTheCodesOfTheOriginal) {
    auto const& row = GetParam();
    auto const input = parse(row.body);
    ASSERT_FALSE(input) << row.what;
    EXPECT_EQ(input.error().code(), row.code) << row.what << ": " << input.error().text();
    EXPECT_EQ(input.error().status(), row.status) << row.what;
}

INSTANTIATE_TEST_SUITE_P(
    Rows,
    Refusals,
    testing::Values(
        Refusal{"without name", "{}", "FF00140", 400},
        Refusal{"with a bad name", R"({"name":"!"})", "FF00140", 400},
        Refusal{"with a name that is no text", R"({"name":7})", "FF10189", 400},
        Refusal{"named like a UUID", R"({"name":"00000000-0000-4000-8000-000000000000"})", "FF00141", 400},
        Refusal{"over an unknown transport", R"({"name":"x1","transport":"pigeons"})", "FF10172", 500},
        Refusal{"over system", R"({"name":"x1","transport":"system"})", "FF10266", 500},
        Refusal{"with data over sockets", R"({"name":"x1","options":{"withData":true}})", "FF10244", 400},
        Refusal{"with a bad first event", R"({"name":"x1","options":{"firstEvent":"sometime"}})", "FF10191", 400},
        Refusal{"with a first event that is half a number", R"({"name":"x1","options":{"firstEvent":"7x"}})", "FF10191",
                400},
        Refusal{"with a first event below -1", R"({"name":"x1","options":{"firstEvent":"-2"}})", "FF10192", 400},
        Refusal{"with a bad batch timeout", R"({"name":"x1","options":{"batch":true,"batchTimeout":"soon"}})",
                "FF00137", 400},
        Refusal{"with a negative readAhead", R"({"name":"x1","options":{"readAhead":-1}})", "FF10189", 400},
        Refusal{"with a readAhead in words", R"({"name":"x1","options":{"readAhead":"ten"}})", "FF10189", 400},
        Refusal{"with a batch that is neither true nor false", R"({"name":"x1","options":{"batch":"yes"}})", "FF10189",
                400},
        Refusal{"with options that are no object", R"({"name":"x1","options":[]})", "FF10189", 400},
        Refusal{"with a filter that is no object", R"({"name":"x1","filter":"x"})", "FF10189", 400},
        Refusal{"that is no object", "[]", "FF10189", 400},
        Refusal{"that is null", "null", "FF10189", 400},
        Refusal{"webhook without url", R"({"name":"x1","transport":"webhooks"})", "FF10242", 400},
        Refusal{"webhook with a header that is no text",
                R"({"name":"x1","transport":"webhooks","options":{"url":"http://127.0.0.1:1","headers":{"a":1}}})",
                "FF10243", 400},
        Refusal{"webhook with an unknown TLS profile",
                R"({"name":"x1","transport":"webhooks","options":{"url":"http://127.0.0.1:1","tlsConfigName":"nope"}})",
                "FF10455", 400},
        Refusal{
            "webhook with batch and data",
            R"({"name":"x1","transport":"webhooks","options":{"url":"http://127.0.0.1:1","batch":true,"withData":true}})",
            "FF10460", 400},
        Refusal{"webhook with a bad secret",
                R"({"name":"x1","transport":"webhooks","options":{"url":"http://127.0.0.1:1","signingSecrets":["x"]}})",
                "LS10411", 400}));

// ---- webhooks ----

// As recorded from the original, but for signingSecrets, which it does not have.
TEST(Webhooks, AreShownWithoutTheirSecrets) {
    auto const input = parse(
        R"({"name":"gold","transport":"webhooks","options":{"url":"http://127.0.0.1:21900/mapped","method":"PUT",)"
        R"("signingSecrets":["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],"headers":{"x-static":"h"},"query":{"s":"q"},)"
        R"("input":{"path":"p","query":"q","headers":"h","body":"b"}}})");
    ASSERT_TRUE(input);
    EXPECT_EQ(input->transport, Transport::webhooks);
    EXPECT_EQ(
        with_first_event(input->options.json, Offset{118574}),
        R"({"firstEvent":"118574","headers":{"x-static":"h"},"input":{"body":"b","headers":"h",)"
        R"("path":"p","query":"q"},"method":"PUT","query":{"s":"q"},"url":"http://127.0.0.1:21900/mapped","withData":true})");
    EXPECT_EQ(input->secrets, R"(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])");
}

TEST(Webhooks, KnowTheProfilesOfTheirNamespace) {
    auto const body =
        json::Value{R"({"name":"x1","transport":"webhooks","options":{"url":"https://a/","tlsConfigName":"mine"}})"};
    auto const profiles = [](std::string_view name) {
        return name == "mine" ? std::optional<net::TlsProfile>(std::in_place) : std::nullopt;
    };
    EXPECT_TRUE(parse_subscription(body, "default", profiles));
    EXPECT_EQ(parse_subscription(body, "default").error().code(), "FF10455");
}

TEST(Webhooks, MayBatchWithoutSayingThatDataComesAlong) {
    EXPECT_TRUE(parse(R"({"name":"x1","transport":"webhooks","options":{"url":"http://a/","batch":true}})"));
    EXPECT_TRUE(
        parse(R"({"name":"x1","transport":"webhooks","options":{"url":"http://a/","batch":true,"withData":false}})"));
}

}  // namespace
}  // namespace lockstep::delivery
