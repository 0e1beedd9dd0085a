// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// All chance comes through here, so that the simulation can replay it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

namespace lockstep {

class Chance {
  public:
    virtual ~Chance() = default;
    virtual void fill(std::span<std::uint8_t> out) = 0;

    std::uint64_t next();
    // 0 .. limit-1; limit > 0.
    std::uint64_t below(std::uint64_t limit) { return next() % limit; }
    // 0.0 .. 1.0
    double fraction() { return static_cast<double>(next() >> 11) / 9007199254740992.0; }
};

// The operating system's.
std::unique_ptr<Chance> make_system_chance();
// xoshiro256** from a seed: the same seed gives the same bytes on every machine.
std::unique_ptr<Chance> make_seeded_chance(std::uint64_t seed);

}  // namespace lockstep
