// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "api/test_world.hpp"

namespace lockstep::api {
namespace {

std::vector<std::string> ids_of(const net::Response& response) {
    std::vector<std::string> ids;
    Shown const shown(response);
    auto const items = shown.value().kind() == json::Kind::array ? shown.elements() : shown["items"].elements();
    for (auto const& item : items) {
        auto const header = item["header"];
        ids.push_back((header.exists() ? header["id"] : item["id"]).as_string().value_or(""));
    }
    return ids;
}

using Ids = std::vector<std::string>;

TEST(Messages, a_broadcast_is_accepted_and_can_be_read_at_once) {
    TestWorld world;

    auto const sent =
        world.post("messages/broadcast",
                   R"({ "header": {"topics": ["t"], "tag": "go"}, "data": [{"value": {"n": 1.0}}], "unknown": 1 })");
    Shown const message(sent);
    auto const id = message["header"]["id"].as_string().value_or("");

    EXPECT_EQ(sent.status, 202);
    EXPECT_EQ(message["state"].as_string(), "ready");
    EXPECT_EQ(message["header"]["author"].as_string(), "did:firefly:org/org_0");
    EXPECT_EQ(world.get("messages/" + id).body, sent.body);
    EXPECT_EQ(Shown(world.get("messages/" + id + "?fetchdata"))["data"].elements().at(0)["value"].text(),
              R"({"n":1.0})");
    EXPECT_EQ(Shown(world.get("messages/" + id + "/data")).elements().at(0)["value"].text(), R"({"n":1.0})");
    EXPECT_EQ(ids_of(world.get("messages?tag=go")), Ids{id});
    EXPECT_EQ(world.get("messages?tag=stop").body, "[]\n");
    EXPECT_EQ(code_of(world.get("messages/" + id + "/transaction")), "FF10209");
}

TEST(Messages, plain_text_as_content_type_leaves_the_input_empty) {
    TestWorld world;
    net::Headers headers;
    headers.set("Content-Type", "text/plain");

    auto const sent = world.request("POST", "messages/broadcast", R"({"data":[{"value":1}]})", headers);

    EXPECT_EQ(sent.status, 202);
    EXPECT_EQ(Shown(sent)["data"].elements().size(), 0U);
}

TEST(Messages, with_confirm_the_answer_waits_for_the_message_to_be_settled) {
    TestWorld world;
    net::Response answer;
    auto ended = false;
    auto request = TestWorld::make_request("POST", "messages/broadcast?confirm=true", R"({"data":[{"value":1}]})",
                                           TestWorld::json_type());
    asio::co_spawn(world.loop().context(), world.api().handle(std::move(request)),
                   [&](std::exception_ptr, net::Response response) {
                       answer = std::move(response);
                       ended = true;
                   });
    world.loop().settle();
    ASSERT_FALSE(ended);

    auto const waiting = ids_of(world.get("messages"));
    ASSERT_EQ(waiting.size(), 1U);
    world.settle(*Uuid::parse(waiting.front()), MessageState::confirmed);
    world.loop().settle();

    ASSERT_TRUE(ended);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(Shown(answer)["state"].as_string(), "confirmed");
    EXPECT_EQ(ids_of(world.get("messages/" + waiting.front() + "/events")).size(), 1U);
}

TEST(Messages, with_confirm_a_rejection_is_the_answer_with_its_reason) {
    TestWorld world;
    net::Response answer;
    auto request = TestWorld::make_request("POST", "messages/broadcast?confirm", R"({"data":[{"value":1}]})",
                                           TestWorld::json_type());
    asio::co_spawn(world.loop().context(), world.api().handle(std::move(request)),
                   [&](std::exception_ptr, net::Response response) { answer = std::move(response); });
    world.loop().settle();

    world.settle(*Uuid::parse(ids_of(world.get("messages")).front()), MessageState::rejected, "FF10407: taken");
    world.loop().settle();

    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(code_of(answer), "FF10269");
    EXPECT_NE(answer.body.find("FF10407: taken"), std::string::npos);
}

TEST(Messages, with_confirm_the_wait_ends_at_the_deadline_and_the_message_goes_its_way) {
    TestWorld world;
    auto headers = TestWorld::json_type();
    headers.set("Request-Timeout", "1s");
    auto const began = world.clock().instant();

    auto const answer = world.request("POST", "messages/broadcast?confirm", R"({"data":[{"value":1}]})", headers);

    EXPECT_EQ(answer.status, 408);
    EXPECT_EQ(code_of(answer), "FF10260");
    EXPECT_EQ(world.clock().instant() - began, 1s);
    EXPECT_EQ(ids_of(world.get("messages?state=ready")).size(), 1U);
}

TEST(Messages, a_second_use_of_an_idempotency_key_is_told_by_its_number) {
    TestWorld world;
    auto const body = R"({"idempotencyKey":"once","data":[{"value":1}]})";
    world.post("messages/broadcast", body);

    auto const again = world.post("messages/broadcast", body);

    EXPECT_EQ(again.status, 409);
    EXPECT_EQ(code_of(again), "FF10430");
}

TEST(Messages, what_is_not_settled_comes_first_then_the_newest) {
    TestWorld world;
    std::vector<Uuid> sent;
    for (auto i = 0; i < 4; ++i) {
        sent.push_back(world.broadcast("t"));
        world.await(world.clock().sleep(1s));
    }
    world.settle(sent[2], MessageState::confirmed);
    world.await(world.clock().sleep(1s));
    world.settle(sent[0], MessageState::confirmed);
    auto const texts = [&](std::initializer_list<int> order) {
        Ids ids;
        for (auto const i : order) ids.push_back(sent[static_cast<std::size_t>(i)].text());
        return ids;
    };

    EXPECT_EQ(ids_of(world.get("messages")), texts({3, 1, 0, 2}));
    EXPECT_EQ(ids_of(world.get("messages?limit=2")), texts({3, 1}));
    EXPECT_EQ(ids_of(world.get("messages?skip=1&limit=2")), texts({1, 0}));
    EXPECT_EQ(ids_of(world.get("messages?ascending")), texts({2, 0, 1, 3}));
    EXPECT_EQ(ids_of(world.get("messages?sort=created")), texts({0, 1, 2, 3}));
    EXPECT_EQ(ids_of(world.get("messages?sort=-sequence")), texts({3, 2, 1, 0}));
    EXPECT_EQ(ids_of(world.get("messages?sort=nope")), texts({3, 1, 0, 2}));
    EXPECT_EQ(ids_of(world.get("messages?confirmed=?")), texts({3, 1}));
    EXPECT_EQ(ids_of(world.get("messages?confirmed=!?")), texts({0, 2}));
    EXPECT_EQ(ids_of(world.get("messages?confirmed=>0")), texts({0, 2}));
    EXPECT_EQ(ids_of(world.get("messages?id=" + sent[1].text() + "&id=" + sent[2].text())), texts({1, 2}));
    EXPECT_EQ(ids_of(world.get("messages?sequence=>1&sequence=[<4")), texts({1, 2}));

    Shown const counted(world.get("messages?limit=1&count&state=confirmed"));
    EXPECT_EQ(counted["count"].as_int(), 1);
    EXPECT_EQ(counted["total"].as_int(), 2);
    EXPECT_EQ(counted["items"].elements().size(), 1U);
}

TEST(Messages, texts_are_matched_with_and_without_case) {
    TestWorld world;
    auto const upper = world.broadcast("Orders-EU").text(), lower = world.broadcast("orders-us").text();

    EXPECT_EQ(ids_of(world.get("messages?topics=Orders-EU")), Ids{upper});
    EXPECT_EQ(ids_of(world.get("messages?topics=^orders")), Ids{lower});
    EXPECT_EQ(ids_of(world.get("messages?topics=:^orders&sort=sequence")), (Ids{upper, lower}));
    EXPECT_EQ(ids_of(world.get("messages?topics=!:$eu")), Ids{lower});
    EXPECT_EQ(ids_of(world.get("messages?topics=!:@ORDERS-E")), Ids{lower});
    EXPECT_EQ(ids_of(world.get("messages?topics=:orders-eu")), Ids{upper});
}

TEST(Data, a_value_is_stored_found_read_and_deleted) {
    TestWorld world;

    auto const stored = world.post("data", R"({ "value": { "early" : true } })");
    auto const id = Shown(stored)["id"].as_string().value_or("");

    EXPECT_EQ(stored.status, 201);
    EXPECT_EQ(world.get("data/" + id).body, stored.body);
    EXPECT_EQ(world.get("data/" + id + "/value").body, "{\"early\":true}\n");
    EXPECT_EQ(ids_of(world.get("data?value=@early")), Ids{id});
    EXPECT_EQ(world.get("data/" + id + "/messages").body, "[]\n");

    auto const deleted = world.request("DELETE", "data/" + id);
    EXPECT_EQ(deleted.status, 204);
    EXPECT_EQ(deleted.body, "");
    EXPECT_EQ(deleted.content_type, "");
    EXPECT_EQ(code_of(world.get("data/" + id)), "FF00164");
}

TEST(Data, what_a_message_has_stays_with_it) {
    TestWorld world;
    auto const id = Shown(world.post("data", R"({"value":1})"))["id"].as_string().value_or("");
    auto const body = R"({"data":[{"id":")" + id + R"("},{"value":2}]})";
    Shown const sent(world.post("messages/broadcast", body));
    auto const message = sent["header"]["id"].as_string().value_or("");
    auto const inline_id = sent["data"].elements().at(1)["id"].as_string().value_or("");

    EXPECT_EQ(ids_of(world.get("data/" + id + "/messages")), Ids{message});
    EXPECT_EQ(ids_of(world.get("data/" + inline_id + "/messages?limit=1")), Ids{message});
    EXPECT_EQ(world.request("DELETE", "data/" + id).status, 409);
    EXPECT_EQ(world.request("DELETE", "data/" + inline_id).status, 409);
}

TEST(Network, the_claim_of_the_member_is_answered_as_it_was_made) {
    TestWorld world;

    auto const answer = world.post("network/nodes/self", "{}");

    EXPECT_EQ(answer.status, 202);
    EXPECT_EQ(Shown(answer)["did"].as_string(), "did:firefly:node/node_0");
    EXPECT_EQ(Shown(answer)["parent"].as_string(), world.org.id.text());
    auto const claim = Shown(answer)["messages"]["claim"].as_string().value_or("");
    EXPECT_EQ(Shown(world.get("messages/" + claim))["header"]["tag"].as_string(), "ff_identity_claim");
}

TEST(Subscriptions, are_made_changed_listed_and_deleted) {
    TestWorld world;

    auto const made = world.post("subscriptions", R"({"name":"app1","options":{"readAhead":5}})");
    auto const id = Shown(made)["id"].as_string().value_or("");
    auto const changed =
        world.request("PUT", "subscriptions", R"({"name":"app1","options":{"readAhead":7}})", TestWorld::json_type());

    EXPECT_EQ(made.status, 201);
    EXPECT_EQ(changed.status, 200);
    EXPECT_EQ(Shown(changed)["id"].as_string(), id);
    EXPECT_EQ(world.get("subscriptions/" + id).body, changed.body);
    EXPECT_TRUE(Shown(world.get("subscriptions/" + id + "?fetchstatus"))["status"]["currentOffset"].exists());
    EXPECT_EQ(ids_of(world.get("subscriptions?name=app1")), Ids{id});
    EXPECT_EQ(ids_of(world.get("subscriptions?name=^other")), Ids{});
    EXPECT_EQ(world.request("DELETE", "subscriptions/" + id).status, 204);
    EXPECT_EQ(world.get("subscriptions").body, "[]\n");
}

TEST(Subscriptions, show_past_events_that_pass_their_filter_always_with_counts) {
    TestWorld world;
    auto const id =
        Shown(world.post("subscriptions", R"({"name":"app1","filter":{"topic":"^a"}})"))["id"].as_string().value_or("");
    auto const events = world.append({"a1", "b", "a2", "a3"});

    Shown const all(world.get("subscriptions/" + id + "/events"));
    EXPECT_EQ(all["count"].as_int(), 3);
    EXPECT_EQ(ids_of(world.get("subscriptions/" + id + "/events?limit=1")), Ids{events[3].text()});
    EXPECT_EQ(ids_of(world.get("subscriptions/" + id + "/events?sort=sequence&topic=!a2")),
              (Ids{events[0].text(), events[3].text()}));
    EXPECT_EQ(ids_of(world.get("subscriptions/" + id + "/events?startsequence=0&endsequence=1")),
              Ids{events[0].text()});
    EXPECT_EQ(code_of(world.get("subscriptions/" + id + "/events?startsequence=0&endsequence=5000")), "FF10463");
    EXPECT_EQ(code_of(world.get("subscriptions/" + id + "/events?startsequence=x")), "FF10464");
}

}  // namespace
}  // namespace lockstep::api
