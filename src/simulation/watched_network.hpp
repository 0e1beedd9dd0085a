// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The network of one member, with an eye on the documents that come in: how many, how many again, and how
// many whose bytes are not what their name says. It changes nothing.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "net/frames.hpp"

namespace lockstep::simulation {

struct Documents {
    std::set<Hash> seen;
    std::uint64_t arrived = 0, again = 0, damaged = 0;

    // A frame as it came; anything but a whole document is ignored.
    void look_at(BytesView frame);
};

// `documents` outlives the network and everything that comes from it.
std::unique_ptr<net::Network> make_watched_network(std::unique_ptr<net::Network> network, Documents& documents);

}  // namespace lockstep::simulation
