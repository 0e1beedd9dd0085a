// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Host: one member with its thread: the logic loop, the link to the ledger, the public face. In one
// process with others or alone in a child process, it is the same.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/config/settings.hpp"
#include "async/clock.hpp"
#include "base/result.hpp"
#include "net/address_rules.hpp"
#include "swarm/exchange.hpp"

namespace lockstep::app {

struct HostConfig {
    int index = 0;
    std::string folder;         // of this member; exists
    std::string ledger_socket;  // path
    std::uint16_t api_port = 5000;
    std::uint16_t first_api_port = 5000;  // of member 0, to pass faults on
    std::int64_t confirmations = 0;
    bool register_self = true;
    bool faults = false;
    net::AddressRules webhook_addresses;  // that webhooks may call besides the public internet
    std::vector<swarm::Peer> members;     // every member by index, ourselves included
    config::Settings settings;            // of the configuration file; defaults without one
};

class Host {
  public:
    // Called from the host's thread.
    struct Hooks {
        std::function<void(std::uint16_t port)> serving;  // the API answers
        std::function<void()> registered;                 // every member's organisation and node is known here
        std::function<void(std::string error)> failed;    // it ended, and not because it was asked to
    };

    Host(HostConfig config, Hooks hooks);
    ~Host();  // stops and waits

    // Starts the thread.
    void start();
    // Asks it to stop in order: nothing new, what is in goes through, positions written. Any thread.
    void stop();
    // Returns when the thread has ended.
    void join();

  private:
    struct Life;
    std::unique_ptr<Life> life_;
};

// The files of a member folder that others read: its endpoint and certificate.
struct MemberFiles {
    std::string node_profile;  // JSON for the node's claim
    swarm::Peer peer;          // its endpoint is what the others connect to
    std::string listen;        // where it listens itself; another place when a proxy stands before it
};
// Makes or reads keys and peer file in `folder`, with so many accounts at least; chooses a free loopback port for the
// peer link the first time (README.md has the two files about it). LS1031x when key files are not as they should be.
Result<MemberFiles> prepare_member(const std::string& folder, int index, int accounts = 1);
// Accounts on the ledger that the member can sign for, the organisation's first. None when there is no such folder.
Result<std::vector<std::string>> accounts_of_member(const std::string& folder);

}  // namespace lockstep::app
