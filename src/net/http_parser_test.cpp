// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "net/detail/http_parser.hpp"

#include "base/chance.hpp"

#include <gtest/gtest.h>

#include <string>

namespace lockstep::net {
namespace {

constexpr MessageLimits limits{1000, 1000};

TEST(RequestParser, splits_the_target_as_it_was_sent) {
    auto parse = [](std::string target) {
        RequestParser parser(limits);
        auto const text = "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n";
        std::string_view left = text;
        EXPECT_EQ(parser.feed(left), Parsed::done) << target;
        EXPECT_TRUE(left.empty());
        return parser.request().path + "|" + parser.request().query;
    };
    EXPECT_EQ(parse("/a%20b"), "/a%20b|");
    EXPECT_EQ(parse("/a?"), "/a|");
    EXPECT_EQ(parse("/a?b=c?d"), "/a|b=c?d");
    EXPECT_EQ(parse("http://host:80/a?b=http://c/"), "/a|b=http://c/");
    EXPECT_EQ(parse("http://host"), "/|");
    EXPECT_EQ(parse("/a?b=http://c/"), "/a|b=http://c/");
    EXPECT_EQ(parse("*"), "*|");
}

TEST(RequestParser, knows_a_websocket_request) {
    auto wants = [](std::string head) {
        RequestParser parser(limits);
        auto const text = head + "Host: x\r\n\r\n";
        std::string_view left = text;
        EXPECT_EQ(parser.feed(left), Parsed::done);
        return parser.wants_websocket();
    };
    EXPECT_TRUE(wants("GET / HTTP/1.1\r\nUpgrade: WebSocket\r\nConnection: keep-alive, upgrade\r\n"));
    EXPECT_FALSE(wants("GET / HTTP/1.1\r\nUpgrade: websocket\r\n"));
    EXPECT_FALSE(wants("GET / HTTP/1.1\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n"));
    EXPECT_FALSE(wants("POST / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"));
}

// Until an end, in pieces of chance; what it answers is not looked at, only that it answers.
void feed_all(const std::string& bytes, Chance& chance) {
    RequestParser parser(limits);
    std::string held;
    for (std::size_t at = 0; at < bytes.size();) {
        auto const size = 1 + chance.below(40);
        held += bytes.substr(at, size);
        at += size;
        for (auto parsed = Parsed::header; parsed == Parsed::header || parsed == Parsed::done;) {
            std::string_view left = held;
            parsed = parser.feed(left);
            held.erase(0, held.size() - left.size());
            if (parsed == Parsed::done) parser.reset();
            if (parsed > Parsed::done) return;
            ASSERT_LE(parser.request().body.size(), limits.body_bytes_max);
        }
    }
}

TEST(RequestParser, ends_in_an_answer_whatever_bytes_come) {
    const std::string good =
        "POST /a?b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nA: b\r\n\r\n"
        "POST /c HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello"
        "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
    auto const chance = make_seeded_chance(1);
    for (auto round = 0; round < 20'000; ++round) {
        auto bytes = good;
        for (auto changes = chance->below(4); changes > 0; --changes) {
            auto const at = chance->below(bytes.size());
            switch (chance->below(3)) {
                case 0: bytes[at] = static_cast<char>(chance->below(256)); break;
                case 1: bytes.erase(at, 1 + chance->below(20)); break;
                default: bytes.insert(at, bytes.substr(chance->below(bytes.size()), chance->below(30))); break;
            }
        }
        feed_all(bytes, *chance);
    }
}

TEST(ResponseParser, reads_a_body_that_lasts_until_the_end) {
    ResponseParser parser(limits, false);
    std::string_view text = "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\n\r\nbody";
    EXPECT_EQ(parser.feed(text), Parsed::header);
    EXPECT_EQ(parser.feed(text), Parsed::more);
    EXPECT_EQ(parser.feed_end(), Parsed::done);
    EXPECT_EQ(parser.response().body, "body");
    EXPECT_EQ(parser.response().content_type, "a/b");
}

TEST(ResponseParser, is_not_satisfied_with_half_an_answer) {
    ResponseParser parser(limits, false);
    std::string_view text = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nbody";
    EXPECT_EQ(parser.feed(text), Parsed::header);
    EXPECT_EQ(parser.feed(text), Parsed::more);
    EXPECT_EQ(parser.feed_end(), Parsed::malformed);
    ResponseParser nothing(limits, false);
    EXPECT_EQ(nothing.feed_end(), Parsed::malformed);
}

}  // namespace
}  // namespace lockstep::net
