// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// SimVfs: registers a SimDisk with SQLite under a name of its own.
#pragma once

#include <sqlite3.h>

#include <string>

#include "store/sim_disk.hpp"

namespace lockstep::store::detail {

class SimVfs {
  public:
    explicit SimVfs(SimDisk::State& disk);
    ~SimVfs();
    SimVfs(const SimVfs&) = delete;
    SimVfs& operator=(const SimVfs&) = delete;

    const std::string& name() const { return name_; }

  private:
    std::string name_;
    sqlite3_vfs vfs_;
};

}  // namespace lockstep::store::detail
