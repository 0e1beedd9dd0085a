// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Webhooks as a dispatcher: when events are taken, tried again and set aside, what stays in order, and what a crash
// repeats. The endpoint is a fake; time is virtual.
#include "delivery/webhook.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "delivery/dead_letters.hpp"
#include "delivery/test_world.hpp"

namespace lockstep::delivery {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// The endpoints of a test: answers what `answer` says, or keeps the call until it is let go.
class FakeWeb final : public net::WebClient {
  public:
    explicit FakeWeb(Clock& clock) : clock_(clock) {}

    std::vector<net::WebRequest> requests;
    std::vector<Instant> times;
    // By the number of the request, from 0; status 0: nobody answers.
    std::function<int(std::size_t)> answer = [](std::size_t) { return 200; };
    net::Headers headers;
    bool holds = false;
    Gate let_go;
    std::size_t under_way = 0, most_under_way = 0;

    Task<net::Response> call(net::WebRequest request) override {
        auto const number = requests.size();
        requests.push_back(std::move(request));
        times.push_back(clock_.instant());
        most_under_way = std::max(most_under_way, ++under_way);
        struct Left {
            std::size_t& count;
            ~Left() { --count; }
        } const left{under_way};
        if (holds) co_await let_go.passed();
        net::Response response;
        response.status = answer(number);
        response.headers = headers;
        if (response.status == 0) throw std::runtime_error("nobody is there");
        co_return response;
    }
    // The sequences of the events that were told, call by call.
    std::vector<std::int64_t> sequences() const {
        std::vector<std::int64_t> out;
        for (auto const& request : requests) {
            json::Value const body{request.body};
            if (body.kind() == json::Kind::object) out.push_back(body["sequence"].as_int().value_or(-1));
            for (auto const& event : body.elements()) out.push_back(event["sequence"].as_int().value_or(-1));
        }
        return out;
    }
    std::vector<Duration> pauses() const {
        std::vector<Duration> out;
        for (std::size_t i = 1; i < times.size(); ++i) out.push_back(times[i] - times[i - 1]);
        return out;
    }

  private:
    Clock& clock_;
};

class WebhookTest : public testing::Test {
  protected:
    WebhookTest() { world.serve_webhooks(&web); }
    ~WebhookTest() override { world.serve_webhooks(nullptr); }

    SubscriptionRow hook(const std::string& options = "", const std::string& name = "hook") {
        return world.create(R"({"name":")" + name +
                            R"(","transport":"webhooks","options":{"firstEvent":"oldest","url":"http://)" + name +
                            "/\"" + (options.empty() ? "" : "," + options) + "}}");
    }
    std::vector<DeadLetter> letters(const Uuid& subscription) {
        auto look = [subscription](store::Snapshot& snapshot) {
            std::vector<DeadLetter> out;
            for (auto const& id : dead_letters_after(snapshot, NamespaceId{1}, subscription, Offset{-1}))
                out.push_back(*find_dead_letter(snapshot, NamespaceId{1}, subscription, id));
            return out;
        };
        return world.await(world.database().read(std::move(look)));
    }
    WebhookStatus status(const std::string& name = "hook") {
        for (auto& one : world.delivery().webhooks()) {
            if (one.name == name) return one;
        }
        throw std::runtime_error("no such webhook");
    }

