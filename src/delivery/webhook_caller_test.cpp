// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What a call takes out of messages, and the replies that are made of answers.
#include "delivery/webhook_caller.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "delivery/enricher.hpp"
#include "delivery/errors.hpp"
#include "delivery/test_world.hpp"

namespace lockstep::delivery {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// Answers every call alike.
class SteadyWeb final : public net::WebClient {
  public:
    net::Response response;
    std::string failure;
    std::vector<net::WebRequest> requests;

    Task<net::Response> call(net::WebRequest request) override {
        requests.push_back(std::move(request));
        if (!failure.empty()) throw std::runtime_error(failure);
        co_return response;
    }
};

class Replies final : public Replier {
  public:
    std::vector<messaging::MessageInput> sent;
    std::vector<Error> refusals;  // of the next ones
    Task<Result<void>> send(messaging::MessageInput reply) override {
        if (!refusals.empty()) {
            auto const refusal = refusals.front();
            refusals.erase(refusals.begin());
            co_return refusal;
        }
        sent.push_back(std::move(reply));
        co_return Result<void>();
    }
};

class WebhookCallerTest : public testing::Test {
  protected:
    WebhookCallerTest() {
        world.use(std::make_unique<RowEnricher>(NamespaceId{1}, "default",
                                                ledger::Info{"ethereum", "ethereum_address", "2021", "0x70"}));
        world.serve_webhooks(&web, &replies);
        web.response.headers.set("content-type", "application/json");
        web.response.body = "{}";
    }
    ~WebhookCallerTest() override { world.serve_webhooks(nullptr); }

    // A message with these values, stored and told.
    messaging::MessageRow tell(const std::vector<std::string>& values, bool is_reply = false) {
        messaging::MessageRow row;
        auto& header = row.message.header;
        header.id = world.ids().next();
        header.author = "did:firefly:org/org_0";
        header.topics = {"a", "b"};
        header.group = Hash{};
        header.type = MessageType::private_;
        if (is_reply) header.cid = world.ids().next();
        std::vector<Data> data;
        for (auto const& value : values) {
            auto& one = data.emplace_back();
            one.id = world.ids().next();
            one.value = value;
            one.hash = *data_hash(value, std::nullopt);
            row.message.data.push_back({one.id, one.hash});
        }
        seal(row.message);
        auto closure = [row, data](store::Transaction& tx) {
            auto const seq = messaging::insert(tx, NamespaceId{1}, row);
            for (auto const& one : data) messaging::insert(tx, NamespaceId{1}, one, seq);
        };
        world.await(world.database().write(std::move(closure)));
        log::Event event;
        event.reference = header.id;
        event.topic = "a";
        world.append_events({event});
        return row;
    }
    SubscriptionRow hook(const std::string& options) {
        return world.create(
            R"({"name":"hook","transport":"webhooks","options":{"firstEvent":"oldest","url":"http://hook/")" +
            (options.empty() ? "" : "," + options) + "}}");
    }
    std::vector<std::string> bodies() const {
        std::vector<std::string> out;
        for (auto const& request : web.requests) out.push_back(request.body);
        return out;
    }

