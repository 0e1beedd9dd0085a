// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What a webhook is told (firefly-core.md 13.2) and what its answer means (13.3). The cases of `mapped`, `get` and
// `batch` are those that were recorded from the original, but for values that are no objects: it loses them.
#include "delivery/webhook_request.hpp"

#include <gtest/gtest.h>

namespace lockstep::delivery {
namespace {

using namespace std::string_view_literals;

WebhookOptions hook(const std::string& members) {
    auto const text = R"({"url":"http://hook.test/mapped")" + (members.empty() ? "" : "," + members) + "}";
    return *parse_webhook_options(json::Value{text});
}

const std::string rich = R"({"b":{"the":"body"},"h":{"x-dyn":"d"},"p":"/sub/seg ment","q":{"k":"v w","n":1}})";
const std::string mapped = R"("method":"PUT","headers":{"x-static":"h"},"query":{"s":"q"},)"
                           R"("input":{"path":"p","query":"q","headers":"h","body":"b"})";

HookEvent with_values(std::vector<std::string> values) {
    HookEvent event;
    event.id = *Uuid::parse("0f1a07cc-d49f-4da6-8beb-5c39f7833e82");
    event.delivery = R"({"id":"0f1a07cc-d49f-4da6-8beb-5c39f7833e82"})";
    event.values = std::move(values);
    return event;
}
HookCall called(const std::string& options, std::vector<std::string> values) {
    return make_hook_call(hook(options), {with_values(std::move(values))}, false);
}

TEST(WebhookCall, takes_path_query_headers_and_body_out_of_the_data) {
    auto const call = called(mapped, {rich});
    EXPECT_EQ(call.method, "PUT");
    EXPECT_EQ(call.url, "http://hook.test/mapped/sub/seg%20ment?k=v+w&n=1&s=q");
    EXPECT_EQ(call.body, R"({"the":"body"})");
    EXPECT_EQ(call.headers.get("X-Dyn"), "d");
    EXPECT_EQ(call.headers.get("X-Static"), "h");
    EXPECT_EQ(call.headers.get("Content-Type"), "application/json");
}

TEST(WebhookCall, without_the_mapped_members_is_the_static_one) {
    for (auto const& values : {std::vector<std::string>{"7"}, {"1", R"({"two":2})"}, {}, {R"({"b":null})"}}) {
        auto const call = called(mapped, values);
        EXPECT_EQ(call.url, "http://hook.test/mapped?s=q");
        EXPECT_EQ(call.body, "{}");
    }
}

TEST(WebhookCall, sends_one_object_several_values_or_the_event) {
    EXPECT_EQ(called("", {rich}).body, rich);
    EXPECT_EQ(called("", {"1", R"({"two":2})"}).body, R"([1,{"two":2}])");
    EXPECT_EQ(called("", {}).body, R"({"id":"0f1a07cc-d49f-4da6-8beb-5c39f7833e82"})");
}

TEST(WebhookCall, keeps_a_value_that_is_no_object) {
    EXPECT_EQ(called("", {"42"}).body, R"({"value":42})");
    EXPECT_EQ(called("", {R"(["a"])"}).body, R"({"value":["a"]})");
    EXPECT_EQ(called(R"("input":{"body":"b"})", {R"({"b":"text"})"}).body, R"("text")");
}

TEST(WebhookCall, has_a_body_only_where_one_is_meant) {
    for (auto const* const method : {"POST", "PUT", "PATCH", "patch"})
        EXPECT_EQ(called(R"("method":")" + std::string(method) + "\"", {rich}).body, rich) << method;
    for (auto const* const method : {"GET", "DELETE", "HEAD", "OPTIONS"})
        EXPECT_EQ(called(R"("method":")" + std::string(method) + "\"", {rich}).body, "") << method;
}

TEST(WebhookCall, of_a_batch_is_an_array_without_mappings) {
    auto const call = make_hook_call(hook(R"("query":{"s":"q"},"input":{"path":"p","query":"q"})"),
                                     {with_values({rich}), with_values({"7"}), with_values({"1", "2"})}, true);
    EXPECT_EQ(call.url, "http://hook.test/mapped?s=q");
    EXPECT_EQ(call.body, "[" + rich + R"(,{"value":7},[1,2]])");
}

