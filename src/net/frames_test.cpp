// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "net/frames.hpp"

#include "async/scope.hpp"
#include "net/test_world.hpp"

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl.hpp>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

namespace lockstep::net {
namespace {

using Local = asio::local::stream_protocol;
using Stream = std::unique_ptr<FrameStream>;

Bytes bytes_of(std::size_t size, std::uint8_t first) {
    Bytes out(size);
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(first + i);
    return out;
}

Task<void> accept_one(FrameListener& listener, Stream& stream) { stream = co_await listener.accept(); }

Task<void> connect_to(Network& network, std::string endpoint, std::string fingerprint, Stream& stream) {
    stream = co_await network.connect(endpoint, fingerprint, 10s);
}

Task<void> send(FrameStream& stream, Bytes frame) { co_await stream.send(std::move(frame)); }

Task<void> receive(FrameStream& stream, std::optional<Bytes>& frame) { frame = co_await stream.receive(); }

// Two ends of a connection, whatever it is made of.
class FramesTest : public testing::Test {
  protected:
    void listen(Network& network, std::string endpoint) { listener = network.listen(std::move(endpoint)).value(); }

    void join(Network& network, std::string fingerprint = "") {
        auto const accepting = loop.start(accept_one(*listener, there));
        loop.run(connect_to(network, listener->endpoint(), fingerprint, here));
        loop.run_until(accepting->ended);
    }
    std::optional<Bytes> received(FrameStream& stream) {
        std::optional<Bytes> frame;
        loop.run(receive(stream, frame));
        return frame;
    }
    void exchange(std::size_t size) {
        auto const frame = bytes_of(size, 7);
        loop.start(send(*here, frame));
        EXPECT_EQ(received(*there), frame);
        loop.start(send(*there, frame));
        EXPECT_EQ(received(*here), frame);
    }

    TestLoop loop;
    std::unique_ptr<FrameListener> listener;
    Stream here, there;
};

class TlsTest : public FramesTest {
  protected:
    std::unique_ptr<Network> network_of(const Certificate& certificate, FrameLimits limits = {}) {
        return make_tls_network(loop.executor(), loop.clock(), certificate.key_pem, certificate.certificate_pem,
                                limits);
    }
    std::uint16_t port() const {
        auto const& endpoint = listener->endpoint();
        return static_cast<std::uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1)));
    }

    Certificate first = make_certificate("first"), second = make_certificate("second");
};

