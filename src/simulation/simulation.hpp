// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Simulation: a whole network of members in one thread from one seed. Time is virtual, disks lose what was
// not synced, links break, the ledger forks, members die at any commit. When everything has healed, the
// checkers look.
//
// The same seed gives the same run: `trace` is a hash over what every member has in its timeline, and
// when.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "async/clock.hpp"
#include "sequencer/decide.hpp"

namespace lockstep::simulation {

struct Options {
    std::uint64_t seed = 1;
    int messages = 200;     // at least so many are sent
    Duration pace = 120ms;  // at most so long between two messages of a member; a slow one sees more weather
    bool verbose = false;   // the log at level debug
    sequencer::DeciderFault fault = sequencer::DeciderFault::none;
};

// What a run of many seeds must have met, each as Report::counts names it.
inline constexpr std::array<std::string_view, 40> fault_kinds{
    "links cut",
    "connections broken",
    "frames delayed",
    "frames repeated",
    "frames reordered",
    "frames damaged",
    "pins before their document",
    "documents damaged",
    "documents twice",
    "documents missing until healed",
    "withheld",
    "forks",
    "replays",
    "ledger calls lost",
    "crashes before a commit",
    "crashes within a commit",
    "crashes after a commit",
    "crashes during start",
    "unsynced writes lost",
    "writes failed",
    "writes on a full disk",
    "subscription disconnects",
    "late members",
    "requests answered",
    "webhook calls failed",
    "webhook calls refused",
    "webhook answers lost",
    "lies: another's name",
    "lies: another's key",
    "lies: repeated pins",
    "lies: bent pins",
    "lies: damaged batches",
    "lies: pins before their batches",
    "lies: batches without pins",
    "lies: nonces out of order",
    "lies: nonces used twice",
    "lies: by outsiders",
    "lies: strange keys",
    "keys refused",
    "unpinned messages",
};

struct Report {
    std::uint64_t seed = 0;
    std::vector<std::string> failures;            // empty: everything held
    std::map<std::string, std::uint64_t> counts;  // faults of each kind, messages, events, steps
    std::string trace;                            // 64 hex digits
    double virtual_seconds = 0;
};

Report run(const Options& options);

}  // namespace lockstep::simulation
