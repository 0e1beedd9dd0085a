// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "net/detail/ws_codec.hpp"
#include "base/chance.hpp"
#include "net/detail/ws_handshake.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace lockstep::net {
namespace {

using Kind = WsDecoder::Kind;
constexpr WsMask fixed_mask{0x12, 0x34, 0x56, 0x78};

// As a client sends it.
std::string frame(WsOpcode opcode, std::string_view payload) {
    std::string out;
    append_frame(out, opcode, payload, &fixed_mask);
    return out;
}
std::string unfinished(std::string bytes) {
    bytes[0] = static_cast<char>(bytes[0] & 0x7f);
    return bytes;
}

std::vector<WsDecoder::Event> decode(std::string_view bytes, std::size_t step, std::size_t limit = 1 << 20) {
    WsDecoder decoder(WsSide::server, limit);
    std::vector<WsDecoder::Event> events;
    std::string held;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
        held += bytes.substr(at, step);
        for (;;) {
            std::string_view left = held;
            auto event = decoder.feed(left);
            held.erase(0, held.size() - left.size());
            if (event.kind == Kind::more) break;
            events.push_back(std::move(event));
            if (events.back().kind == Kind::violation) return events;
        }
    }
    return events;
}

std::uint16_t violation_of(std::string_view bytes, std::size_t limit = 1 << 20) {
    auto const events = decode(bytes, bytes.size(), limit);
    return !events.empty() && events.back().kind == Kind::violation ? events.back().code : 0;
}