TEST(WebhookCall, data_does_not_lead_elsewhere) {
    auto const options = R"("input":{"path":"p","headers":"h","query":"q"})";
    auto const path = [&](const std::string& p) { return called(options, {R"({"p":")" + p + "\"}"}).url; };
    EXPECT_EQ(path("../../admin"), "http://hook.test/mapped/admin");
    EXPECT_EQ(path("a/./b//c/.."), "http://hook.test/mapped/a/b/c");
    EXPECT_EQ(path("x?y#z"), "http://hook.test/mapped/x%3Fy%23z");
    EXPECT_EQ(path("%2e%2e/a"), "http://hook.test/mapped/%252e%252e/a");
    EXPECT_EQ(path(R"(a\r\nb)"), "http://hook.test/mapped/a%0D%0Ab");

    auto const call =
        called(options,
               {R"({"h":{"Host":"other","content-length":"0","Transfer-Encoding":"chunked","Webhook-Signature":"v1,x",)"
                R"("a b":"c","ok":"a\r\nevil: 1","fine":"yes","n":7,"none":null},"q":{"a&b":"c=d&e","o":{"x":1}}})"});
    for (auto const* const name : {"Host", "Content-Length", "Transfer-Encoding", "Webhook-Signature", "a b", "ok"})
        EXPECT_FALSE(call.headers.has(name)) << name;
    EXPECT_EQ(call.headers.get("fine"), "yes");
    EXPECT_EQ(call.headers.get("n"), "7");
    EXPECT_EQ(call.url, "http://hook.test/mapped?a%26b=c%3Dd%26e&o=%7B%22x%22%3A1%7D");
}

TEST(WebhookCall, keeps_the_query_of_its_url_and_drops_the_fragment) {
    auto options = hook(R"("query":{"s":"q"},"input":{"path":"p"})");
    options.url = "http://hook.test/a/?k=1#f";
    EXPECT_EQ(make_hook_call(options, {with_values({R"({"p":"b"})"})}, false).url, "http://hook.test/a/b?k=1&s=q");
}

TEST(WebhookCall, is_known_by_subscription_and_events) {
    Uuid one, other;
    other.bytes[0] = 1;
    auto event = with_values({});
    auto const single = hook_call_id(one, {event});
    EXPECT_EQ(single, "0f1a07cc-d49f-4da6-8beb-5c39f7833e82_00000000-0000-0000-0000-000000000000");
    EXPECT_NE(single, hook_call_id(other, {event}));
    EXPECT_NE(hook_call_id(one, {event, event}), hook_call_id(one, {event, event, event}));
    EXPECT_EQ(hook_call_id(one, {event, event}), hook_call_id(one, {event, event}));
}

TEST(WebhookReply, is_pinned_unless_told_otherwise) {
    auto const type = [](const std::string& options, const std::string& value) {
        return reply_tx_type(hook(options), with_values({value}));
    };
    EXPECT_EQ(type("", "{}"), "batch_pin");
    EXPECT_EQ(type(R"("replytx":"unpinned")", "{}"), "unpinned");
    EXPECT_EQ(type(R"("replytx":"unpinned","input":{"replytx":"tx"})", R"({"tx":"true"})"), "batch_pin");
    EXPECT_EQ(type(R"("replytx":"unpinned","input":{"replytx":"tx"})", R"({"tx":true})"), "batch_pin");
    EXPECT_EQ(type(R"("input":{"replytx":"tx"})", R"({"tx":"unpinned"})"), "unpinned");
    EXPECT_EQ(type(R"("replytx":"unpinned","input":{"replytx":"tx"})", "{}"), "unpinned");
}

net::Response answer(int status, const std::string& type, const std::string& body) {
    net::Response response{status, type, body, {}};
    response.headers.list = {{"x-hook", "yes"}, {"content-type", type}, {"X-Hook", "again"}};
    return response;
}

TEST(WebhookAnswer, is_an_object_of_status_headers_and_body) {
    EXPECT_EQ(
        *hook_answer_object(hook(""), answer(201, "application/json", R"({"answer": "from the hook", "n": 1.5})")),
        R"({"status":201,"headers":{"Content-Type":"application/json","X-Hook":"yes"},)"
        R"("body":{"answer":"from the hook","n":1.5}})");
    EXPECT_EQ(*hook_answer_object(hook(""), answer(200, "text/plain", "plain answer")),
              R"({"status":200,"headers":{"Content-Type":"text/plain","X-Hook":"yes"},"body":"cGxhaW4gYW5zd2Vy"})");
    EXPECT_EQ(*hook_answer_object(hook(R"("json":true)"), answer(200, "text/plain", "7")),
              R"({"status":200,"headers":{"Content-Type":"text/plain","X-Hook":"yes"},"body":7})");
}

TEST(WebhookAnswer, that_should_be_json_and_is_not_is_a_failed_one) {
    auto const object = hook_answer_object(hook(""), answer(200, "application/json; charset=utf-8", "<html>"));
    ASSERT_FALSE(object);
    EXPECT_EQ(object.error().code(), "FF10257");
    EXPECT_EQ(failed_answer_object("a \"b\""), R"({"status":502,"headers":{},"body":{"error":"a \"b\""}})");
}

