// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The words behind `lockstep_load`; main.cpp says what they mean.
#pragma once

#include <cstddef>
#include <string>

#include "load/letter.hpp"

namespace lockstep::load {

struct Options {
    std::string mode;
    std::string a = "http://127.0.0.1:5000", b = "http://127.0.0.1:5001", path, run;
    Kind kind = Kind::broadcast;
    std::size_t workers = 50, payload = 100, samples = 30, readahead = 50, count = 0;
    std::size_t subscriptions = 100, rounds = 3;
    double seconds = 60, warmup = 5, timeout = 120, rate = 100;
    bool batch = false, fastack = false;
};

// Throws with a sentence when they make no sense.
Options parse_options(int count, char** words);

}  // namespace lockstep::load