TEST(WsCodec, reads_what_it_wrote_in_pieces_of_any_size) {
    for (std::size_t const size : {0u, 1u, 7u, 8u, 125u, 126u, 127u, 65535u, 65536u, 100'000u}) {
        std::string payload;
        for (std::size_t i = 0; i < size; ++i) payload += static_cast<char>('a' + i % 26);
        auto const bytes = frame(WsOpcode::text, payload) + frame(WsOpcode::binary, "next");
        for (std::size_t const step : {1u, 3u, 4096u, 1'000'000u}) {
            if (step == 1 && size > 1000) continue;
            auto const events = decode(bytes, step);
            ASSERT_EQ(events.size(), 2u) << size << " by " << step;
            EXPECT_EQ(events[0].kind, Kind::message);
            EXPECT_EQ(events[0].payload, payload);
            EXPECT_EQ(events[1].payload, "next");
        }
    }
}

TEST(WsCodec, reads_unmasked_frames_as_a_client) {
    std::string bytes;
    append_frame(bytes, WsOpcode::text, "hello");
    std::string_view left = bytes;
    WsDecoder decoder(WsSide::client, 100);
    auto const event = decoder.feed(left);
    EXPECT_EQ(event.kind, Kind::message);
    EXPECT_EQ(event.payload, "hello");
    auto const masked = frame(WsOpcode::text, "x");
    left = masked;
    EXPECT_EQ(decoder.feed(left).code, WsCloseCode::protocol_error);
}

TEST(WsCodec, joins_fragments_around_control_frames) {
    auto const bytes = unfinished(frame(WsOpcode::text, "\xe2\x82")) + frame(WsOpcode::ping, "p") +
                       unfinished(frame(WsOpcode::continuation, "\xac")) + frame(WsOpcode::pong, "q") +
                       frame(WsOpcode::continuation, "!");
    for (std::size_t const step : {1u, 1000u}) {
        auto const events = decode(bytes, step);
        ASSERT_EQ(events.size(), 3u);
        EXPECT_EQ(events[0].kind, Kind::ping);
        EXPECT_EQ(events[0].payload, "p");
        EXPECT_EQ(events[1].kind, Kind::pong);
        EXPECT_EQ(events[2].kind, Kind::message);
        EXPECT_EQ(events[2].payload, "\xe2\x82\xac!");
    }
}

TEST(WsCodec, refuses_a_message_beyond_the_limit_by_its_header) {
    EXPECT_EQ(violation_of(frame(WsOpcode::text, std::string(101, 'x')).substr(0, 8), 100), WsCloseCode::too_big);
    EXPECT_EQ(violation_of(frame(WsOpcode::text, std::string(100, 'x')), 100), 0);
    EXPECT_EQ(violation_of(unfinished(frame(WsOpcode::text, std::string(60, 'x'))) +
                               frame(WsOpcode::continuation, std::string(60, 'x')),
                           100),
              WsCloseCode::too_big);
    std::string huge("\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff____", 14);
    EXPECT_EQ(violation_of(huge), WsCloseCode::too_big);
}

TEST(WsCodec, refuses_what_the_protocol_forbids) {
    auto changed = [](std::string bytes, std::size_t at, int bits) {
        bytes[at] = static_cast<char>(bytes[at] ^ bits);
        return bytes;
    };
    auto const text = frame(WsOpcode::text, "hello");
    EXPECT_EQ(violation_of(changed(text, 0, 0x40)), WsCloseCode::protocol_error) << "reserved bit";
    EXPECT_EQ(violation_of(changed(text, 1, 0x80)), WsCloseCode::protocol_error) << "not masked";
    EXPECT_EQ(violation_of(frame(static_cast<WsOpcode>(3), "")), WsCloseCode::protocol_error) << "unknown opcode";
    EXPECT_EQ(violation_of(frame(static_cast<WsOpcode>(11), "")), WsCloseCode::protocol_error)
        << "unknown control opcode";
    EXPECT_EQ(violation_of(frame(WsOpcode::continuation, "x")), WsCloseCode::protocol_error) << "nothing to continue";
    EXPECT_EQ(violation_of(unfinished(text) + text), WsCloseCode::protocol_error) << "message in message";
    EXPECT_EQ(violation_of(unfinished(frame(WsOpcode::ping, ""))), WsCloseCode::protocol_error) << "ping in pieces";
    EXPECT_EQ(violation_of(frame(WsOpcode::ping, std::string(126, 'x'))), WsCloseCode::protocol_error) << "long ping";
    EXPECT_EQ(violation_of(std::string("\x81\xfe\x00\x05____hello", 13)), WsCloseCode::protocol_error)
        << "length in two bytes for nothing";
    EXPECT_EQ(violation_of(frame(WsOpcode::close, "x")), WsCloseCode::protocol_error) << "half a code";
    for (auto const code : {0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65535}) {
        EXPECT_EQ(violation_of(frame(WsOpcode::close, close_payload(static_cast<std::uint16_t>(code), ""))),
                  WsCloseCode::protocol_error)
            << code;
    }
}

TEST(WsCodec, reads_close_codes_and_reasons) {
    auto const with_code = decode(frame(WsOpcode::close, close_payload(4321, "why")), 1000);
    EXPECT_EQ(with_code.at(0).kind, Kind::close);
    EXPECT_EQ(with_code.at(0).code, 4321);
    EXPECT_EQ(with_code.at(0).payload, "why");
    EXPECT_EQ(decode(frame(WsOpcode::close, ""), 1000).at(0).code, WsCloseCode::none);
    EXPECT_EQ(violation_of(frame(WsOpcode::close, close_payload(1000, "\xff"))), WsCloseCode::bad_text);
}

TEST(WsCodec, cuts_a_long_reason_between_characters) {
    auto const payload = close_payload(1000, std::string(122, 'x') + "\xe2\x82\xac");
    EXPECT_EQ(payload.size(), 124u);
    EXPECT_TRUE(is_utf8(std::string_view(payload).substr(2)));
}

TEST(WsCodec, checks_text_and_not_binary) {
    EXPECT_EQ(violation_of(frame(WsOpcode::text, "\xff")), WsCloseCode::bad_text);
    EXPECT_EQ(violation_of(frame(WsOpcode::binary, "\xff")), 0);
}

TEST(WsCodec, ends_in_an_answer_whatever_bytes_come) {
    auto const good = frame(WsOpcode::text, "hello") + unfinished(frame(WsOpcode::binary, std::string(200, 'x'))) +
                      frame(WsOpcode::ping, "p") + frame(WsOpcode::continuation, "") +
                      frame(WsOpcode::close, close_payload(1000, "bye"));
    auto const chance = make_seeded_chance(1);
    for (auto round = 0; round < 20'000; ++round) {
        auto bytes = good;
        for (auto changes = 1 + chance->below(4); changes > 0; --changes) {
            bytes[chance->below(bytes.size())] = static_cast<char>(chance->below(256));
        }
        for (const auto& event : decode(bytes, 1 + chance->below(50), 1000)) ASSERT_LE(event.payload.size(), 1000u);
    }
}

TEST(Utf8, knows_its_bounds) {
    for (auto const* const good :
         {"", "ascii only, longer than eight", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
          "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf",
          "12345678\xe2\x82\xac"
          "12345678"}) {
        EXPECT_TRUE(is_utf8(good)) << good;
    }
    for (auto const* const bad :
         {"\x80", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xe2\x82",
          "\xe2\x28\xa1", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf0\x90\x80", "\xff",
          "12345678\xe2\x82"
          "12345678"}) {
        EXPECT_FALSE(is_utf8(bad)) << bad;
    }
}

TEST(WsHandshake, answers_as_the_rfc_does) {
    Headers headers;
    headers.set("Sec-WebSocket-Version", "13");
    EXPECT_EQ(websocket_accept(headers), std::nullopt);
    headers.set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
    EXPECT_EQ(websocket_accept(headers), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    headers.set("Sec-WebSocket-Version", "8");
    EXPECT_EQ(websocket_accept(headers), std::nullopt);
    headers.set("Sec-WebSocket-Version", "13");
    headers.set("Sec-WebSocket-Key", "not sixteen bytes");
    EXPECT_EQ(websocket_accept(headers), std::nullopt);
}

}  // namespace
}  // namespace lockstep::net