TEST(WebhookAnswer, says_when_to_come_again) {
    auto const now = *Time::parse("1994-11-06T08:49:00Z");
    auto const after = [&](const std::string& value) {
        net::Response response;
        response.headers.set("retry-after", value);
        return retry_after(response, now);
    };
    EXPECT_EQ(after("120"), 120s);
    EXPECT_EQ(after("0"), 0s);
    EXPECT_EQ(after("-5"), 0s);
    EXPECT_EQ(after("99999999999999"), 86'400s * 365);
    EXPECT_EQ(after("Sun, 06 Nov 1994 08:49:37 GMT"), 37s);
    EXPECT_EQ(after("Sun, 06 Nov 1994 07:49:37 GMT"), 0s);
    for (auto const* const bad :
         {"soon", "1.5", "1 s", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 EST",
          "Sun, 06 Xyz 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT", "99999999999999999999999"})
        EXPECT_EQ(after(bad), std::nullopt) << bad;
    EXPECT_EQ(retry_after({}, now), std::nullopt);
}

// ---- options ----

TEST(WebhookOptions, have_the_defaults_of_the_original_but_retry) {
    auto const options = hook("");
    EXPECT_EQ(options.method, "POST");
    EXPECT_TRUE(options.with_data);
    EXPECT_FALSE(options.fastack || options.reply || options.json);
    EXPECT_TRUE(options.retry.enabled);
    EXPECT_EQ(options.retry.count, 5u);
    EXPECT_EQ(options.retry.first, 250ms);
    EXPECT_EQ(options.retry.most, 30s);
    EXPECT_EQ(options.on_failure, WebhookOptions::OnFailure::block);
    EXPECT_EQ(options.timeout, 30s);
}

TEST(WebhookOptions, are_read) {
    auto const options =
        hook(R"("fastack":true,"onFailure":"deadLetter","retry":{"enabled":false,"count":2,"initialDelay":"1s",)"
             R"("maxDelay":500},"httpOptions":{"requestTimeout":"5s","maxIdleConns":3,"expectContinueTimeout":"1s"})");
    EXPECT_TRUE(options.fastack);
    EXPECT_EQ(options.on_failure, WebhookOptions::OnFailure::dead_letter);
    EXPECT_FALSE(options.retry.enabled);
    EXPECT_EQ(options.retry.count, 2u);
    EXPECT_EQ(options.retry.first, 500ms) << "not above maxDelay";
    EXPECT_EQ(options.timeout, 5s);
    EXPECT_EQ(options.idle_max, 3u);
    EXPECT_FALSE(hook(R"("fastack":true,"reply":true)").fastack) << "ignored with reply";
}

TEST(WebhookOptions, are_refused_with_a_number) {
    struct Row {
        const char* options;
        std::string_view code;
    };
    for (auto const& [options, code] :
         std::initializer_list<Row>{{"{}", "FF10242"},
                                    {R"({"url":""})", "FF10242"},
                                    {R"({"url":7})", "FF10189"},
                                    {R"({"url":"ftp://x/"})", "LS10410"},
                                    {R"({"url":"http:///x"})", "LS10410"},
                                    {R"({"url":"http://user:pass@x/"})", "LS10410"},
                                    {R"({"url":"http://x:99999/"})", "LS10410"},
                                    {R"({"url":"http://x/a b"})", "LS10410"},
                                    {R"({"url":"http://x/\r\nb"})", "LS10410"},
                                    {R"({"url":"file:///etc/passwd"})", "LS10410"},
                                    {R"({"url":"http://x/","headers":{"a":1}})", "FF10243"},
                                    {R"({"url":"http://x/","headers":[]})", "FF10243"},
                                    {R"({"url":"http://x/","query":{"a":null}})", "FF10243"},
                                    {R"({"url":"http://x/","headers":{"a b":"c"}})", "LS10415"},
                                    {R"({"url":"http://x/","headers":{"Host":"c"}})", "LS10415"},
                                    {R"({"url":"http://x/","headers":{"webhook-id":"c"}})", "LS10415"},
                                    {R"({"url":"http://x/","headers":{"a":"b\nc"}})", "LS10415"},
                                    {R"({"url":"http://x/","method":"A B"})", "FF10189"},
                                    {R"({"url":"http://x/","method":"CONNECT"})", "FF10189"},
                                    {R"({"url":"http://x/","json":"yes"})", "FF10189"},
                                    {R"({"url":"http://x/","input":"b"})", "FF10189"},
                                    {R"({"url":"http://x/","input":{"body":1}})", "FF10189"},
                                    {R"({"url":"http://x/","retry":true})", "FF10189"},
                                    {R"({"url":"http://x/","retry":{"count":-1}})", "FF10189"},
                                    {R"({"url":"http://x/","retry":{"initialDelay":"soon"}})", "FF00137"},
                                    {R"({"url":"http://x/","retry":{"maxDelay":"0s"}})", "FF10189"},
                                    {R"({"url":"http://x/","retry":{"maxDelay":"48h"}})", "FF10189"},
                                    {R"({"url":"http://x/","onFailure":"forget"})", "FF10189"},
                                    {R"({"url":"http://x/","httpOptions":{"requestTimeout":"1h"}})", "FF10189"},
                                    {R"({"url":"http://x/","httpOptions":{"proxyURL":"http://p:3128"}})", "LS10414"}}) {
        auto const parsed = parse_webhook_options(json::Value{std::string_view(options)});
        ASSERT_FALSE(parsed) << options;
        EXPECT_EQ(parsed.error().code(), code) << options << ": " << parsed.error().message();
    }
}

}  // namespace
}  // namespace lockstep::delivery
