// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "net/sim_network.hpp"

#include "async/test_world.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace lockstep::net {
namespace {

using Stream = std::unique_ptr<FrameStream>;

Task<void> accept_one(FrameListener& listener, Stream& stream) { stream = co_await listener.accept(); }
Task<void> connect_to(Network& network, std::string endpoint, std::string fingerprint, Stream& stream) {
    stream = co_await network.connect(endpoint, fingerprint, 10s);
}
Task<void> send_numbers(FrameStream& stream, int count, int& sent) {
    for (sent = 0; sent < count; ++sent) {
        Bytes frame(1, static_cast<std::uint8_t>(sent));
        co_await stream.send(std::move(frame));
    }
}

// What arrived, and when, as text: "0@1ms 1@1ms broken".
Task<void> note_arrivals(FrameStream& stream, Clock& clock, std::string& noted) {
    try {
        for (;;) {
            auto const frame = co_await stream.receive();
            if (!frame) {
                noted += "closed";
                co_return;
            }
            auto const at = std::chrono::duration_cast<std::chrono::milliseconds>(Duration{clock.instant().ns});
            noted += std::to_string(frame->at(0)) + "@" + std::to_string(at.count()) + "ms ";
        }
    } catch (const std::runtime_error& error) {
        if (is_cancelled(error)) throw;
        noted += "broken";
    }
}

struct Sea {
    explicit Sea(std::uint64_t seed = 1) : chance(make_seeded_chance(seed)) { listener = b->listen("b:1").value(); }
    ~Sea() {
        here.reset();
        there.reset();
        listener.reset();
        world.settle();
    }
    std::string connect(std::string fingerprint = "of b") {
        auto const accepting = world.start(accept_one(*listener, there));
        auto const connecting = world.start(connect_to(*a, "b:1", fingerprint, here));
        world.pass(1s);
        if (connecting->how() != "ended") accepting->cancel();
        world.settle();
        return connecting->how();
    }