    World world;
    FakeWeb web{world.loop().clock()};
};

// ---- taking ----

TEST_F(WebhookTest, EachEventIsOneCallInOrder) {
    auto const row = hook();
    world.append({"a", "b", "c"});

    EXPECT_THAT(web.sequences(), ElementsAre(0, 1, 2));
    EXPECT_EQ(web.most_under_way, 1u);
    EXPECT_EQ(web.requests[0].method, "POST");
    EXPECT_EQ(web.requests[0].url, "http://hook/");
    EXPECT_EQ(json::Value{web.requests[0].body}["subscription"]["id"].as_string(), row.id.text());
    EXPECT_EQ(world.stored_position(row.id), 2);
}

TEST_F(WebhookTest, OnlyWhatTheFilterPassesIsTold) {
    world.create(R"({"name":"some","transport":"webhooks","filter":{"topic":"^b"},)"
                 R"("options":{"firstEvent":"oldest","url":"http://x/"}})");
    world.append({"a", "b1", "c", "b2"});
    EXPECT_THAT(web.sequences(), ElementsAre(1, 3));
}

TEST_F(WebhookTest, OnlySuccessAcknowledges) {
    for (auto const status : {0, 199, 301, 302, 304, 400, 404, 410, 500}) {
        web.requests.clear();
        web.answer = [status](std::size_t) { return status; };
        auto const row = hook("", "h" + std::to_string(status));
        world.append({"a"});
        EXPECT_EQ(world.stored_position(row.id), -1) << status;
        EXPECT_EQ(this->status(row.name).failing->status, status);
        world.remove(row.id);
    }
    for (auto const status : {200, 201, 204, 299}) {
        web.answer = [status](std::size_t) { return status; };
        auto const row = hook("", "h" + std::to_string(status));
        world.settle();
        EXPECT_GE(world.stored_position(row.id), 8) << status;
        EXPECT_FALSE(this->status(row.name).failing);
    }
}

TEST_F(WebhookTest, AFailedEventIsTriedAgainBeforeTheNext) {
    web.answer = [](std::size_t number) { return number < 3 ? 503 : 200; };
    hook();
    world.append({"a", "b"});
    world.pass(1min);

    EXPECT_THAT(web.sequences(), ElementsAre(0, 0, 0, 0, 1));
    EXPECT_EQ(web.requests[0].headers.get("webhook-id"), web.requests[3].headers.get("webhook-id"));
    EXPECT_NE(web.requests[0].headers.get("webhook-id"), web.requests[4].headers.get("webhook-id"));
}

TEST_F(WebhookTest, TheWaitGrowsToItsCapWithJitter) {
    web.answer = [](std::size_t) { return 0; };
    hook(R"("retry":{"initialDelay":"1s","maxDelay":"4s","count":1})");
    world.append({"a"});
    world.pass(40s);

    auto const pauses = web.pauses();
    ASSERT_GE(pauses.size(), 6u) << "block tries for ever, whatever the count";
    auto most = Duration{1s};
    for (auto const pause : pauses) {
        EXPECT_GE(pause, most / 2);
        EXPECT_LE(pause, most);
        most = std::min<Duration>(most * 2, 4s);
    }
}

TEST_F(WebhookTest, TheEndpointMayAskForPatience) {
    web.answer = [](std::size_t number) { return number == 0 ? 429 : 200; };
    web.headers.set("Retry-After", "120");
    hook();
    world.append({"a"});
    world.pass(119s);
    EXPECT_THAT(web.requests, SizeIs(1));
    world.pass(2s);
    EXPECT_THAT(web.requests, SizeIs(2));
}

TEST_F(WebhookTest, PatienceHasAnEnd) {
    web.answer = [](std::size_t number) { return number == 0 ? 503 : 200; };
    web.headers.set("Retry-After", "99999999");
    hook();
    world.append({"a"});
    world.pass(61min);
    EXPECT_THAT(web.requests, SizeIs(2));
}

// ---- failing ----

TEST_F(WebhookTest, WhatFailsIsToldToTheOperator) {
    web.answer = [](std::size_t) { return 500; };
    auto const row = hook();
    auto const began = world.loop().clock().now();
    world.append({"a"});
    world.pass(10s);

    auto const seen = status();
    ASSERT_TRUE(seen.failing);
    EXPECT_EQ(seen.subscription, row.id);
    EXPECT_TRUE(seen.serving);
    EXPECT_EQ(seen.under_way, 1u);
    EXPECT_EQ(seen.failing->since, began);
    EXPECT_EQ(seen.failing->attempts, web.requests.size());
    EXPECT_EQ(seen.failing->error, "the endpoint answered with status 500");
    EXPECT_TRUE(seen.failing->event && seen.failing->next_try);
    EXPECT_GT(*seen.failing->next_try, world.loop().clock().now());
}

TEST_F(WebhookTest, WithoutRetryABlockedSubscriptionWaitsForSomebody) {
    web.answer = [](std::size_t number) { return number == 0 ? 500 : 200; };
    auto const row = hook(R"("retry":{"enabled":false})");
    world.append({"a", "b"});
    world.pass(10min);
    EXPECT_THAT(web.requests, SizeIs(1));
    ASSERT_TRUE(status().failing);
    EXPECT_FALSE(status().failing->next_try);

    EXPECT_TRUE(world.delivery().retry_now(row.id));
    world.settle();
    EXPECT_THAT(web.sequences(), ElementsAre(0, 0, 1));
    EXPECT_FALSE(status().failing);
}

TEST_F(WebhookTest, TryingNowIsForWebhooksThatAreThere) {
    world.create(R"({"name":"socket"})");
    auto const socket = *world.await(world.delivery().find_by_name("socket"));
    EXPECT_EQ(code_of(world.delivery().retry_now(socket.id)), "LS10418");
    EXPECT_EQ(code_of(world.delivery().retry_now(Uuid{})), "FF10109");
}

TEST_F(WebhookTest, ADeadEndpointHoldsUpNobodyElse) {
    web.answer = [this](std::size_t number) { return web.requests[number].url == "http://dead/" ? 0 : 200; };
    auto const dead = hook("", "dead");
    auto const alive = hook("", "alive");
    world.create(R"({"name":"socket","options":{"firstEvent":"oldest","readAhead":100}})");
    auto& consumer = world.connect_to("socket");
    for (auto i = 0; i < 20; ++i) world.append({"x", "y"});

    EXPECT_EQ(world.stored_position(alive.id), 39);
    EXPECT_EQ(world.stored_position(dead.id), -1);
    EXPECT_THAT(consumer.frames, SizeIs(40));
}

// ---- dead letters ----

TEST_F(WebhookTest, AfterItsTriesAnEventIsSetAside) {
    web.answer = [](std::size_t number) { return number < 3 ? 500 : 200; };
    auto const row = hook(R"("onFailure":"deadLetter","retry":{"count":2})");
    world.append({"a", "b"});
    world.pass(1min);

    EXPECT_THAT(web.sequences(), ElementsAre(0, 0, 0, 1));
    auto const found = letters(row.id);
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].sequence, Offset{0});
    EXPECT_EQ(found[0].attempts, 3u);
    EXPECT_EQ(found[0].status, 500);
    EXPECT_EQ(found[0].topic, "a");
    EXPECT_EQ(found[0].error, "the endpoint answered with status 500");
    EXPECT_EQ(world.stored_position(row.id), 1);
}

