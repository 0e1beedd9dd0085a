// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Neighbour: what is known of one peer while it is configured, whether it is connected or not.
#pragma once

#include "async/log_budget.hpp"
#include "async/tap.hpp"
#include "swarm/detail/receiver.hpp"
#include "swarm/exchange.hpp"

namespace lockstep::swarm {

// What a peer may ask of us in vain: documents that are not here, and its own that are refused. A peer that works well
// does so now and then; beyond this it is read more slowly.
inline constexpr std::int64_t vain_at_once = 1'000;
inline constexpr Duration vain_interval = 2ms;
// A document that is not what its name says costs us more than a question, and is never sent by mistake.
inline constexpr std::int64_t vain_of_damaged = 10;

class Outgoing;
class Incoming;

struct Neighbour {
    Neighbour(Peer of, std::size_t payload_bytes_max) : peer(std::move(of)), receiver(payload_bytes_max) {}

    Peer peer;
    PeerStatus status;  // its counters and last_error; the rest is filled in when asked for
    Receiver receiver;
    bool gone = false;     // no longer a peer
    bool is_kept = false;  // a coroutine keeps it connected
    bool cut = false;      // fault
    Duration delay{};      // fault
    Tap changed;           // one of the above, or a reason to connect at once
    Outgoing* outgoing = nullptr;
    Incoming* incoming = nullptr;
    std::size_t accepted = 0;  // incoming connections, the one in use and those that wait for it to end
    Tap left;                  // an incoming connection has ended
    LogBudget lines;           // about what it does here
    Allowance vain{vain_at_once, vain_interval};
};

}  // namespace lockstep::swarm