TEST_F(TlsTest, carries_frames_both_ways_and_names_the_peers) {
    auto const server = network_of(first);
    auto const client = network_of(second);
    listen(*server, "127.0.0.1:0");
    join(*client, first.fingerprint);
    EXPECT_EQ(here->peer_fingerprint(), first.fingerprint);
    EXPECT_EQ(there->peer_fingerprint(), second.fingerprint);
    for (std::size_t const size : {0u, 1u, 4095u, 4096u, 70'000u, 1u << 20}) exchange(size);
}

TEST_F(TlsTest, carries_many_frames_of_many_senders_each_in_order) {
    auto const network = network_of(first);
    listen(*network, "127.0.0.1:0");
    join(*network);
    auto send_many = [](FrameStream& over, std::uint8_t name) -> Task<void> {
        for (std::uint8_t i = 0; i < 200; ++i) {
            Bytes const frame{name, i};
            co_await over.send(frame);
        }
    };
    for (std::uint8_t name = 0; name < 4; ++name) loop.start(send_many(*here, name));
    auto receive_all = [](FrameStream& over) -> Task<void> {
        std::array<int, 4> next{};
        for (auto i = 0; i < 800; ++i) {
            auto const frame = co_await over.receive();
            EXPECT_EQ(frame->at(1), next.at(frame->at(0))++);
        }
    };
    loop.run(receive_all(*there));
}

TEST_F(TlsTest, does_not_talk_to_another_certificate_than_the_expected) {
    auto const network = network_of(first);
    listen(*network, "127.0.0.1:0");
    EXPECT_THROW(loop.run(connect_to(*network, listener->endpoint(), second.fingerprint, here)), std::runtime_error);
    EXPECT_EQ(here, nullptr);
}

// A client of TLS alone, to say what our own network never would.
Task<void> shake_hands(TestLoop& loop, std::uint16_t port, asio::ssl::context& context) {
    asio::ssl::stream<asio::ip::tcp::socket> stream(loop.executor(), context);
    asio::ip::tcp::endpoint const endpoint(asio::ip::address_v4::loopback(), port);
    co_await stream.lowest_layer().async_connect(endpoint, asio::use_awaitable);
    co_await stream.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
    // With TLS 1.3 the client has finished before the server refuses it.
    std::array<char, 1> nothing;
    co_await stream.async_read_some(asio::buffer(nothing), asio::use_awaitable);
}

TEST_F(TlsTest, refuses_who_has_no_certificate_and_who_speaks_old_tls) {
    auto const network = network_of(first);
    listen(*network, "127.0.0.1:0");
    auto const accepting = loop.start(accept_one(*listener, there));
    asio::ssl::context without(asio::ssl::context::tlsv13_client);
    EXPECT_THROW(loop.run(shake_hands(loop, port(), without)), boost::system::system_error);
    asio::ssl::context old(asio::ssl::context::tlsv12_client);
    old.use_certificate_chain(asio::buffer(second.certificate_pem));
    old.use_private_key(asio::buffer(second.key_pem), asio::ssl::context::pem);
    EXPECT_THROW(loop.run(shake_hands(loop, port(), old)), boost::system::system_error);
    EXPECT_FALSE(accepting->ended);
    loop.run(connect_to(*network, listener->endpoint(), "", here));
    loop.run_until(accepting->ended);
    EXPECT_EQ(there->peer_fingerprint(), first.fingerprint);
}

TEST_F(TlsTest, is_not_held_up_by_the_silent_and_ends_them_in_time) {
    FrameLimits limits;
    limits.handshake_timeout = 100ms;
    auto const server = network_of(first, limits);
    auto const client = network_of(second);
    listen(*server, "127.0.0.1:0");
    std::vector<RawClient> silent;
    for (auto i = 0; i < 10; ++i) silent.emplace_back(loop.executor(), port());
    join(*client);
    exchange(100);
    auto expect_end = [](RawClient& from) -> Task<void> {
        auto const rest = co_await from.rest();
        EXPECT_EQ(rest, "");
    };
    for (auto& one : silent) loop.run(expect_end(one));
}

TEST_F(TlsTest, takes_more_handshakes_than_it_does_at_once) {
    FrameLimits limits;
    limits.handshake_timeout = 50ms;
    auto const server = network_of(first, limits);
    auto const client = network_of(second);
    listen(*server, "127.0.0.1:0");
    std::vector<RawClient> silent;
    for (auto i = 0; i < 100; ++i) silent.emplace_back(loop.executor(), port());
    join(*client);
    exchange(100);
}

TEST_F(TlsTest, lets_a_crowd_that_says_nothing_keep_nobody_out) {
    auto const server = network_of(first);
    auto const client = network_of(second);
    listen(*server, "127.0.0.1:0");
    std::vector<RawClient> silent;
    for (auto i = 0; i < 400; ++i) silent.emplace_back(loop.executor(), port());
    join(*client);  // the handshakes of the crowd would end in a minute
    exchange(100);
    auto expect_end = [](RawClient& from) -> Task<void> {
        auto const rest = co_await from.rest();
        EXPECT_EQ(rest, "");
    };
    loop.run(expect_end(silent.front()));
}

TEST_F(TlsTest, ends_who_talks_no_tls) {
    auto const network = network_of(first);
    listen(*network, "127.0.0.1:0");
    auto talk = [](RawClient client) -> Task<void> {
        co_await client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        co_await client.rest();
    };
    loop.run(talk(RawClient(loop.executor(), port())));
    join(*network);
    exchange(100);
}

TEST_F(TlsTest, ends_between_frames_when_the_peer_closes) {
    auto const network = network_of(first);
    listen(*network, "127.0.0.1:0");
    join(*network);
    loop.run(send(*here, bytes_of(10, 1)));
    here.reset();
    EXPECT_EQ(received(*there), bytes_of(10, 1));
    EXPECT_EQ(received(*there), std::nullopt);
    EXPECT_THROW(loop.run(send(*there, bytes_of(10, 1)));
                 loop.run(send(*there, bytes_of(10, 1))), boost::system::system_error);
}

TEST_F(TlsTest, stops_accepting_when_it_is_closed) {
    auto const network = network_of(first);
    listen(*network, "127.0.0.1:0");
    auto const accepting = loop.start(accept_one(*listener, there));
    auto const endpoint = listener->endpoint();
    listener->close();
    loop.run_until(accepting->ended);
    EXPECT_EQ(there, nullptr);
    EXPECT_FALSE(accepting->failure);
    EXPECT_THROW(loop.run(connect_to(*network, endpoint, "", here)), boost::system::system_error);
}

TEST_F(TlsTest, says_why_it_cannot_listen) {
    auto const network = network_of(first);
    listen(*network, "127.0.0.1:0");
    for (auto const& endpoint :
         {listener->endpoint(), std::string("127.0.0.1"), std::string("192.0.2.1:0"), std::string("::1:5")}) {
        auto const refused = network->listen(endpoint);
        ASSERT_FALSE(refused) << endpoint;
        EXPECT_EQ(refused.error().code(), "LS10010");
    }
}

class UnixTest : public FramesTest {
  protected:
    void SetUp() override {
        auto name = (std::filesystem::temp_directory_path() / "lockstep-net-XXXXXX").string();
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        folder = name;
        path = (folder / "socket").string();
    }
    void TearDown() override {
        listener.reset();
        std::filesystem::remove_all(folder);
    }
    std::unique_ptr<Network> network_with(FrameLimits limits) {
        return make_unix_network(loop.executor(), loop.clock(), limits);
    }

    // A peer by hand at the other end of `there`.
    Local::socket raw_peer(Network& network) {
        listen(network, path);
        Local::socket socket(loop.executor());
        auto const accepting = loop.start(accept_one(*listener, there));
        socket.connect(Local::endpoint(path));
        loop.run_until(accepting->ended);
        return socket;
    }

    std::filesystem::path folder;
    std::string path;
    std::optional<Bytes> got;
};

TEST_F(UnixTest, carries_frames_both_ways) {
    auto const network = network_with({});
    listen(*network, path);
    join(*network);
    EXPECT_EQ(here->peer_fingerprint(), "");
    for (std::size_t const size : {0u, 1u, 4095u, 4096u, 70'000u, 1u << 20}) exchange(size);
}

TEST_F(UnixTest, makes_a_socket_for_its_owner_only_and_takes_it_away) {
    auto const network = network_with({});
    listen(*network, path);
    struct stat found {};
    ASSERT_EQ(::stat(path.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0600u);
    listener.reset();
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(UnixTest, takes_the_place_of_a_dead_socket_and_not_of_a_living_one) {
    { Local::acceptor dead(loop.executor(), Local::endpoint(path)); }
    ASSERT_TRUE(std::filesystem::exists(path));
    auto const network = network_with({});
    listen(*network, path);
    auto const second = network->listen(path);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code(), "LS10010");
    EXPECT_FALSE(network->listen((folder / std::string(200, 'x')).string()));
}

TEST_F(UnixTest, refuses_a_claimed_length_beyond_the_limit) {
    auto const network = network_with({.frame_bytes_max = 1000});
    auto peer = raw_peer(*network);
    asio::write(peer, asio::buffer(std::string("\xff\xff\xff\xff", 4)));
    try {
        received(*there);
        ADD_FAILURE() << "a frame of 4 GiB was read";
    } catch (const std::length_error& error) {
        EXPECT_STREQ(error.what(), "LS10402: A frame of 4294967295 bytes is larger than 1000");
    }
    EXPECT_THROW(loop.run(send(*there, bytes_of(1001, 0))), std::length_error);
}

TEST_F(UnixTest, takes_a_frame_of_exactly_the_limit_in_pieces) {
    auto const network = network_with({.frame_bytes_max = 1000});
    auto peer = raw_peer(*network);
    auto const body = bytes_of(1000, 3);
    asio::write(peer, asio::buffer(std::string("\0\0", 2)));
    asio::write(peer, asio::buffer(std::string("\x03\xe8", 2)));
    asio::write(peer, asio::buffer(body.data(), 500));
    auto const receiving = loop.start(receive(*there, got));
    loop.run(send(*there, bytes_of(1, 0)));
    EXPECT_FALSE(receiving->ended);
    asio::write(peer, asio::buffer(body.data() + 500, 500));
    loop.run_until(receiving->ended);
    EXPECT_EQ(got, body);
}

TEST_F(UnixTest, tells_an_end_within_a_frame_from_one_between_frames) {
    auto const network = network_with({});
    auto peer = raw_peer(*network);
    asio::write(peer, asio::buffer(std::string("\0\0\0\x02"
                                               "ab"
                                               "\0\0\0\x02"
                                               "a",
                                               11)));
    peer.close();
    EXPECT_EQ(received(*there), (Bytes{'a', 'b'}));
    EXPECT_THROW(received(*there), boost::system::system_error);
}

TEST_F(UnixTest, times_out_within_a_frame) {
    auto const network = network_with({.read_timeout = 10ms});
    auto peer = raw_peer(*network);
    asio::write(peer, asio::buffer(std::string("\0\0", 2)));
    EXPECT_THROW(received(*there), TimedOut);
}

Task<void> sleep(Clock& clock, Duration duration) { co_await clock.sleep(duration); }

TEST_F(UnixTest, waits_between_frames_as_long_as_it_takes) {
    auto const network = network_with({.read_timeout = 1ms});
    auto peer = raw_peer(*network);
    auto const receiving = loop.start(receive(*there, got));
    loop.run(sleep(loop.clock(), 10ms));
    EXPECT_FALSE(receiving->ended);
    asio::write(peer, asio::buffer(std::string("\0\0\0\x01"
                                               "a",
                                               5)));
    loop.run_until(receiving->ended);
    EXPECT_EQ(got, Bytes{'a'});
}

TEST_F(UnixTest, times_out_when_the_peer_takes_nothing) {
    auto const network = network_with({.write_timeout = 20ms});
    auto peer = raw_peer(*network);
    auto send_on = [](FrameStream& over) -> Task<void> {
        for (;;) co_await over.send(Bytes(1 << 20));
    };
    EXPECT_THROW(loop.run(send_on(*there)), TimedOut);
}

TEST_F(UnixTest, ends_pending_calls_when_it_is_closed) {
    auto const network = network_with({});
    auto peer = raw_peer(*network);
    auto const receiving = loop.start(receive(*there, got));
    loop.run(sleep(loop.clock(), 1ms));
    there->close();
    loop.run_until(receiving->ended);
    EXPECT_FALSE(receiving->failure);
    EXPECT_EQ(got, std::nullopt);
    EXPECT_THROW(loop.run(send(*there, Bytes{})), boost::system::system_error);
}

}  // namespace
}  // namespace lockstep::net
