// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What must be true of every member once everything has healed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "simulation/node.hpp"
#include "simulation/workload.hpp"

namespace lockstep::simulation {

// One event of a member's timeline, as the checkers and the trace see it.
struct Line {
    std::int64_t sequence = 0;
    std::string type, reference, topic;
};

Task<std::vector<Line>> read_timeline(Node& node);
struct Leftovers {
    std::int64_t parked = 0, submissions = 0;
    std::size_t queued = 0, wanted = 0, waiting = 0;
};
Task<Leftovers> read_leftovers(Node& node);

// Appends a sentence for each promise that is broken.
void check(const std::vector<std::unique_ptr<Node>>& nodes,
           const std::vector<std::vector<Line>>& timelines,
           const std::vector<Leftovers>& leftovers,
           const Workload& work,
           std::vector<std::string>& failures);

}  // namespace lockstep::simulation