TEST_F(WebhookTest, WithoutRetryOneAttemptIsEnough) {
    web.answer = [](std::size_t) { return 0; };
    auto const row = hook(R"("onFailure":"deadLetter","retry":{"enabled":false})");
    world.append({"a", "b"});

    EXPECT_THAT(web.sequences(), ElementsAre(0, 1));
    EXPECT_THAT(letters(row.id), SizeIs(2));
    EXPECT_EQ(letters(row.id)[0].error, "nobody is there");
}

TEST_F(WebhookTest, ADeadLetterIsSentAgainOnRequest) {
    web.answer = [](std::size_t number) { return number < 2 ? 500 : 200; };
    auto const row = hook(R"("onFailure":"deadLetter","retry":{"enabled":false})");
    world.append({"a"});
    auto const event = letters(row.id).at(0).event;

    auto const failed = world.await(world.delivery().redrive(row.id, event));
    EXPECT_EQ(code_of(failed), "LS10416");
    EXPECT_EQ(letters(row.id).at(0).attempts, 2u);

    EXPECT_EQ(code_of(world.await(world.delivery().redrive(row.id, event))), "none");
    EXPECT_THAT(letters(row.id), IsEmpty());
    EXPECT_THAT(web.sequences(), ElementsAre(0, 0, 0));
    EXPECT_EQ(web.requests[0].headers.get("webhook-id"), web.requests[2].headers.get("webhook-id"));
    EXPECT_EQ(code_of(world.await(world.delivery().redrive(row.id, event))), "FF10109");
}

