// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "base/chance.hpp"
#include "net/frames.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <gtest/gtest.h>

#include <fstream>

namespace lockstep::net {
namespace {

using boost::asio::ip::tcp;

TEST(FreePort, is_none_that_outgoing_connections_get) {
    auto const chance = make_seeded_chance(1);
    std::ifstream range("/proc/sys/net/ipv4/ip_local_port_range");
    auto begin = 0;
    ASSERT_TRUE(range >> begin);
    if (begin <= 10'000) GTEST_SKIP() << "here they may get any port";
    for (auto i = 0; i < 20; ++i) EXPECT_LT(free_loopback_port(*chance), begin);
}

TEST(FreePort, is_not_one_that_somebody_has) {
    auto const first = free_loopback_port(*make_seeded_chance(2));
    ASSERT_EQ(free_loopback_port(*make_seeded_chance(2)), first);
    boost::asio::io_context io;
    tcp::acceptor const taken(io, {boost::asio::ip::address_v4::loopback(), first});
    EXPECT_NE(free_loopback_port(*make_seeded_chance(2)), first);
}

}  // namespace
}  // namespace lockstep::net
