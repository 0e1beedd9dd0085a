// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Children: the member processes of `lockstep dev --processes`. Each is this program again; it dies with
// its parent, and one that ends by itself is started again at once (with a growing pause if it keeps
// ending right away).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "async/clock.hpp"
#include "async/task.hpp"

namespace lockstep::app {

class Children {
  public:
    using Arguments = std::function<std::vector<std::string>(int index)>;
    struct Hooks {
        std::function<void(int index, int pid)> started;
        std::function<void(int index, std::string line)> said;  // a line of its standard output
    };
    Children(Executor executor, Clock& clock, std::string program, Arguments arguments, Hooks hooks);
    ~Children();

    // Keeps child `index` alive until cancelled; then asks it to stop, and insists after ten seconds.
    Task<void> keep(int index);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// How long to wait before a child is started again that has lived so long, after the pause before.
Duration restart_pause(Duration lived, Duration pause_before);

}  // namespace lockstep::app
