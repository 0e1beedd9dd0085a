// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// `lockstep dev`: N members and a simulated ledger on this machine. With `processes` each member is a child
// process, and one that dies is started again at once; otherwise each has a thread here.
#pragma once

#include <cstdint>
#include <string>

#include "async/clock.hpp"
#include "base/result.hpp"

namespace lockstep::app {

// What webhooks of a network on this machine may call besides the public internet, unless something else is said.
inline constexpr const char* loopback_ranges = "127.0.0.0/8,::1/128";

struct DevOptions {
    int members = 2;
    int accounts = 1;  // of each member, at least
    std::string data = "data";
    std::uint16_t api_port = 5000, log_port = 4454, connector_port = 5008;
    Duration block_interval = 1s;
    std::int64_t confirmations = 0;
    bool processes = false, faults = false, register_members = true;
    std::string webhook_allow = loopback_ranges;
    std::string program;          // this executable, for the children
    std::string config;           // a configuration file; empty: none
    bool api_port_given = false;  // by the command line, which outweighs the file
};

// The ranges must be good (net::AddressRules::parse). Blocks until SIGINT or SIGTERM; prints a line that begins with
// `ready` when everything answers. The exit code.
int run_dev(const DevOptions& options);

// The folder of a member within `data`.
std::string member_folder(const std::string& data, int index);

// The child: member `index` of a network whose ledger another process holds.
struct MemberOptions {
    int index = 0;
    int members = 2;
    std::string data;
    std::uint16_t api_port = 5000;  // of member 0
    std::int64_t confirmations = 0;
    bool faults = false, register_members = true;
    std::string webhook_allow = loopback_ranges;
    std::string config;
};
int run_member(const MemberOptions& options);

}  // namespace lockstep::app
