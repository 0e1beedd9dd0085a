// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "async/scope.hpp"
#include "async/sim_clock.hpp"
#include "async/tap.hpp"
#include "net/detail/ws_codec.hpp"
#include "net/test_world.hpp"

#include <gtest/gtest.h>

namespace lockstep::net {
namespace {

using Kind = WsDecoder::Kind;
constexpr WsMask mask{1, 2, 3, 4};

const std::string handshake =
    "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

std::string masked_frame(WsOpcode opcode, std::string_view payload) {
    std::string out;
    append_frame(out, opcode, payload, &mask);
    return out;
}

// Frames by hand, to send what our client never would.
class RawSocket {
  public:
    RawSocket(Executor executor, std::uint16_t port) : client_(executor, port) {}

    Task<void> open(std::string behind = {}) {
        co_await client_.write(handshake + behind);
        auto const head = co_await client_.bytes(129);
        EXPECT_TRUE(head.starts_with("HTTP/1.1 101 ")) << head;
        EXPECT_TRUE(head.ends_with("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")) << head;
    }
    Task<void> write(std::string bytes) { return client_.write(std::move(bytes)); }
    // Kind::more at the end of the connection.
    Task<WsDecoder::Event> next() {
        for (;;) {
            std::string_view left = held_;
            auto event = decoder_.feed(left);
            held_.erase(0, held_.size() - left.size());
            if (event.kind != Kind::more) co_return event;
            auto const more = co_await client_.bytes(1);
            if (more.empty()) co_return event;
            held_ += more;
        }
    }
    Task<void> expect_close(std::uint16_t code) {
        auto event = co_await next();
        while (event.kind == Kind::ping || event.kind == Kind::message) event = co_await next();
        EXPECT_EQ(event.kind, Kind::close);
        EXPECT_EQ(event.code, code);
        auto const rest = co_await client_.rest();
        EXPECT_EQ(rest, "");
    }
    RawClient& client() { return client_; }

