// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// LedgerHost: the simulated ledger with its thread and its local socket.
#pragma once

#include <memory>
#include <string>

#include "async/clock.hpp"

namespace lockstep::app {

class LedgerHost {
  public:
    struct Options {
        std::string folder;  // exists; its database and socket are in it
        Duration block_interval = 1s;
        std::int64_t confirmations = 0;
        bool instant = false;  // until set_instant(false)
    };
    explicit LedgerHost(Options options);
    ~LedgerHost();  // stops and waits

    // Starts the thread; returns when the socket is there. Throws when it cannot be.
    void start();
    void set_instant(bool instant);
    void stop();

    static std::string socket_path(const std::string& folder) { return folder + "/ledger.sock"; }

  private:
    struct Life;
    std::unique_ptr<Life> life_;
};

}  // namespace lockstep::app
