// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "async/tap.hpp"
#include "net/test_world.hpp"

#include <gtest/gtest.h>

namespace lockstep::net {
namespace {

using HttpServerTest = ServerTest;

constexpr std::string_view host = "Host: x\r\n\r\n";

std::string get(std::string_view target, std::string_view headers = "") {
    return "GET " + std::string(target) + " HTTP/1.1\r\n" + std::string(headers) + std::string(host);
}

std::string post(std::string_view target, std::string_view body) {
    return "POST " + std::string(target) + " HTTP/1.1\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
           std::string(host) + std::string(body);
}

Task<void> expect_answers(RawClient& client, std::string sent, std::vector<std::string> bodies) {
    co_await client.write(sent);
    for (const auto& body : bodies) {
        auto const response = co_await client.response();
        EXPECT_EQ(response.status, 200);
        EXPECT_EQ(response.body, body);
    }
}

Task<void> expect_refusal(RawClient& client, std::string sent, int status, std::string code) {
    co_await client.write(sent);
    auto const response = co_await client.response();
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(response.content_type, "application/json");
    EXPECT_EQ(response.headers.get("Connection"), "close");
    EXPECT_TRUE(response.body.starts_with("{\"error\":\"" + code + ": ")) << response.body;
    auto const rest = co_await client.rest();
    EXPECT_EQ(rest, "");
}

// Until the server cuts: a byte a millisecond, so that something is always under way.
Task<void> drip(Clock& clock, RawClient& client, std::string begin, std::string drop) {
    co_await client.write(begin);
    try {
        for (;;) {
            co_await client.write(drop);
            co_await clock.sleep(1ms);
        }
    } catch (const boost::system::system_error& error) {
        if (is_cancelled(error)) throw;
    }
}

TEST_F(HttpServerTest, answers_one_request_after_another_on_one_connection) {
    serve();
    auto client = connect();
    loop.run(expect_answers(client, get("/a?b=c"), {"GET /a?b=c "}));
    loop.run(expect_answers(client, post("/d", "{}"), {"POST /d? {}"}));
    loop.run(expect_answers(client, get("/e"), {"GET /e? "}));
}

TEST_F(HttpServerTest, answers_pipelined_requests_in_order) {
    serve();
    auto client = connect();
    loop.run(expect_answers(client, get("/1") + post("/2", "two") + "\r\n" + get("/3"),
                            {"GET /1? ", "POST /2? two", "GET /3? "}));
}

Task<void> write_byte_by_byte(RawClient& client, std::string sent) {
    for (auto const byte : sent) co_await client.write(std::string(1, byte));
}

TEST_F(HttpServerTest, takes_a_request_byte_by_byte) {
    serve();
    auto client = connect();
    loop.run(write_byte_by_byte(client, post("/x", "body") + get("/y")));
    loop.run(expect_answers(client, "", {"POST /x? body", "GET /y? "}));
}

TEST_F(HttpServerTest, takes_a_chunked_body) {
    serve();
    auto client = connect();
    loop.run(expect_answers(client,
                            "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + std::string(host) +
                                "4;ignored=yes\r\nwiki\r\nA\r\npedia text\r\n0\r\nTrailer: too\r\n\r\n" + get("/y"),
                            {"POST /x? wikipedia text", "GET /y? "}));
}

Task<void> expect_head(RawClient& client) {
    co_await client.write("HEAD /x HTTP/1.1\r\n" + std::string(host));
    auto const response = co_await client.response(true);
    EXPECT_EQ(response.headers.get("Content-Length"), "9");
    EXPECT_EQ(response.body, "");
    EXPECT_NE(response.headers.get("Date"), "");
}

TEST_F(HttpServerTest, tells_head_the_length_and_sends_no_body) {
    serve();
    auto client = connect();
    loop.run(expect_head(client));
    loop.run(expect_answers(client, get("/y"), {"GET /y? "}));
}

Task<void> expect_continue(RawClient& client) {
    co_await client.write("POST /x HTTP/1.1\r\nContent-Length: 4\r\nExpect: 100-continue\r\n" + std::string(host));
    auto const interim = co_await client.bytes(25);
    EXPECT_EQ(interim, "HTTP/1.1 100 Continue\r\n\r\n");
    co_await client.write("body");
    auto const response = co_await client.response();
    EXPECT_EQ(response.body, "POST /x? body");
}

TEST_F(HttpServerTest, asks_for_the_body_of_who_expects_it) {
    serve();
    auto client = connect();
    loop.run(expect_continue(client));
}

TEST_F(HttpServerTest, refuses_a_body_by_its_announced_length_before_it_comes) {
    serve({.body_bytes_max = 10});
    auto client = connect();
    loop.run(expect_refusal(client,
                            "POST /x HTTP/1.1\r\nContent-Length: 11\r\nExpect: 100-continue\r\n" + std::string(host),
                            413, "LS10004"));
    EXPECT_EQ(handler.requests, 0);
}

TEST_F(HttpServerTest, lets_the_client_read_the_refusal_of_a_body_that_it_sends_anyway) {
    serve({.body_bytes_max = 10});
    auto client = connect();
    loop.run(expect_refusal(client, post("/x", std::string(4 << 20, 'x')), 413, "LS10004"));
}

TEST_F(HttpServerTest, counts_a_chunked_body) {
    serve({.body_bytes_max = 10});
    auto client = connect();
    loop.run(expect_refusal(client,
                            "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + std::string(host) +
                                "8\r\n12345678\r\n8\r\n12345678\r\n0\r\n\r\n",
                            413, "LS10004"));
}

TEST_F(HttpServerTest, takes_a_body_of_exactly_the_limit) {
    serve({.body_bytes_max = 10});
    auto client = connect();
    loop.run(expect_answers(client, post("/x", "1234567890"), {"POST /x? 1234567890"}));
}

TEST_F(HttpServerTest, refuses_a_header_beyond_the_limit) {
    serve({.header_bytes_max = 1000});
    for (auto const& sent : {get("/" + std::string(2000, 'x')), get("/", "A: " + std::string(2000, 'x') + "\r\n"),
                             "GET /" + std::string(2000, 'x')}) {
        auto client = connect();
        loop.run(expect_refusal(client, sent, 431, "LS10003"));
    }
    EXPECT_EQ(handler.requests, 0);
}

TEST_F(HttpServerTest, refuses_a_chunk_header_without_end) {
    serve({.header_bytes_max = 1000});
    auto client = connect();
    loop.run(expect_refusal(
        client,
        "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + std::string(host) + "4;" + std::string(2000, 'x'), 431,
        "LS10003"));
}

TEST_F(HttpServerTest, refuses_what_is_not_http) {
    serve();
    for (auto const& sent : std::vector<std::string>{
             "hello\r\n\r\n",
             std::string("\x16\x03\x01\x02\x00\x01", 6) + "\r\n\r\n",
             "GET / HTTP/2.0\r\n" + std::string(host),
             "GET  / HTTP/1.1\r\n" + std::string(host),
             "GET / HTTP/1.1\r\n\r\n",
             "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
             "GET / HTTP/1.1\r\nNo colon\r\n" + std::string(host),
             "GET / HTTP/1.1\r\nBad name : x\r\n" + std::string(host),
             "POST / HTTP/1.1\r\nContent-Length: -1\r\n" + std::string(host),
             "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n" + std::string(host),
             "POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n" + std::string(host) + "abc",
             "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n" + std::string(host) + "0\r\n\r\n",
             "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + std::string(host) + "zz\r\n",
         }) {
        auto client = connect();
        SCOPED_TRACE(sent);
        loop.run(expect_refusal(client, sent, 400, "LS10007"));
    }
    EXPECT_EQ(handler.requests, 0);
}

Task<Response> throw_something(Request) {
    throw std::runtime_error("a secret");
    co_return Response{};
}

TEST_F(HttpServerTest, answers_500_when_the_handler_throws_and_serves_on) {
    serve();
    auto client = connect();
    handler.on_request = throw_something;
    auto ask = [](RawClient& from) -> Task<void> {
        co_await from.write(get("/"));
        auto const response = co_await from.response();
        EXPECT_EQ(response.status, 500);
        EXPECT_TRUE(response.body.starts_with("{\"error\":\"LS10001: ")) << response.body;
        EXPECT_EQ(response.body.find("secret"), std::string::npos);
    };
    loop.run(ask(client));
    handler.on_request = {};
    loop.run(expect_answers(client, get("/y"), {"GET /y? "}));
}

Task<Response> answer_with_headers(Request request) {
    Response response;
    response.status = request.path == "/none" ? 204 : 201;
    response.content_type = "";
    response.headers.set("X-Good", "value");
    response.headers.set("X-Bad", "value\r\nX-Injected: yes");
    response.headers.set("Content-Length", "12345");
    response.body = "body";
    co_return response;
}

TEST_F(HttpServerTest, sends_the_handlers_headers_but_no_line_breaks_in_them) {
    serve();
    handler.on_request = answer_with_headers;
    auto client = connect();
    auto ask = [](RawClient& from) -> Task<void> {
        co_await from.write(get("/some") + get("/none"));
        auto const some = co_await from.response();
        EXPECT_EQ(some.status, 201);
        EXPECT_EQ(some.headers.get("x-good"), "value");
        EXPECT_FALSE(some.headers.has("X-Bad"));
        EXPECT_FALSE(some.headers.has("X-Injected"));
        EXPECT_FALSE(some.headers.has("Content-Type"));
        EXPECT_EQ(some.headers.get("Content-Length"), "4");
        auto const none = co_await from.response(true);
        EXPECT_EQ(none.status, 204);
        EXPECT_FALSE(none.headers.has("Content-Length"));
        co_await from.write(get("/none", "Connection: close\r\n"));
        auto const rest = co_await from.rest();
        EXPECT_TRUE(rest.ends_with("\r\n\r\n"));
    };
    loop.run(ask(client));
}

TEST_F(HttpServerTest, keeps_or_ends_the_connection_as_the_client_wants) {
    serve();
    auto ask = [](RawClient client, std::string head, std::string_view said, bool ends) -> Task<void> {
        co_await client.write(head);
        auto const response = co_await client.response();
        EXPECT_EQ(response.headers.get("Connection"), said);
        if (ends) {
            auto const rest = co_await client.rest();
            EXPECT_EQ(rest, "");
            co_return;
        }
        co_await client.write(get("/"));
        auto const second = co_await client.response();
        EXPECT_EQ(second.status, 200);
    };
    loop.run(ask(connect(), get("/"), "", false));
    loop.run(ask(connect(), get("/", "Connection: close\r\n"), "close", true));
    loop.run(ask(connect(), "GET / HTTP/1.0\r\n\r\n", "close", true));
    loop.run(ask(connect(), "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "keep-alive", false));
}

TEST_F(HttpServerTest, ends_a_connection_that_is_idle_for_too_long) {
    serve({.idle_timeout = 5ms});
    auto client = connect();
    auto wait = [](RawClient& from) -> Task<void> {
        auto const rest = co_await from.rest();
        EXPECT_EQ(rest, "");
    };
    loop.run(wait(client));
}

TEST_F(HttpServerTest, ends_a_header_that_drips) {
    serve({.header_timeout = 20ms});
    auto client = connect();
    loop.run(drip(loop.clock(), client, "GET / HTTP/1.1\r\n", "A: b\r\n"));
    EXPECT_EQ(handler.requests, 0);
}

TEST_F(HttpServerTest, ends_a_body_that_drips) {
    serve({.body_timeout = 20ms});
    auto client = connect();
    loop.run(drip(loop.clock(), client, "POST / HTTP/1.1\r\nContent-Length: 1000000\r\n" + std::string(host), "x"));
    EXPECT_EQ(handler.requests, 0);
}

Task<Response> answer_much(Request) {
    Response response;
    response.body = std::string(32 << 20, 'x');
    co_return response;
}

TEST_F(HttpServerTest, gives_a_large_answer_to_who_reads_it) {
    serve();
    handler.on_request = answer_much;
    auto ask = [](RawClient client) -> Task<void> {
        co_await client.write(get("/"));
        auto const response = co_await client.response();
        EXPECT_EQ(response.body.size(), 32u << 20);
    };
    loop.run(ask(connect()));
}

TEST_F(HttpServerTest, ends_who_does_not_read_his_answer) {
    serve({.write_timeout = 20ms});
    handler.on_request = answer_much;
    auto stuck = connect();
    auto ask = [](RawClient& client, TestHandler& by, Clock& clock, HttpServer& from) -> Task<void> {
        co_await client.write(get("/"));
        while (by.requests < 1) co_await clock.sleep(1ms);
        from.refuse_new();
    };
    loop.run(ask(stuck, handler, loop.clock(), *server));
    loop.run_until(serving->ended);
}

TEST_F(HttpServerTest, takes_no_more_connections_than_allowed) {
    serve({.connections_max = 1});
    auto first = connect();
    loop.run(expect_answers(first, get("/"), {"GET /? "}));
    auto second = connect();
    auto wait = [](RawClient& from) -> Task<void> {
        auto const rest = co_await from.rest();
        EXPECT_EQ(rest, "");
    };
    loop.run(wait(second));
    loop.run(expect_answers(first, get("/"), {"GET /? "}));
}

TEST_F(HttpServerTest, takes_no_socket_whose_descriptor_is_too_high) {
    serve({.descriptor_max = 2});
    auto client = connect();
    auto wait = [](RawClient& from) -> Task<void> {
        auto const rest = co_await from.rest();
        EXPECT_EQ(rest, "");
    };
    loop.run(wait(client));
}

Task<Response> answer_after(Gate& gate) {
    co_await gate.passed();
    co_return Response{};
}

TEST_F(HttpServerTest, ends_idle_connections_and_finishes_requests_when_it_refuses_new_ones) {
    serve();
    Gate gate;
    auto idle = connect();
    auto busy = connect();
    loop.run(expect_answers(idle, get("/"), {"GET /? "}));
    handler.on_request = [&gate](Request) { return answer_after(gate); };
    auto ask = [](RawClient& quiet, RawClient& client, HttpServer& from, TestHandler& by, Clock& clock,
                  Gate& opens) -> Task<void> {
        co_await client.write(get("/"));
        while (by.requests < 2) co_await clock.sleep(1ms);
        from.refuse_new();
        auto const nothing = co_await quiet.rest();
        EXPECT_EQ(nothing, "");
        opens.open();
        auto const response = co_await client.response();
        EXPECT_EQ(response.headers.get("Connection"), "close");
    };
    loop.run(ask(idle, busy, *server, handler, loop.clock(), gate));
    loop.run_until(serving->ended);
    EXPECT_FALSE(serving->failure);
    EXPECT_THROW(connect(), boost::system::system_error);
}

TEST_F(HttpServerTest, ends_requests_in_work_when_it_is_cancelled) {
    serve();
    Gate never;
    handler.on_request = [&never](Request) { return answer_after(never); };
    auto client = connect();
    auto ask = [](RawClient& from, TestHandler& by, Clock& clock, TestLoop::Background& server) -> Task<void> {
        co_await from.write(get("/"));
        while (by.requests < 1) co_await clock.sleep(1ms);
        server.cancel.emit(asio::cancellation_type::terminal);
        auto const nothing = co_await from.rest();
        EXPECT_EQ(nothing, "");
    };
    loop.run(ask(client, handler, loop.clock(), *serving));
    loop.run_until(serving->ended);
    EXPECT_TRUE(serving->failure);
}

TEST_F(HttpServerTest, says_why_it_cannot_listen) {
    serve();
    HttpServer::Options options;
    options.port = server->port();
    auto const taken = make_http_server(loop.executor(), loop.clock(), handler, options);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code(), "LS10010");
    options.address = "192.0.2.1";
    auto const foreign = make_http_server(loop.executor(), loop.clock(), handler, options);
    ASSERT_FALSE(foreign);
    EXPECT_EQ(foreign.error().code(), "LS10010");
}

}  // namespace
}  // namespace lockstep::net