  private:
    RawClient client_;
    WsDecoder decoder_{WsSide::client, 64 << 20};
    std::string held_;
};

Task<void> echo(Request, WebSocket& socket) {
    for (;;) {
        auto message = co_await socket.receive();
        if (!message) co_return;
        co_await socket.send(std::move(*message));
    }
}

class WebSocketTest : public ServerTest {
  protected:
    void serve_echo(HttpServer::Options options = {}) {
        handler.on_websocket = echo;
        serve(options);
    }
    RawSocket raw() { return RawSocket(loop.executor(), server->port()); }
};

Task<std::unique_ptr<WebSocket>> open(TestLoop& loop, std::string url) {
    return websocket_connect(loop.executor(), loop.clock(), std::move(url), {}, 10s);
}

TEST_F(WebSocketTest, carries_messages_both_ways) {
    serve_echo();
    auto talk = [](TestLoop& on, std::string url) -> Task<void> {
        auto const socket = co_await open(on, url);
        for (std::size_t const size : {0u, 1u, 125u, 126u, 65535u, 65536u, 1u << 20}) {
            auto const text = std::string(size, 'x');
            co_await socket->send(text);
            auto const back = co_await socket->receive();
            EXPECT_EQ(back, text);
        }
        co_await socket->close(1000, "done");
        auto const nothing = co_await socket->receive();
        EXPECT_EQ(nothing, std::nullopt);
    };
    loop.run(talk(loop, url("ws", "/any/path?x=y")));
}

TEST_F(WebSocketTest, takes_what_comes_right_behind_the_handshake) {
    serve_echo();
    auto talk = [](RawSocket socket) -> Task<void> {
        co_await socket.open(masked_frame(WsOpcode::text, "early"));
        auto const back = co_await socket.next();
        EXPECT_EQ(back.payload, "early");
    };
    loop.run(talk(raw()));
}

TEST_F(WebSocketTest, lets_the_handler_refuse_first) {
    serve_echo();
    handler.on_refuse = [](const Request& request) {
        Response response;
        response.status = request.path == "/ws" ? 403 : 500;
        return std::optional(response);
    };
    auto talk = [](RawClient client) -> Task<void> {
        co_await client.write(handshake + handshake);
        for (auto i = 0; i < 2; ++i) {
            auto const response = co_await client.response();
            EXPECT_EQ(response.status, 403);
        }
    };
    loop.run(talk(connect()));
    auto fail = [](TestLoop& on, std::string url) -> Task<void> { co_await open(on, url); };
    EXPECT_THROW(loop.run(fail(loop, url("ws", "/ws"))), std::runtime_error);
}

TEST_F(WebSocketTest, answers_a_bad_handshake_with_its_own_version) {
    serve_echo();
    auto talk = [](RawClient client) -> Task<void> {
        co_await client.write(
            "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: "
            "8\r\n\r\n");
        auto const response = co_await client.response();
        EXPECT_EQ(response.status, 400);
        EXPECT_TRUE(response.body.starts_with("{\"error\":\"LS10007: "));
        EXPECT_EQ(response.headers.get("Sec-WebSocket-Version"), "13");
    };
    loop.run(talk(connect()));
}

struct Wrong {
    std::string bytes;
    std::uint16_t code;
};

TEST_F(WebSocketTest, closes_with_the_code_that_says_why) {
    serve_echo({.ws_message_bytes_max = 1000});
    auto talk = [](RawSocket socket, Wrong wrong) -> Task<void> {
        co_await socket.open();
        co_await socket.write(wrong.bytes);
        co_await socket.expect_close(wrong.code);
    };
    std::string unmasked;
    append_frame(unmasked, WsOpcode::text, "x");
    for (const auto& wrong : std::vector<Wrong>{{masked_frame(WsOpcode::text, std::string(1001, 'x')), 1009},
                                                {masked_frame(WsOpcode::text, std::string(3 << 20, 'x')), 1009},
                                                {masked_frame(WsOpcode::text, "\xc3\x28"), 1007},
                                                {unmasked, 1002},
                                                {"GET / HTTP/1.1\r\n", 1002},
                                                {masked_frame(WsOpcode::close, close_payload(4000, "bye")), 4000},
                                                {masked_frame(WsOpcode::close, ""), WsCloseCode::none}}) {
        SCOPED_TRACE(wrong.code);
        loop.run(talk(raw(), wrong));
    }
}

TEST_F(WebSocketTest, says_how_its_handler_ended) {
    serve();
    auto talk = [](RawSocket socket, std::uint16_t code) -> Task<void> {
        co_await socket.open();
        co_await socket.expect_close(code);
    };
    handler.on_websocket = [](Request, WebSocket&) -> Task<void> { co_return; };
    auto normal = raw();
    auto answer = [](RawSocket& socket) -> Task<void> {
        co_await socket.open();
        auto const event = co_await socket.next();
        EXPECT_EQ(event.code, 1000);
        co_await socket.write(masked_frame(WsOpcode::close, close_payload(1000, "")));
        auto const rest = co_await socket.client().rest();
        EXPECT_EQ(rest, "");
    };
    loop.run(answer(normal));
    handler.on_websocket = [](Request, WebSocket& socket) -> Task<void> { co_await socket.close(4001, "because"); };
    loop.run(talk(raw(), 4001));  // it does not answer the close frame, and is cut off all the same
    handler.on_websocket = [](Request, WebSocket&) -> Task<void> {
        throw std::runtime_error("it failed");
        co_return;
    };
    loop.run(talk(raw(), 1011));
}

TEST_F(WebSocketTest, says_that_it_goes_away_when_the_server_is_cancelled) {
    serve_echo();
    auto talk = [](RawSocket socket, TestLoop::Background& serving) -> Task<void> {
        co_await socket.open(masked_frame(WsOpcode::text, "x"));
        auto const back = co_await socket.next();
        EXPECT_EQ(back.payload, "x");
        serving.cancel.emit(asio::cancellation_type::terminal);
        co_await socket.expect_close(1001);
    };
    loop.run(talk(raw(), *serving));
}

TEST_F(WebSocketTest, aborts_without_a_close_frame) {
    serve();
    auto ended = false;
    handler.on_websocket = [&ended](Request, WebSocket& socket) {
        auto wait = [](WebSocket& over, bool& done) -> Task<void> {
            over.abort();
            auto const nothing = co_await over.receive();
            EXPECT_EQ(nothing, std::nullopt);
            done = true;
        };
        return wait(socket, ended);
    };
    auto talk = [](RawSocket socket) -> Task<void> {
        co_await socket.open();
        auto const rest = co_await socket.client().rest();
        EXPECT_EQ(rest, "");
    };
    loop.run(talk(raw()));
    loop.run_until(ended);
}

Task<void> abort_when_rung(WebSocket& socket, Tap& tap, std::uint64_t seen) {
    co_await tap.past(seen);
    socket.abort();
}

TEST_F(WebSocketTest, ends_a_pending_receive_when_it_is_aborted) {
    serve();
    Tap tap;
    auto ended = false;
    handler.on_websocket = [&](Request, WebSocket& socket) {
        auto wait = [](TestLoop& on, WebSocket& over, Tap& rung, bool& done) -> Task<void> {
            on.start(abort_when_rung(over, rung, rung.rings()));
            auto const nothing = co_await over.receive();
            EXPECT_EQ(nothing, std::nullopt);
            done = true;
        };
        return wait(loop, socket, tap, ended);
    };
    auto talk = [](RawSocket socket, Tap& rings) -> Task<void> {
        co_await socket.open();
        rings.ring();
        auto const rest = co_await socket.client().rest();
        EXPECT_EQ(rest, "");
    };
    loop.run(talk(raw(), tap));
    loop.run_until(ended);
}

TEST_F(WebSocketTest, answers_pings) {
    serve_echo();
    auto talk = [](RawSocket socket) -> Task<void> {
        co_await socket.open();
        co_await socket.write(masked_frame(WsOpcode::ping, "are you there"));
        auto const pong = co_await socket.next();
        EXPECT_EQ(pong.kind, Kind::pong);
        EXPECT_EQ(pong.payload, "are you there");
    };
    loop.run(talk(raw()));
}

// The server's time passes when the test says so: who is silent must not be decided by how busy this machine is.
class WebSocketPingTest : public WebSocketTest {
  protected:
    static constexpr auto interval = 30s;

