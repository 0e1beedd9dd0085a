// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The dialect against what was recorded from the original: which frames are refused, with what, and
// whether the socket stays.
#include "delivery/websocket_session.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "delivery/test_world.hpp"

namespace lockstep::delivery {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A socket whose other end is the test.
class FakeSocket final : public net::WebSocket {
  public:
    Task<std::optional<std::string>> receive() override {
        while (incoming.empty() && !gone) {
            auto const seen = news.rings();
            co_await news.past(seen);
        }
        if (gone) co_return std::nullopt;
        auto text = std::move(incoming.front());
        incoming.pop_front();
        co_return text;
    }
    Task<void> send(std::string text) override {
        if (stalled) {
            co_await clock->sleep(30s);
            throw TimedOut("timed out");
        }
        if (gone) throw std::runtime_error("broken pipe");
        sent.push_back(std::move(text));
        co_return;
    }
    Task<void> close(std::uint16_t code, std::string) override {
        closed = code;
        gone = true;
        news.ring();
        co_return;
    }
    void abort() override {
        aborted = gone = true;
        news.ring();
    }
    const std::string& remote() const override { return remote_; }

    void say(std::string text) {
        incoming.push_back(std::move(text));
        news.ring();
    }
    void hang_up() {
        gone = true;
        news.ring();
    }

    std::deque<std::string> incoming;
    std::vector<std::string> sent;
    Tap news;
    bool gone = false, aborted = false, stalled = false, ended = false;
    std::optional<std::uint16_t> closed;
    Clock* clock = nullptr;

  private:
    std::string remote_ = "127.0.0.1:2";
};

class WebSocketSession : public testing::Test {
  protected:
    ~WebSocketSession() override {
        scope_.cancel();
        world.await(scope_.join());
    }
    FakeSocket& open(std::string query = "", std::optional<std::string> bound = {}) {
        auto& socket = *sockets_.emplace_back(std::make_unique<FakeSocket>());
        socket.clock = &world.loop().clock();
        scope_.spawn(run(world.delivery(), socket, std::move(query), std::move(bound)));
        world.settle();
        return socket;
    }
    void say(FakeSocket& socket, std::string text) {
        socket.say(std::move(text));
        world.settle();
    }
    // "/ws?query" or "/api/v1/namespaces/<ns>/ws".
    FakeSocket& open_path(std::string_view path) {
        auto const mark = std::min(path.find('?'), path.size());
        auto const query = std::string(path.substr(std::min(mark + 1, path.size())));
        constexpr std::string_view before = "/api/v1/namespaces/";
        if (!path.starts_with(before)) return open(query);
        auto const name = path.substr(before.size(), path.find('/', before.size()) - before.size());
        return open(query, std::string(name));
    }

    World world;

  private:
    static Task<void> run(Delivery& delivery, FakeSocket& socket, std::string query, std::optional<std::string> bound) {
        net::Request request;
        request.query = std::move(query);
        request.remote = socket.remote();
        request.headers.set("User-Agent", "fake");
        co_await run_websocket(delivery, socket, std::move(request), std::move(bound));
        socket.ended = true;
    }

