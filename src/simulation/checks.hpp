// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What must be true of every member once everything has healed.
#pragma once

#include <map>
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
// What ought to be gone when nothing is under way.
struct Leftovers {
    std::int64_t parked = 0;         // pins, messages and batches
    std::vector<std::string> waits;  // what parked messages wait for, and how many of each kind are parked
    std::int64_t submissions = 0, outbox = 0;
    std::size_t queued = 0, wanted = 0, waiting = 0;

    bool none() const { return parked + submissions + outbox == 0 && queued + wanted + waiting == 0; }
};
// `lies`: messages and batches that nobody else has to be done with.
Task<Leftovers> read_leftovers(Node& node, const Book& book);

// Replies that are confirmed here: to which request, and whose.
using Answers = std::map<Uuid, std::vector<std::string>>;
Task<Answers> read_answers(Node& node);

// Blobs whose bytes have the hash that their row says.
Task<std::set<Hash>> read_blobs(Node& node);

// One member at the end.
struct Seen {
    std::vector<Line> lines;
    Leftovers left;
    Heard heard, hooked;  // by the subscription of a socket, and by the webhook
    std::set<Hash> blobs;
    Answers answers;
};

// Appends a sentence for each promise that is broken.
void check(const std::vector<Seen>& members, const Workload& work, std::vector<std::string>& failures);

}  // namespace lockstep::simulation