TEST_F(WebhookTest, ADeadLetterCanBeRemovedAndGoesWithItsSubscription) {
    web.answer = [](std::size_t) { return 500; };
    auto const row = hook(R"("onFailure":"deadLetter","retry":{"enabled":false})");
    world.append({"a", "b"});
    auto const event = letters(row.id).at(0).event;
    EXPECT_EQ(code_of(world.await(world.delivery().remove_dead_letter(row.id, event))), "none");
    EXPECT_EQ(code_of(world.await(world.delivery().remove_dead_letter(row.id, event))), "FF10109");
    EXPECT_THAT(letters(row.id), SizeIs(1));

    world.remove(row.id);
    EXPECT_THAT(letters(row.id), IsEmpty());
    EXPECT_EQ(code_of(world.await(world.delivery().redrive(row.id, event))), "FF10109");
}

// ---- in parallel, in batches ----

TEST_F(WebhookTest, FastackCallsInParallelAndKeepsThePositionContiguous) {
    web.holds = true;
    web.answer = [this](std::size_t number) {
        return json::Value{web.requests[number].body}["sequence"].as_int() == 1 && number < 5 ? 500 : 200;
    };
    auto const row = hook(R"("fastack":true)");
    world.append({"a", "b", "c", "d", "e"});
    EXPECT_EQ(web.under_way, 5u);
    EXPECT_EQ(world.stored_position(row.id), -1);

    web.let_go.open();
    world.settle();
    EXPECT_EQ(world.stored_position(row.id), 0) << "the second is not taken";
    world.pass(1s);
    EXPECT_EQ(world.stored_position(row.id), 4);
    EXPECT_THAT(web.requests, SizeIs(6));
}

TEST_F(WebhookTest, BatchesAreArrays) {
    auto const row = hook(R"("batch":true,"readAhead":3,"batchTimeout":"10s")");
    world.append({"a", "b", "c", "d"});
    EXPECT_THAT(web.sequences(), ElementsAre(0, 1, 2));
    EXPECT_THAT(web.requests, SizeIs(1));
    world.pass(11s);
    EXPECT_THAT(web.sequences(), ElementsAre(0, 1, 2, 3));
    EXPECT_THAT(web.requests, SizeIs(2));
    EXPECT_EQ(world.stored_position(row.id), 3);
}

TEST_F(WebhookTest, OfABatchThatIsNotTakenEachEventIsSetAside) {
    web.answer = [](std::size_t number) { return number == 0 ? 500 : 200; };
    auto const row = hook(R"("batch":true,"batchTimeout":"0","onFailure":"deadLetter","retry":{"enabled":false})");
    world.append({"a", "b"});
    auto const found = letters(row.id);
    ASSERT_THAT(found, SizeIs(2));
    EXPECT_EQ(code_of(world.await(world.delivery().redrive(row.id, found[1].event))), "none");
    EXPECT_THAT(web.sequences(), ElementsAre(0, 1, 1)) << "an array of one";
}

// ---- what happens to subscriptions and processes ----

TEST_F(WebhookTest, AfterACrashItGoesOnFromThePosition) {
    web.answer = [](std::size_t number) { return number < 2 ? 200 : 500; };
    auto const row = hook();
    world.append({"a", "b", "c"});
    EXPECT_THAT(web.sequences(), ElementsAre(0, 1, 2));
    web.requests.clear();
    web.answer = [](std::size_t) { return 200; };
    world.crash();
    world.append({"d"});

    EXPECT_THAT(web.sequences(), ElementsAre(2, 3));
    EXPECT_EQ(world.stored_position(row.id), 3);
}

TEST_F(WebhookTest, WhatWasSetAsideIsNotCalledAgainAfterACrash) {
    // The first has no answer yet; the second is set aside meanwhile; the position stays before both.
    web.answer = [](std::size_t) { return 500; };
    web.holds = true;
    auto const row = hook(R"("fastack":true,"onFailure":"deadLetter","retry":{"enabled":false})");
    world.append({"a"});
    web.holds = false;
    world.append({"b"});
    EXPECT_THAT(letters(row.id), SizeIs(1));
    EXPECT_EQ(world.stored_position(row.id), -1);
    web.requests.clear();
    web.answer = [](std::size_t) { return 200; };
    world.crash();
    world.append({"c"});

    EXPECT_THAT(web.sequences(), ElementsAre(0, 2));
    EXPECT_THAT(letters(row.id), SizeIs(1)) << "it waits for somebody";
    EXPECT_EQ(world.stored_position(row.id), 2);
}

