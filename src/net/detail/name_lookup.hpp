// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Host names to addresses. The system's resolver blocks for as long as a dead name server likes, so each lookup
// has a thread of its own: who waits can give up, and other names are not held up. At most 16 at a time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "async/task.hpp"
#include "async/waiters.hpp"
#include "net/address_rules.hpp"

namespace lockstep::net {

class NameLookup {
  public:
    explicit NameLookup(Executor executor);
    // Lookups that are under way end later and tell nobody.
    ~NameLookup();

    // Throws runtime_error when there is none.
    Task<std::vector<IpAddress>> find(std::string host);

  private:
    struct Shared;
    std::shared_ptr<Shared> shared_;
};

}  // namespace lockstep::net