    void serve_pinging() { serve({.ws_ping_interval = interval}, clock); }
    // Rings everybody who is due on the way.
    static void pass(SimClock& clock, Duration time) {
        auto const end = clock.instant() + time;
        while (clock.step(end)) continue;
    }

    SimClock clock{Time{0}};
};

TEST_F(WebSocketPingTest, pings_and_keeps_who_answers) {
    handler.on_websocket = echo;
    serve_pinging();
    auto talk = [](RawSocket socket, SimClock& clock) -> Task<void> {
        co_await socket.open();
        for (auto i = 0; i < 5; ++i) {
            pass(clock, interval);
            auto const ping = co_await socket.next();
            EXPECT_EQ(ping.kind, Kind::ping);
            co_await socket.write(masked_frame(WsOpcode::pong, ping.payload));
        }
        co_await socket.write(masked_frame(WsOpcode::text, "still here"));
        auto const back = co_await socket.next();
        EXPECT_EQ(back.payload, "still here");
    };
    loop.run(talk(raw(), clock));
}

TEST_F(WebSocketPingTest, drops_who_is_silent_for_two_pings) {
    handler.on_websocket = echo;
    serve_pinging();
    auto talk = [](RawSocket socket, SimClock& clock) -> Task<void> {
        co_await socket.open();
        pass(clock, interval);
        auto const ping = co_await socket.next();
        EXPECT_EQ(ping.kind, Kind::ping);
        pass(clock, interval);
        auto const end = co_await socket.next();
        EXPECT_EQ(end.kind, Kind::more);
    };
    loop.run(talk(raw(), clock));
}

// As after a machine slept: a whole day passes at once.
TEST_F(WebSocketPingTest, asks_before_it_takes_a_peer_for_silent) {
    handler.on_websocket = echo;
    serve_pinging();
    auto talk = [](RawSocket socket, SimClock& clock) -> Task<void> {
        co_await socket.open();
        clock.stall(24h);
        pass(clock, 0s);
        auto const ping = co_await socket.next();
        EXPECT_EQ(ping.kind, Kind::ping);
        co_await socket.write(masked_frame(WsOpcode::pong, ping.payload));
        clock.stall(24h);
        pass(clock, 0s);
        auto const again = co_await socket.next();
        EXPECT_EQ(again.kind, Kind::ping);
    };
    loop.run(talk(raw(), clock));
}

Task<void> echo_slowly(Clock& clock, WebSocket& socket) {
    co_await clock.sleep(100s);
    auto message = co_await socket.receive();
    EXPECT_TRUE(message);
    if (message) co_await socket.send(std::move(*message));
}

TEST_F(WebSocketPingTest, does_not_take_a_busy_handler_for_a_silent_peer) {
    handler.on_websocket = [this](Request, WebSocket& socket) { return echo_slowly(clock, socket); };
    serve_pinging();
    auto talk = [](RawSocket socket, SimClock& clock) -> Task<void> {
        co_await socket.open(masked_frame(WsOpcode::text, "patience"));
        for (auto i = 0; i < 3; ++i) {
            pass(clock, interval);
            auto const ping = co_await socket.next();
            EXPECT_EQ(ping.kind, Kind::ping);
        }
        pass(clock, 10s);
        auto const back = co_await socket.next();
        EXPECT_EQ(back.payload, "patience");
    };
    loop.run(talk(raw(), clock));
}

Task<void> send_numbered(WebSocket& socket, std::string name, int count) {
    for (auto i = 0; i < count; ++i) co_await socket.send(name + std::to_string(i));
}

TEST_F(WebSocketTest, sends_from_many_senders_whole_and_each_in_order) {
    serve();
    handler.on_websocket = [this](Request, WebSocket& socket) {
        auto send_all = [](Executor executor, WebSocket& over) -> Task<void> {
            Scope senders(executor, {.name = "senders"});
            for (auto const* const name : {"a", "b", "c", "d"}) senders.spawn(send_numbered(over, name, 500));
            co_await senders.join();
        };
        return send_all(loop.executor(), socket);
    };
    auto talk = [](TestLoop& on, std::string url) -> Task<void> {
        auto const socket = co_await open(on, url);
        std::map<char, int> next;
        for (;;) {
            auto const message = co_await socket->receive();
            if (!message) break;
            EXPECT_EQ(message->substr(1), std::to_string(next[message->at(0)]++));
        }
        EXPECT_EQ(next, (std::map<char, int>{{'a', 500}, {'b', 500}, {'c', 500}, {'d', 500}}));
    };
    loop.run(talk(loop, url("ws", "/")));
}

TEST_F(WebSocketTest, makes_senders_wait_for_a_slow_reader_and_drops_it_in_time) {
    serve({.ws_write_timeout = 50ms});
    auto sent = 0;
    auto ended = false;
    handler.on_websocket = [&](Request, WebSocket& socket) {
        auto send_much = [](WebSocket& over, int& count, bool& done) -> Task<void> {
            try {
                for (;;) {
                    co_await over.send(std::string(1 << 20, 'x'));
                    ++count;
                }
            } catch (const TimedOut&) {
                done = true;
            }
        };
        return send_much(socket, sent, ended);
    };
    auto stuck = raw();
    loop.run(stuck.open());
    loop.run_until(ended);
    EXPECT_LT(sent, 32);  // what the kernel's buffers hold, and no more
}

TEST_F(WebSocketTest, fails_to_send_to_who_has_gone) {
    serve();
    auto failed = false;
    handler.on_websocket = [&failed](Request, WebSocket& socket) {
        auto send_on = [](WebSocket& over, bool& done) -> Task<void> {
            auto const nothing = co_await over.receive();
            EXPECT_EQ(nothing, std::nullopt);
            try {
                co_await over.send("x");
                co_await over.send("y");
            } catch (const boost::system::system_error&) {
                done = true;
            }
        };
        return send_on(socket, failed);
    };
    auto talk = [](RawSocket socket) -> Task<void> {
        co_await socket.open();
        co_await socket.write(masked_frame(WsOpcode::close, ""));
        co_await socket.expect_close(WsCloseCode::none);
    };
    loop.run(talk(raw()));
    loop.run_until(failed);
}

TEST_F(WebSocketTest, can_be_received_from_again_after_a_cancelled_receive) {
    serve_echo();
    auto talk = [](TestLoop& on, std::string url) -> Task<void> {
        auto const socket = co_await open(on, url);
        auto timed_out = false;
        try {
            co_await within(on.clock(), 1ms, socket->receive());
        } catch (const TimedOut&) {
            timed_out = true;
        }
        EXPECT_TRUE(timed_out);
        co_await socket->send("x");
        auto const back = co_await socket->receive();
        EXPECT_EQ(back, "x");
    };
    loop.run(talk(loop, url("ws", "/")));
}

}  // namespace
}  // namespace lockstep::net