TEST_F(WebhookTest, AChangeTakesBackWhatIsUnderWay) {
    web.holds = true;
    hook();
    world.append({"a"});
    EXPECT_EQ(web.under_way, 1u);
    web.holds = false;
    world.replace(R"({"name":"hook","transport":"webhooks","options":{"url":"http://other/"}})");

    EXPECT_EQ(web.under_way, 0u);
    ASSERT_THAT(web.requests, SizeIs(2));
    EXPECT_EQ(web.requests[1].url, "http://other/");
    EXPECT_THAT(web.sequences(), ElementsAre(0, 0));
}

TEST_F(WebhookTest, RemovingEndsTheCalls) {
    web.holds = true;
    auto const row = hook();
    world.append({"a"});
    world.remove(row.id);
    EXPECT_EQ(web.under_way, 0u);
    world.append({"b"});
    EXPECT_THAT(web.requests, SizeIs(1));
    EXPECT_THAT(world.delivery().webhooks(), IsEmpty());
}

TEST_F(WebhookTest, ASocketDoesNotServeAWebhookNorTheOtherWayRound) {
    hook();
    auto& consumer = world.connect_to("hook");
    world.append({"a"});
    EXPECT_THAT(consumer.frames, IsEmpty());
    EXPECT_THAT(web.requests, SizeIs(1));

    world.replace(R"({"name":"hook","transport":"websockets"})");
    world.append({"b"});
    EXPECT_THAT(consumer.sequences(), ElementsAre(1));
    EXPECT_THAT(web.requests, SizeIs(1));

    consumer.ack_all();
    world.settle();
    world.replace(R"({"name":"hook","transport":"webhooks","options":{"url":"http://hook/"}})");
    world.append({"c"});
    EXPECT_THAT(consumer.sequences(), ElementsAre(1));
    EXPECT_THAT(web.sequences(), ElementsAre(0, 2));
}

TEST_F(WebhookTest, ANodeThatStopsBeginsNoOtherCall) {
    hook();
    world.delivery().refuse_new();
    world.append({"a"});
    EXPECT_THAT(web.requests, IsEmpty());
}

// ---- signatures ----

TEST_F(WebhookTest, SecretsSignAreKeptAndNeverShown) {
    auto const secrets = R"("signingSecrets":["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])";
    auto const row = hook(secrets);
    EXPECT_EQ(subscription_json(row, "default").find("whsec"), std::string::npos);
    world.append({"a"});
    auto const signed_once = web.requests.at(0).headers;
    EXPECT_TRUE(signed_once.get("webhook-signature").starts_with("v1,"));
    EXPECT_EQ(signed_once.get("webhook-timestamp"), std::to_string(world.loop().clock().now().ns / 1'000'000'000));

    // A change that does not speak of them leaves them; an empty list takes them away.
    world.replace(R"({"name":"hook","transport":"webhooks","options":{"url":"http://other/"}})");
    world.append({"b"});
    EXPECT_TRUE(web.requests.at(1).headers.has("webhook-signature"));
    world.replace(R"({"name":"hook","transport":"webhooks","options":{"url":"http://other/","signingSecrets":[]}})");
    world.append({"c"});
    EXPECT_FALSE(web.requests.at(2).headers.has("webhook-signature"));
    EXPECT_TRUE(web.requests.at(2).headers.has("webhook-id"));
}

TEST_F(WebhookTest, WithoutAClientASubscriptionIsKept) {
    world.serve_webhooks(nullptr);
    auto const row = hook();
    world.append({"a"});
    EXPECT_FALSE(status().serving);
    EXPECT_EQ(code_of(world.delivery().retry_now(row.id)), "LS10418");
    world.serve_webhooks(&web);
    EXPECT_THAT(web.sequences(), ElementsAre(0));
}

}  // namespace
}  // namespace lockstep::delivery
