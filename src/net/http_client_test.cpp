// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "async/tap.hpp"
#include "net/test_world.hpp"

#include <gtest/gtest.h>

namespace lockstep::net {
namespace {

using HttpClientTest = ServerTest;

Task<void> call(TestLoop& loop,
                std::string method,
                std::string url,
                std::string body,
                Response& response,
                std::size_t limit = 1 << 20) {
    response = co_await http_call(loop.executor(), loop.clock(), method, url, {}, body, 10s, limit);
}

Task<Response> answer_never(Gate& gate) {
    co_await gate.passed();
    co_return Response{};
}

TEST_F(HttpClientTest, brings_requests_there_and_answers_back) {
    serve();
    Response response;
    loop.run(call(loop, "POST", url("http", "/a/b?c=d#fragment"), "hello", response));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.content_type, "text/plain");
    EXPECT_EQ(response.body, "POST /a/b?c=d hello");
    loop.run(call(loop, "HEAD", url("http", ""), "", response));
    EXPECT_EQ(response.body, "");
    EXPECT_EQ(response.headers.get("content-length"), "8");
}

TEST_F(HttpClientTest, fails_when_nobody_answers_or_the_url_is_none) {
    serve();
    Response response;
    auto const at = url("http", "/");
    server->refuse_new();
    EXPECT_THROW(loop.run(call(loop, "GET", at, "", response)), boost::system::system_error);
    for (auto const* const bad : {"https://x/", "http://", "http://:80/", "http://x:port/", "x", "http://x/a b",
                                  "http://u@x/", "http://[::1/"}) {
        EXPECT_THROW(loop.run(call(loop, "GET", bad, "", response)), std::invalid_argument) << bad;
    }
}

TEST_F(HttpClientTest, times_out) {
    serve();
    Gate never;
    handler.on_request = [&never](Request) { return answer_never(never); };
    auto call_shortly = [](TestLoop& on, std::string at) -> Task<void> {
        co_await http_call(on.executor(), on.clock(), "GET", at, {}, "", 10ms);
    };
    EXPECT_THROW(loop.run(call_shortly(loop, url("http", "/"))), TimedOut);
}

TEST_F(HttpClientTest, reads_no_answer_beyond_its_limit) {
    serve();
    Response response;
    EXPECT_THROW(loop.run(call(loop, "POST", url("http", "/"), std::string(2000, 'x'), response, 1000)),
                 std::runtime_error);
}

TEST(Percent, decodes) {
    EXPECT_EQ(percent_decode("a%20b%2Fc", false), "a b/c");
    EXPECT_EQ(percent_decode("a+b", false), "a+b");
    EXPECT_EQ(percent_decode("a+b", true), "a b");
    EXPECT_EQ(percent_decode("%e2%82%ac", false), "\xe2\x82\xac");
    EXPECT_EQ(percent_decode("%00", false), std::string(1, '\0'));
    for (auto const* const bad : {"%", "%2", "%zz", "a%2", "%%20"})
        EXPECT_EQ(percent_decode(bad, true), std::nullopt) << bad;
}

TEST(Percent, splits_a_query) {
    using Pairs = std::vector<std::pair<std::string, std::string>>;
    EXPECT_EQ(parse_query(""), Pairs{});
    EXPECT_EQ(parse_query("a=1&b=x%20y+z&a=2&c&=d&&e=f=g"),
              (Pairs{{"a", "1"}, {"b", "x y z"}, {"a", "2"}, {"c", ""}, {"", "d"}, {"e", "f=g"}}));
    EXPECT_EQ(parse_query("a=%zz&b=1"), (Pairs{{"b", "1"}}));
}

TEST(Headers, compare_without_regard_to_case) {
    Headers headers;
    headers.set("Content-Type", "a");
    headers.set("content-type", "b");
    EXPECT_EQ(headers.list.size(), 1u);
    EXPECT_EQ(headers.get("CONTENT-TYPE"), "b");
    EXPECT_FALSE(headers.has("Content"));
    EXPECT_EQ(headers.get("other"), "");
}

}  // namespace
}  // namespace lockstep::net
