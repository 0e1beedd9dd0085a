// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// A network in memory for the simulation: hosts, links between them, and what goes wrong on links. Frames
// of one connection arrive in order and once, like TCP's, unless the connection breaks: then both ends see
// it broken, and of what was under way a part may still arrive. Frames of different connections overtake
// one another.
//
// What goes wrong with a frame, each with a probability of its own:
//   broken    the connection breaks. The sender sees it at once; the receiver gets none, some or all of the
//             frames under way, this one included, and then sees it too.
//   repeated  the frame arrives twice and the connection breaks behind it: what a sender that is not sure
//             and sends again looks like to the layers above.
//   damaged   one byte is another. TLS would not let that through: it stands for bytes that were bad before
//             TLS saw them, on a disk or in a peer.
//
// One executor, one thread; time is the Clock's and chance the Chance's.
#pragma once

#include "base/chance.hpp"
#include "net/frames.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

namespace lockstep::net {

class SimWorld {
  public:
    struct Stats {
        std::uint64_t connections = 0, refused = 0, frames = 0;
        std::uint64_t cut = 0, delayed = 0, repeated = 0, reordered = 0, broken = 0, damaged = 0;
    };
    struct Weather {
        Duration delay_min{}, delay_max{};
        double broken = 0, repeated = 0, damaged = 0;  // probabilities of a frame
    };

    SimWorld(Executor executor, Clock& clock, Chance& chance);
    ~SimWorld();

    // The network as that host sees it. The world outlives it.
    std::unique_ptr<Network> host(std::string name, std::string fingerprint);

    // Breaks the connections between two hosts and lets none be made until heal().
    void cut(const std::string& a, const std::string& b);
    void heal(const std::string& a, const std::string& b);
    // Everything that a host has is gone: connections break, listeners vanish.
    void down(const std::string& name);
    // Of all links that have no weather of their own.
    void set_weather(Weather weather);
    void set_weather(const std::string& a, const std::string& b, Weather weather);
    // No cuts, good weather everywhere.
    void heal_all();

    const Stats& stats() const;

    struct State;

  private:
    std::shared_ptr<State> state_;
};

}  // namespace lockstep::net
