// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Which addresses are the public internet, in which spellings, and what an operator may allow besides.
#include "net/address_rules.hpp"

#include <gtest/gtest.h>

namespace lockstep::net {
namespace {

TEST(AddressRules, what_is_not_public_is_refused_in_every_spelling) {
    for (auto const* const host :
         {// this host, private, shared, loopback, link-local and its metadata services
          "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1",
          "127.255.255.254", "169.254.169.254", "169.254.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1",
          // protocol assignments, documentation, 6to4 relays, benchmarks, multicast, reserved, broadcast
          "192.0.0.8", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9",
          "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
          // the same, as inet_aton reads it
          "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "0", "0xa9fea9fe",
          "2852039166", "10.1", "192.168.257",
          // IPv6: nothing, loopback, mapped, compatible, NAT64, its local form, discard, Teredo, ORCHID, benchmark
          "::", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:169.254.169.254", "::ffff:10.0.0.1", "::127.0.0.1",
          "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1", "2001::1", "2001:10::1", "2001:2::1",
          "2001:db8::1", "2002:7f00:1::1", "2002:808:808::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254",
          "fe80::1", "fe80::1%1", "febf::1", "fec0::1", "ff02::1", "4000::1"}) {
        auto const address = literal_address(host);
        ASSERT_TRUE(address) << host;
        EXPECT_FALSE(is_public(*address)) << host;
        EXPECT_FALSE(AddressRules().allows(*address)) << host;
    }
}

TEST(AddressRules, the_public_internet_is_allowed) {
    for (auto const* const host :
         {"1.1.1.1",         "8.8.8.8",     "9.255.255.255",   "11.0.0.0",        "100.63.255.255", "100.128.0.0",
          "126.255.255.255", "128.0.0.1",   "169.253.255.255", "172.15.0.1",      "172.32.0.1",     "192.0.1.1",
          "192.167.1.1",     "198.17.0.1",  "198.20.0.1",      "223.255.255.255", "134744072",      "2606:4700::1111",
          "2a00:1450::1",    "2001:200::1", "::ffff:8.8.8.8",  "64:ff9b::8.8.8.8"}) {
        auto const address = literal_address(host);
        ASSERT_TRUE(address) << host;
        EXPECT_TRUE(is_public(*address)) << host;
        EXPECT_TRUE(AddressRules().allows(*address)) << host;
    }
}

TEST(AddressRules, names_are_no_addresses) {
    for (auto const* const host : {"", "localhost", "example.com", "1.2.3.4.5", "256.0.0.1", "1.2.3.256", "4294967296",
                                   "0x", "127..1", "1.", "08", "a.b", "1e3", "-1", "127.0.0.1 "}) {
        EXPECT_FALSE(literal_address(host)) << host;
    }
}

TEST(AddressRules, an_operator_allows_ranges) {
    auto const rules = AddressRules::parse("127.0.0.0/8,::1/128,10.1.2.3,172.16.0.0/15");
    ASSERT_TRUE(rules);
    auto const allows = [&](const char* host) { return rules->allows(*literal_address(host)); };

    for (auto const* const host :
         {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "2130706433", "10.1.2.3", "172.17.255.255", "8.8.8.8"})
        EXPECT_TRUE(allows(host)) << host;
    for (auto const* const host :
         {"::2", "10.1.2.4", "172.18.0.0", "169.254.169.254", "64:ff9b::127.0.0.1", "::127.0.0.1", "2002:7f00:1::1"})
        EXPECT_FALSE(allows(host)) << host;
}

TEST(AddressRules, everything_can_be_allowed_and_nothing) {
    EXPECT_TRUE(AddressRules::parse("0.0.0.0/0,::/0")->allows(*literal_address("169.254.169.254")));
    EXPECT_FALSE(AddressRules::parse("none")->allows(*literal_address("127.0.0.1")));
    EXPECT_FALSE(AddressRules::parse("")->allows(*literal_address("127.0.0.1")));
}

TEST(AddressRules, what_is_no_range_is_refused_by_name) {
    std::string many = "10.0.0.1";
    for (auto i = 0; i < 64; ++i) many += ",10.0.0.1";
    for (auto const& text : {std::string("localhost"), std::string("127.0.0.0/33"), std::string("::1/129"),
                             std::string("10.0.0.0/"), std::string("10.0.0.0/-1"), std::string("10.0.0.0/8x"),
                             std::string("127.0.0.0/8,"), std::string(",127.0.0.0/8"), std::string("none,::1"), many}) {
        auto const rules = AddressRules::parse(text);
        ASSERT_FALSE(rules) << text;
        EXPECT_EQ(rules.error().code(), "LS10413") << text;
    }
}

}  // namespace
}  // namespace lockstep::net