    World world;
    SteadyWeb web;
    Replies replies;
};

TEST_F(WebhookCallerTest, TheValuesOfAMessageAreSent) {
    hook("");
    tell({R"({"a":1})"});
    tell({"7"});
    tell({"1", R"({"two":2})"});
    EXPECT_THAT(bodies(), ElementsAre(R"({"a":1})", R"({"value":7})", R"([1,{"two":2}])"));
}

TEST_F(WebhookCallerTest, WithoutDataTheEventIsSent) {
    hook(R"("withData":false)");
    auto const row = tell({"7"});
    ASSERT_THAT(bodies(), SizeIs(1));
    json::Value const body{web.requests[0].body};
    EXPECT_EQ(body["message"]["header"]["id"].as_string(), row.message.header.id.text());
    EXPECT_EQ(body["subscription"]["name"].as_string(), "hook");
}

TEST_F(WebhookCallerTest, AnAnswerIsReplied) {
    web.response.status = 500;
    web.response.body = R"({"sorry": true})";
    auto const subscription = hook(R"("reply":true,"replytag":"answer","replytx":"unpinned")");
    auto const asked = tell({"7"});

    ASSERT_THAT(replies.sent, SizeIs(1));
    auto const& reply = replies.sent[0];
    EXPECT_EQ(reply.cid, asked.message.header.id);
    EXPECT_EQ(reply.group, asked.message.header.group);
    EXPECT_EQ(reply.type, "private");
    EXPECT_EQ(reply.txtype, "unpinned");
    EXPECT_EQ(reply.tag, "answer");
    EXPECT_THAT(reply.topics, ElementsAre("a", "b"));
    EXPECT_TRUE(reply.idempotency_key.starts_with("webhook-reply:" + subscription.id.text() + ":"));
    EXPECT_EQ(reply.data.at(0).value,
              R"({"status":500,"headers":{"Content-Type":"application/json"},"body":{"sorry":true}})");
    EXPECT_EQ(world.stored_position(subscription.id), 0) << "whatever it is, it is the answer";
}

TEST_F(WebhookCallerTest, NoAnswerIsNoReply) {
    web.failure = "nobody is there";
    auto const subscription = hook(R"("reply":true)");
    tell({"7"});
    EXPECT_THAT(replies.sent, IsEmpty());
    EXPECT_EQ(world.stored_position(subscription.id), -1);
    web.failure.clear();
    world.pass(1min);
    EXPECT_THAT(replies.sent, SizeIs(1));
}

TEST_F(WebhookCallerTest, RepliesAreNotRepliedTo) {
    auto const subscription = hook(R"("reply":true)");
    tell({"7"}, true);
    EXPECT_THAT(web.requests, IsEmpty());
    EXPECT_EQ(world.stored_position(subscription.id), 0);
}

// The process died after the reply and before the position.
TEST_F(WebhookCallerTest, WhatWasRepliedIsNotCalledAgain) {
    auto const asked = tell({"7"});
    auto const subscription = hook(R"("reply":true)");
    ASSERT_THAT(replies.sent, SizeIs(1));
    messaging::MessageRow stored;
    stored.message.header.id = world.ids().next();
    stored.message.header.topics = {"a"};
    stored.idempotency_key = replies.sent[0].idempotency_key;
    seal(stored.message);
    auto closure = [stored, id = subscription.id](store::Transaction& tx) {
        messaging::insert(tx, NamespaceId{1}, stored);
        tx.run("UPDATE delivery_offsets SET position = -1 WHERE subscription = ?1", id);
    };
    world.await(world.database().write(std::move(closure)));
    world.serve_webhooks(&web, &replies);

    EXPECT_THAT(web.requests, SizeIs(1));
    EXPECT_THAT(replies.sent, SizeIs(1));
    EXPECT_EQ(world.stored_position(subscription.id), 0);
}

TEST_F(WebhookCallerTest, AReplyThatCannotBeToldIsToldAsAFailure) {
    replies.refusals = {refuse(errors::not_found)};
    hook(R"("reply":true)");
    tell({"7"});
    ASSERT_THAT(replies.sent, SizeIs(1));
    EXPECT_EQ(json::Value{*replies.sent[0].data[0].value}["status"].as_int(), 502);
}

TEST_F(WebhookCallerTest, AReplyThatCannotBeSentAtAllIsTriedAgain) {
    replies.refusals = {refuse(errors::not_found), refuse(errors::not_found)};
    auto const subscription = hook(R"("reply":true)");
    tell({"7"});
    EXPECT_THAT(replies.sent, IsEmpty());
    EXPECT_EQ(world.stored_position(subscription.id), -1);
    world.pass(1min);
    EXPECT_THAT(replies.sent, SizeIs(1));
}

TEST_F(WebhookCallerTest, AnEventWithoutMessageIsTakenByItsStatus) {
    web.response.status = 500;
    auto const subscription = hook(R"("reply":true)");
    log::Event event;
    event.type = log::EventType::transaction_submitted;
    event.reference = world.ids().next();
    world.append_events({event});
    EXPECT_THAT(replies.sent, IsEmpty());
    EXPECT_EQ(world.stored_position(subscription.id), -1);
    web.response.status = 200;
    world.pass(1min);
    EXPECT_EQ(world.stored_position(subscription.id), 0);
}

}  // namespace
}  // namespace lockstep::delivery