    std::vector<std::unique_ptr<FakeSocket>> sockets_;
    Scope scope_{world.loop().executor(), {"sockets"}};
};

struct Refused {
    const char* what;
    const char* path;
    const char* sent;   // null: nothing
    const char* codes;  // how the error begins
    bool cut;
};

// The cases of the recording, with their codes; the sentences are our own.
constexpr Refused recorded[] = {
    {"unknown type", "/ws", R"({"type":"sing"})", "FF10176: |FF10177: ", true},
    {"no JSON", "/ws", "{nonsense", "FF10176: ", true},
    {"start of nothing", "/ws", R"({"type":"start"})", "FF10176: |FF10436: ", true},
    {"start without name", "/ws", R"({"type":"start","namespace":"default"})", "FF10176: |FF10178: ", true},
    {"start in no namespace", "/ws", R"({"type":"start","namespace":"nope","name":"x"})", "FF10176: |FF10436: ", true},
    {"ack of nothing", "/ws", R"({"type":"ack","id":"00000000-0000-4000-8000-000000000000"})",
     "FF10176: |FF10175: ", true},
    {"ack without id", "/ws", R"({"type":"ack"})", "FF10176: |FF10175: ", true},
    {"protocol_error sent", "/ws", R"({"type":"protocol_error"})", "FF10176: |FF10177: ", true},
    {"other namespace on a bound socket", "/api/v1/namespaces/default/ws",
     R"({"type":"start","namespace":"nope","name":"x"})", "FF10176: |FF10462: ", true},
    {"start by query without namespace", "/ws?ephemeral", nullptr, "FF10178: ", false},
    {"bad filter by query", "/ws?namespace=default&ephemeral&filter.events=((", nullptr, "FF10171: ", false},
    {"ack with autoack on", "/ws?namespace=default&ephemeral&autoack",
     R"({"type":"ack","id":"00000000-0000-4000-8000-000000000000"})", "FF10176: |FF10180: ", true},
    {"autoack changed", "/ws?namespace=default&ephemeral&autoack",
     R"({"type":"start","namespace":"default","ephemeral":true,"autoack":false})", "FF10176: |FF10179: ", true},
};

TEST_F(WebSocketSession, RefusesWhatTheOriginalRefusesAndEndsAsItDoes) {
    for (auto const& row : recorded) {
        auto& socket = open_path(row.path);
        if (row.sent) say(socket, row.sent);

        ASSERT_EQ(socket.sent.size(), 1u) << row.what;
        auto const& frame = socket.sent[0];
        EXPECT_TRUE(frame.ends_with("}\n")) << row.what;
        std::string_view codes = row.codes;
        auto const outer = codes.substr(0, codes.find('|'));
        EXPECT_TRUE(frame.starts_with(R"({"type":"protocol_error","error":")" + std::string(outer)))
            << row.what << frame;
        if (outer != codes) {
            EXPECT_NE(frame.find(codes.substr(outer.size() + 1)), std::string::npos) << row.what << frame;
        }
        EXPECT_EQ(socket.aborted, row.cut) << row.what;
        EXPECT_EQ(socket.ended, row.cut) << row.what;
        EXPECT_FALSE(socket.closed) << row.what << ": cut without a close frame";
    }
}

TEST_F(WebSocketSession, DeliversWhatASocketStarts) {
    auto const row = world.create(R"({"name":"app"})");
    auto& socket = open();
    say(socket, R"({"type":"start","autoack":false,"namespace":"default","name":"app"})");
    EXPECT_THAT(socket.sent, IsEmpty()) << "a start is not answered";

    world.append({"a", "b"});
    ASSERT_EQ(socket.sent.size(), 1u);
    auto const id = *json::Value{socket.sent[0]}["id"].as_string();
    say(socket, R"({"type":"ack","id":")" + id + R"(","subscription":{"id":")" + row.id.text() +
                    R"(","namespace":"default","name":"app"}})");

    ASSERT_EQ(socket.sent.size(), 2u);
    EXPECT_EQ(json::Value{socket.sent[1]}["sequence"].as_int(), 1);
    EXPECT_EQ(world.stored_position(row.id), 0);
}

TEST_F(WebSocketSession, StartsByTheQuery) {
    world.create(R"({"name":"app"})");
    auto& durable = open("namespace=default&name=app");
    auto& ephemeral = open("namespace=default&ephemeral&autoack&readahead=100&filter.topic=b");
    auto& bound = open("ephemeral=true&autoack=true", "default");
    world.append({"a", "b"});
    EXPECT_EQ(durable.sent.size(), 1u);
    EXPECT_EQ(ephemeral.sent.size(), 1u);
    EXPECT_EQ(bound.sent.size(), 2u);
}

