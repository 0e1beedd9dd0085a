// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "delivery/websocket_messages.hpp"

#include <gtest/gtest.h>

namespace lockstep::delivery {
namespace {

const std::optional<std::string> unbound;

StartRequest start_of(const std::string& text, const std::optional<std::string>& bound = unbound) {
    return std::get<StartRequest>(*parse_client_message(text, bound));
}
AckRequest ack_of(const std::string& text) { return std::get<AckRequest>(*parse_client_message(text, unbound)); }
std::string thrown_code(const std::string& text, const std::optional<std::string>& bound = unbound) {
    auto const message = parse_client_message(text, bound);
    return message ? "none" : std::string(message.error().code());
}

TEST(ClientMessage, AStartAsTheOfficialClientSendsIt) {
    auto const start = start_of(R"({"type":"start","autoack":false,"namespace":"default","name":"app"})");
    EXPECT_EQ(start.namespace_, "default");
    EXPECT_EQ(start.name, "app");
    EXPECT_EQ(start.autoack, false);
    EXPECT_FALSE(start.ephemeral);
}

TEST(ClientMessage, AStartWithFilterAndOptions) {
    auto const start = start_of(R"( {"type":"start", "ephemeral":true, "namespace":"default",
                                     "filter":{ "events":".*" }, "options":{"readAhead": 5}} )");
    EXPECT_TRUE(start.ephemeral);
    EXPECT_EQ(start.autoack, std::nullopt);
    EXPECT_EQ(start.filter, R"({"events":".*"})");
    EXPECT_EQ(start.options, R"({"readAhead":5})");
}

TEST(ClientMessage, AnAckWithAndWithoutWhatItMayLack) {
    auto const id = *Uuid::parse("3005ced4-7302-44c5-94df-f8a56fde481d");
    auto const whole = ack_of(R"({"type":"ack","id":"3005ced4-7302-44c5-94df-f8a56fde481d","subscription":)"
                              R"({"id":"efb6adc0-34dc-46ee-936b-1cc78d6cd4d1","namespace":"default","name":"app"}})");
    EXPECT_EQ(whole.id, id);
    ASSERT_TRUE(whole.subscription);
    EXPECT_EQ(whole.subscription->id, Uuid::parse("efb6adc0-34dc-46ee-936b-1cc78d6cd4d1"));
    EXPECT_EQ(whole.subscription->namespace_, "default");
    EXPECT_EQ(whole.subscription->name, "app");

    auto const bare = ack_of(R"({"type":"ack"})");
    EXPECT_EQ(bare.id, std::nullopt);
    EXPECT_FALSE(bare.subscription);
}

TEST(ClientMessage, ANackNamesWhatAnAckDoes) {
    auto const message =
        *parse_client_message(R"({"type":"nack","id":"3005ced4-7302-44c5-94df-f8a56fde481d"})", unbound);
    EXPECT_TRUE(std::get<NackRequest>(message).of.id);
}

TEST(ClientMessage, RefusesWhatItCannotUse) {
    EXPECT_EQ(thrown_code(R"({"type":"sing"})"), "FF10177");
    EXPECT_EQ(thrown_code(R"({"type":"protocol_error"})"), "FF10177");
    EXPECT_EQ(thrown_code("{}"), "FF10177");
    EXPECT_EQ(thrown_code("null"), "FF10177");
    EXPECT_EQ(thrown_code("{nonsense"), "LS10100");
    EXPECT_EQ(thrown_code(""), "LS10103");
    EXPECT_EQ(thrown_code("[]"), "FF10176");
    EXPECT_EQ(thrown_code(R"({"type":7})"), "FF10176");
    EXPECT_EQ(thrown_code(R"({"type":"start","namespace":7})"), "FF10176");
    EXPECT_EQ(thrown_code(R"({"type":"start","ephemeral":"yes"})"), "FF10176");
    EXPECT_EQ(thrown_code(R"({"type":"ack","id":"x"})"), "FF00138");
    EXPECT_EQ(thrown_code(R"({"type":"ack","id":7})"), "FF10176");
    EXPECT_EQ(thrown_code(R"({"type":"ack","subscription":"x"})"), "FF10176");
    EXPECT_EQ(thrown_code(std::string(3000, '[')), "LS10101");
}

TEST(ClientMessage, ABoundSocketFillsInItsNamespaceAndRefusesAnother) {
    EXPECT_EQ(start_of(R"({"type":"start","name":"x"})", "default").namespace_, "default");
    EXPECT_EQ(start_of(R"({"type":"start","namespace":"default","name":"x"})", "default").namespace_, "default");
    EXPECT_EQ(thrown_code(R"({"type":"start","namespace":"nope","name":"x"})", "default"), "FF10462");
}

std::optional<StartRequest> auto_start(const std::string& query, const std::optional<std::string>& bound = unbound) {
    return *parse_auto_start(query, bound);
}

TEST(AutoStart, HappensOnlyWhenTheQueryAsksForIt) {
    EXPECT_FALSE(auto_start(""));
    EXPECT_FALSE(auto_start("namespace=default&autoack"));
    EXPECT_FALSE(auto_start("ephemeral=false&namespace=default"));
    EXPECT_TRUE(auto_start("ephemeral&namespace=default")->ephemeral);
    EXPECT_TRUE(auto_start("ephemeral=true&namespace=default")->ephemeral);
    EXPECT_EQ(auto_start("name=app&namespace=default")->name, "app");
}

TEST(AutoStart, TakesFilterAndOptionsOfAnEphemeralSubscription) {
    auto const start = *auto_start(
        "namespace=default&ephemeral&autoack&batch&batchtimeout=1s&readahead=100&filter.events=message_.*&filter.topic="
        "t&"
        "filter.message.tag=a&filter.message.group=g&filter.message.author=o&filter.transaction.type=x&"
        "filter.blockchain.name=n&filter.blockchain.listener=l");
    EXPECT_EQ(start.autoack, true);
    EXPECT_EQ(start.options, R"({"batch":true,"batchTimeout":"1s","readAhead":100})");
    EXPECT_EQ(start.filter,
              R"({"events":"message_.*","message":{"tag":"a","group":"g","author":"o"},"transaction":{"type":"x"},)"
              R"("blockchainevent":{"name":"n","listener":"l"},"topic":"t"})");
}

TEST(AutoStart, IgnoresAReadAheadThatIsNone) {
    EXPECT_EQ(auto_start("namespace=default&ephemeral&readahead=70000")->options, "{}");
    EXPECT_EQ(auto_start("namespace=default&ephemeral&readahead=x")->options, "{}");
    EXPECT_EQ(auto_start("namespace=default&ephemeral&readahead=65535")->options, R"({"readAhead":65535})");
}

TEST(AutoStart, NeedsANamespace) {
    EXPECT_EQ(parse_auto_start("ephemeral", unbound).error().code(), "FF10178");
    EXPECT_EQ(auto_start("ephemeral", "default")->namespace_, "default");
    EXPECT_EQ(parse_auto_start("ephemeral&namespace=nope", "default").error().code(), "FF10462");
}

}  // namespace
}  // namespace lockstep::delivery
