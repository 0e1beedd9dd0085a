// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Bodies that are not whole: taken as they come, and made as they go.
#include "async/tap.hpp"
#include "net/test_world.hpp"

#include <gtest/gtest.h>

namespace lockstep::net {
namespace {

class HttpStreamTest : public ServerTest {
  protected:
    HttpStreamTest() { handler.stream_path = "/in"; }

    // Answers how many bytes came, and in how many pieces no longer than a piece may be.
    void count_bodies() {
        handler.on_request = [this](Request request) { return count_body(std::move(request)); };
    }
    Task<Response> count_body(Request request) {
        EXPECT_EQ(request.body, "");
        std::size_t bytes = 0;
        if (request.stream) {
            for (;;) {
                auto const piece = co_await request.stream->read();
                if (piece.empty()) break;
                EXPECT_LE(piece.size(), 512u << 10);
                bytes += piece.size();
            }
        }
        Response response;
        response.body = std::to_string(bytes);
        co_return response;
    }
    static Task<void> expect(RawClient& client, std::string sent, int status, std::string body) {
        co_await client.write(sent);
        auto const response = co_await client.response();
        EXPECT_EQ(response.status, status);
        EXPECT_EQ(response.body, body);
    }
};

class Pieces final : public BodySource {
  public:
    Pieces(std::vector<std::string> pieces, int& asked) : pieces_(std::move(pieces)), asked_(asked) {}
    Task<std::string> next() override {
        auto const at = static_cast<std::size_t>(asked_++);
        if (at >= pieces_.size()) throw std::runtime_error("there is no more");
        co_return pieces_[at];
    }

  private:
    std::vector<std::string> pieces_;
    int& asked_;
};

TEST_F(HttpStreamTest, a_body_longer_than_any_limit_comes_by_the_piece_and_the_connection_goes_on) {
    HttpServer::Options options;
    options.body_bytes_max = 1000;
    serve(options);
    count_bodies();
    auto client = connect();
    std::string const body(3'000'000, 'x');
    auto const sent =
        "POST /in HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    loop.run(expect(client, sent + "GET /in HTTP/1.1\r\nHost: x\r\n\r\n", 200, "3000000"));
    loop.run(expect(client, "", 200, "0"));
}

TEST_F(HttpStreamTest, chunks_are_taken_out_of_their_frames) {
    serve();
    count_bodies();
    auto client = connect();
    loop.run(expect(
        client, "POST /in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n",
        200, "6"));
}

TEST_F(HttpStreamTest, other_bodies_keep_their_limit) {
    HttpServer::Options options;
    options.body_bytes_max = 10;
    serve(options);
    auto client = connect();
    auto const told = [](RawClient& from) -> Task<void> {
        co_await from.write("POST /other HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n");
        auto const response = co_await from.response();
        EXPECT_EQ(response.status, 413);
    };
    loop.run(told(client));
}

TEST_F(HttpStreamTest, who_asks_for_leave_to_send_gets_it_when_the_body_is_wanted) {
    serve();
    count_bodies();
    auto client = connect();
    auto const asked = [](RawClient& from) -> Task<void> {
        co_await from.write("POST /in HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
        auto const leave = co_await from.bytes(25);
        EXPECT_EQ(leave, "HTTP/1.1 100 Continue\r\n\r\n");
        co_await expect(from, "ab", 200, "2");
    };
    loop.run(asked(client));
}

TEST_F(HttpStreamTest, a_body_that_is_refused_unread_is_answered_and_the_connection_ends) {
    serve();
    handler.on_request = [](Request) -> Task<Response> {
        Response response{.status = 400};
        response.body = "no";
        co_return response;
    };
    auto client = connect();
    loop.run(expect(client, "POST /in HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n" + std::string(5000, 'x'),
                    400, "no"));
    auto const ended = [](RawClient& from) -> Task<void> {
        auto const rest = co_await from.rest();
        EXPECT_EQ(rest, "");
    };
    client.socket().shutdown(asio::ip::tcp::socket::shutdown_send);
    loop.run(ended(client));
}

TEST_F(HttpStreamTest, a_body_that_is_no_body_is_refused) {
    serve();
    count_bodies();
    auto client = connect();
    auto const told = [](RawClient& from) -> Task<void> {
        co_await from.write("POST /in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n");
        auto const response = co_await from.response();
        EXPECT_EQ(response.status, 400);
        EXPECT_TRUE(response.body.find("LS10007") != std::string::npos) << response.body;
    };
    loop.run(told(client));
}

TEST_F(HttpStreamTest, a_body_that_drips_is_given_up_though_something_always_comes) {
    HttpServer::Options options;
    options.body_timeout = 50ms;
    serve(options);
    count_bodies();
    auto client = connect();
    auto const told = [](Clock& clock, RawClient& from) -> Task<void> {
        co_await from.write("POST /in HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
        for (;;) {
            co_await from.write("x");
            co_await clock.sleep(1ms);
        }
    };
    EXPECT_THROW(loop.run(told(loop.clock(), client)), boost::system::system_error);
}

TEST_F(HttpStreamTest, an_answer_is_made_piece_by_piece) {
    serve();
    int asked = 0;
    handler.on_request = [&asked](Request) -> Task<Response> {
        Response response;
        response.stream = std::make_shared<Pieces>(
            std::vector<std::string>{std::string(300'000, 'a'), "b", std::string(2'000'000, 'c')}, asked);
        response.stream_bytes = 2'300'001;
        co_return response;
    };
    auto client = connect();
    loop.run(expect(client, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 200,
                    std::string(300'000, 'a') + "b" + std::string(2'000'000, 'c')));
    EXPECT_EQ(asked, 3);
}

TEST_F(HttpStreamTest, a_client_that_does_not_read_is_not_read_for) {
    serve();
    int asked = 0;
    Tap requested;
    handler.on_request = [&asked, &requested](Request) -> Task<Response> {
        requested.ring();
        Response response;
        response.stream = std::make_shared<Pieces>(std::vector<std::string>(1000, std::string(100'000, 'a')), asked);
        response.stream_bytes = 100'000'000;
        co_return response;
    };
    auto client = connect();
    auto const waits = [](RawClient& from, Tap& tap, Clock& clock) -> Task<void> {
        co_await from.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        co_await tap.past(0);
        auto const first = co_await from.bytes(1);
        EXPECT_EQ(first.size(), 1u);
        co_await clock.sleep(50ms);  // long enough for all of it, if anybody took it
    };
    loop.run(waits(client, requested, loop.clock()));
    EXPECT_LT(asked, 500) << "what the socket's buffers hold, and no more";
}

TEST_F(HttpStreamTest, an_answer_that_breaks_off_is_seen_to_be_short) {
    serve();
    int asked = 0;
    handler.on_request = [&asked](Request) -> Task<Response> {
        Response response;
        response.stream = std::make_shared<Pieces>(std::vector<std::string>{"abc"}, asked);
        response.stream_bytes = 10;
        co_return response;
    };
    auto client = connect();
    auto const told = [](RawClient& from) -> Task<void> {
        co_await from.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        auto const all = co_await from.rest();
        EXPECT_TRUE(all.find("Content-Length: 10\r\n") != std::string::npos);
        EXPECT_TRUE(all.ends_with("\r\n\r\nabc")) << all;
    };
    loop.run(told(client));
}

}  // namespace
}  // namespace lockstep::net