TEST_F(WebSocketSession, ASocketThatStaysOpenAfterARefusedQueryCanStillStart) {
    auto& socket = open("ephemeral");
    say(socket, R"({"type":"start","namespace":"default","ephemeral":true})");
    world.append({"a"});
    ASSERT_EQ(socket.sent.size(), 2u);
    EXPECT_EQ(json::Value{socket.sent[1]}["sequence"].as_int(), 0);
}

TEST_F(WebSocketSession, ASocketThatHangsUpGivesWayToTheNext) {
    world.create(R"({"name":"app"})");
    auto& first = open("namespace=default&name=app");
    auto& second = open("namespace=default&name=app");
    world.append({"a"});
    EXPECT_EQ(first.sent.size(), 1u);
    EXPECT_THAT(second.sent, IsEmpty());

    first.hang_up();
    world.settle();

    EXPECT_TRUE(first.ended);
    EXPECT_EQ(second.sent.size(), 1u);
    EXPECT_EQ(world.delivery().connections().size(), 1u);
}

TEST_F(WebSocketSession, ASocketThatTakesNothingIsDroppedAndTheNextTakesOver) {
    world.create(R"({"name":"app"})");
    auto& stuck = open("namespace=default&name=app");
    auto& next = open("namespace=default&name=app");
    stuck.stalled = true;
    world.append({"a"});
    EXPECT_THAT(next.sent, IsEmpty());

    world.pass(31s);

    EXPECT_TRUE(stuck.aborted);
    EXPECT_TRUE(stuck.ended);
    EXPECT_EQ(next.sent.size(), 1u);
}

TEST_F(WebSocketSession, AnEventCountsWithAutoackOnlyWhenItWasWritten) {
    auto const row = world.create(R"({"name":"app"})");
    auto& stuck = open("namespace=default&name=app&autoack");
    stuck.stalled = true;
    world.append({"a"});
    world.pass(31s);
    EXPECT_EQ(world.stored_position(row.id), -1);

    auto& lively = open("namespace=default&name=app&autoack");
    EXPECT_EQ(lively.sent.size(), 1u);
    EXPECT_EQ(world.stored_position(row.id), 0);
}

TEST_F(WebSocketSession, IsClosedWhenTheNodeStops) {
    auto& socket = open("namespace=default&ephemeral");
    world.delivery().refuse_new();
    world.settle();
    EXPECT_EQ(socket.closed, 1001);
    EXPECT_TRUE(socket.ended);
}

TEST_F(WebSocketSession, IsListedWithItsUserAgent) {
    open("namespace=default&ephemeral");
    auto const listed = world.delivery().connections();
    ASSERT_EQ(listed.size(), 1u);
    EXPECT_EQ(listed[0].info.remote, "127.0.0.1:2");
    EXPECT_EQ(listed[0].info.user_agent, "fake");
}

TEST_F(WebSocketSession, HostileTextEndsInAnErrorAndNothingElse) {
    for (auto const& text : {std::string("null"), std::string("[]"), std::string("\xff\xfe"), std::string(100'000, '['),
                             std::string(), std::string(R"({"type":{"type":{}}})"),
                             std::string(R"({"type":"start","filter":[[]],"namespace":"default","ephemeral":true})"),
                             std::string(R"({"type":"start","options":7,"namespace":"default","ephemeral":true})"),
                             std::string(R"({"type":"ack","id":"}{"})")}) {
        auto& socket = open();
        say(socket, text);
        ASSERT_EQ(socket.sent.size(), 1u) << text.substr(0, 80);
        EXPECT_TRUE(socket.sent[0].starts_with(R"({"type":"protocol_error","error":"FF10176: )")) << socket.sent[0];
        EXPECT_TRUE(socket.ended);
    }
}

}  // namespace
}  // namespace lockstep::delivery
