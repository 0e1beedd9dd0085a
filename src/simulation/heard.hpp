// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What one durable subscription has been told.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lockstep::simulation {

struct Heard {
    std::vector<std::int64_t> first_times;  // sequences, each when it came for the first time
    std::int64_t highest = -1;
    std::int64_t acknowledged = -1;  // the highest that was acknowledged
    std::uint64_t again = 0, acknowledged_again = 0, disconnects = 0;
    std::vector<std::string> faults;

    void take(std::int64_t sequence) {
        if (sequence <= highest) {
            ++again;
            return;
        }
        highest = sequence;
        first_times.push_back(sequence);
    }
};

}  // namespace lockstep::simulation
