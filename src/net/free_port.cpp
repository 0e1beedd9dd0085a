// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "net/frames.hpp"

#include "base/chance.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <algorithm>
#include <fstream>
#include <optional>

namespace lockstep::net {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// Below everything from which a system gives ports to outgoing connections, unless it was told otherwise:
// one of those, even one that has ended a minute ago, would keep a member from listening there again.
constexpr std::uint16_t first_port = 10'000;
constexpr std::uint16_t end_port = 20'000;
constexpr int tries_max = 100;

std::uint16_t end_of_calm_ports() {
    std::ifstream range("/proc/sys/net/ipv4/ip_local_port_range");
    std::uint16_t begin = end_port;
    range >> begin;
    return std::min(begin, end_port);
}

std::optional<std::uint16_t> bound(asio::io_context& io, std::uint16_t port) {
    boost::system::error_code error;
    tcp::acceptor acceptor(io);
    acceptor.open(tcp::v4(), error);
    if (!error) acceptor.bind({asio::ip::address_v4::loopback(), port}, error);
    if (!error) acceptor.listen(1, error);
    if (error) return std::nullopt;
    return acceptor.local_endpoint().port();
}

}  // namespace

std::uint16_t free_loopback_port(Chance& chance) {
    asio::io_context io;
    auto const end = end_of_calm_ports();
    for (auto i = 0; i < tries_max && end > first_port; ++i) {
        auto const port = static_cast<std::uint16_t>(first_port + chance.below(end - first_port));
        if (bound(io, port)) return port;
    }
    // The system's own choice, or 0 if it has none: whoever binds it says so.
    return bound(io, 0).value_or(0);
}

}  // namespace lockstep::net