    TestWorld world;
    std::unique_ptr<Chance> chance;
    SimWorld net{world.executor(), world.clock(), *chance};
    std::unique_ptr<Network> a = net.host("a", "of a"), b = net.host("b", "of b");
    std::unique_ptr<FrameListener> listener;
    Stream here, there;
    int sent = 0;
    std::string noted;
};

TEST(SimNetwork, carries_frames_and_names_the_peers) {
    Sea sea;
    ASSERT_EQ(sea.connect(), "ended");
    EXPECT_EQ(sea.here->peer_fingerprint(), "of b");
    EXPECT_EQ(sea.there->peer_fingerprint(), "of a");
    sea.world.start(send_numbers(*sea.here, 3, sea.sent));
    auto const receiving = sea.world.start(note_arrivals(*sea.there, sea.world.clock(), sea.noted));
    EXPECT_EQ(sea.noted, "0@1000ms 1@1000ms 2@1000ms ");
    sea.here->close();
    sea.world.settle();
    EXPECT_TRUE(sea.noted.ends_with("closed"));
    EXPECT_EQ(sea.net.stats().frames, 3u);
}

TEST(SimNetwork, refuses_a_wrong_certificate_a_wrong_endpoint_and_a_taken_one) {
    Sea sea;
    EXPECT_EQ(sea.connect("of c"), "another certificate answers at b:1");
    EXPECT_EQ(sea.connect(""), "ended");
    EXPECT_FALSE(sea.a->listen("b:1"));
    sea.listener->close();
    auto const late = sea.world.start(connect_to(*sea.a, "b:1", "", sea.here));
    sea.world.pass(1s);
    EXPECT_EQ(late->how(), "nobody answers at b:1");
    EXPECT_TRUE(sea.b->listen("b:1"));
}

TEST(SimNetwork, breaks_a_cut_link_and_makes_none_until_it_is_healed) {
    Sea sea;
    ASSERT_EQ(sea.connect(), "ended");
    sea.net.set_weather({.delay_min = 100ms, .delay_max = 100ms});
    sea.world.start(note_arrivals(*sea.there, sea.world.clock(), sea.noted));
    sea.world.start(send_numbers(*sea.here, 3, sea.sent));
    sea.net.cut("b", "a");
    sea.world.settle();
    EXPECT_EQ(sea.noted, "broken");
    EXPECT_EQ(sea.world.start(send_numbers(*sea.here, 1, sea.sent))->how(), "the connection is broken");
    EXPECT_EQ(sea.connect(), "nobody answers at b:1");
    sea.net.heal("a", "b");
    EXPECT_EQ(sea.connect(), "ended");
    EXPECT_EQ(sea.net.stats().cut, 1u);
}

TEST(SimNetwork, takes_down_a_host_with_its_listeners_and_connections) {
    Sea sea;
    ASSERT_EQ(sea.connect(), "ended");
    auto const receiving = sea.world.start(note_arrivals(*sea.here, sea.world.clock(), sea.noted));
    Stream never;
    auto const accepting = sea.world.start(accept_one(*sea.listener, never));
    sea.net.down("b");
    sea.world.settle();
    EXPECT_EQ(sea.noted, "broken");
    EXPECT_EQ(accepting->how(), "ended");
    EXPECT_EQ(never, nullptr);
    EXPECT_EQ(sea.connect(), "nobody answers at b:1");
    sea.listener = sea.b->listen("b:1").value();
    EXPECT_EQ(sea.connect(), "ended");
}

TEST(SimNetwork, delays_frames_and_keeps_their_order) {
    Sea sea;
    ASSERT_EQ(sea.connect(), "ended");
    sea.net.set_weather("a", "b", {.delay_min = 10ms, .delay_max = 50ms});
    sea.world.start(note_arrivals(*sea.there, sea.world.clock(), sea.noted));
    sea.world.start(send_numbers(*sea.here, 5, sea.sent));
    EXPECT_EQ(sea.noted, "");
    sea.world.pass(50ms);
    std::string order;
    for (std::size_t at = 0; at < sea.noted.size(); at = sea.noted.find(' ', at) + 1) order += sea.noted[at];
    EXPECT_EQ(order, "01234");
    EXPECT_EQ(sea.net.stats().delayed, 5u);
}

TEST(SimNetwork, makes_a_sender_wait_when_nobody_receives) {
    Sea sea;
    ASSERT_EQ(sea.connect(), "ended");
    auto const sending = sea.world.start(send_numbers(*sea.here, 100'000, sea.sent));
    EXPECT_EQ(sending->how(), "running");
    EXPECT_LT(sea.sent, 1000);
    sea.here->close();
    sea.world.settle();
    EXPECT_EQ(sending->how(), "the connection is broken");
}

TEST(SimNetwork, breaks_so_that_what_was_sent_may_or_may_not_have_arrived) {
    auto arrived = 0, lost = 0;
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        Sea sea(seed);
        ASSERT_EQ(sea.connect(), "ended");
        sea.net.set_weather({.broken = 1});
        sea.world.start(note_arrivals(*sea.there, sea.world.clock(), sea.noted));
        EXPECT_EQ(sea.world.start(send_numbers(*sea.here, 3, sea.sent))->how(), "the connection broke");
        EXPECT_TRUE(sea.noted == "broken" || sea.noted == "0@1000ms broken") << sea.noted;
        ++(sea.noted == "broken" ? lost : arrived);
        EXPECT_EQ(sea.net.stats().broken, 1u);
    }
    EXPECT_GT(arrived, 5);
    EXPECT_GT(lost, 5);
}

TEST(SimNetwork, repeats_a_frame_right_before_the_connection_breaks) {
    Sea sea;
    ASSERT_EQ(sea.connect(), "ended");
    sea.net.set_weather({.repeated = 1});
    sea.world.start(note_arrivals(*sea.there, sea.world.clock(), sea.noted));
    EXPECT_EQ(sea.world.start(send_numbers(*sea.here, 3, sea.sent))->how(), "the connection is broken");
    EXPECT_EQ(sea.noted, "0@1000ms 0@1000ms broken");
    EXPECT_EQ(sea.net.stats().repeated, 1u);
}

TEST(SimNetwork, damages_one_byte) {
    Sea sea;
    ASSERT_EQ(sea.connect(), "ended");
    sea.net.set_weather({.damaged = 1});
    sea.world.start(note_arrivals(*sea.there, sea.world.clock(), sea.noted));
    sea.world.start(send_numbers(*sea.here, 1, sea.sent));
    EXPECT_FALSE(sea.noted.starts_with("0@"));
    EXPECT_EQ(sea.net.stats().damaged, 1u);
}

std::string story(std::uint64_t seed) {
    Sea sea(seed);
    std::string told;
    for (auto i = 0; i < 20; ++i) {
        if (sea.connect() != "ended") continue;
        sea.net.set_weather({.delay_max = 50ms, .broken = 0.1, .repeated = 0.1, .damaged = 0.1});
        sea.world.start(note_arrivals(*sea.there, sea.world.clock(), sea.noted));
        sea.world.start(send_numbers(*sea.here, 10, sea.sent));
        sea.world.pass(100ms);
        sea.here->close();
        sea.world.pass(100ms);
        told += std::exchange(sea.noted, "") + "\n";
    }
    return told;
}

TEST(SimNetwork, tells_the_same_story_for_the_same_seed) {
    EXPECT_EQ(story(7), story(7));
    EXPECT_NE(story(7), story(8));
}

}  // namespace
}  // namespace lockstep::net
