// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// bcrypt away from the logic thread: one thread of its own works through a short queue, and what was right
// is remembered for a while under a keyed hash, so that a client pays once and not with each request.
//
//   1. Of many that ask the same at once, one is worked on and all get its answer.
//   2. Beyond `waiting_max` different ones the answer is `busy`: a flood of guesses costs bounded memory, and
//      who is remembered does not notice it.
//   3. No password is kept: what is remembered is an HMAC under a key that this process made up.
#pragma once

#include <memory>
#include <string>

#include "async/clock.hpp"
#include "async/task.hpp"
#include "base/chance.hpp"

namespace lockstep::auth {

enum class Verdict { right, wrong, busy };

class PasswordChecker {
  public:
    struct Options {
        std::size_t waiting_max = 64;       // different checks under way or waiting
        std::size_t remembered_max = 1024;  // the oldest goes first
        Duration remembered_for = 60s;
    };
    // Starts the thread with the first check. `clock` must outlive it. Logic thread only.
    PasswordChecker(Clock& clock, Chance& chance, Options options);
    // Every check() must have ended.
    ~PasswordChecker();

    // Whether `password` is the one that `hash` was made from.
    Task<Verdict> check(std::string password, std::string hash);
    // How many times the thread was asked, for tests.
    std::uint64_t worked() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace lockstep::auth
