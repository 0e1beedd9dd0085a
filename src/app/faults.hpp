// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// POST /dev/faults of `lockstep dev --faults`: people can see how their own application behaves when the
// network is bad. A member does what concerns it and passes the request on to the others.
//
//   {"cut":[0,1]} {"heal":[0,1]} {"delayMs":500,"link":[0,1]} {"withhold":0} {"release":0}
//   {"replay":10} {"fork":2} {"pauseLedger":true} {"skipValidation":0} {"validate":0}
#pragma once

#include <functional>
#include <string>

#include "app/host.hpp"
#include "async/task.hpp"
#include "base/result.hpp"
#include "core/json.hpp"
#include "ledger/controls.hpp"
#include "swarm/exchange.hpp"

namespace lockstep::app {

class Faults {
  public:
    // All references must outlive it.
    Faults(const HostConfig& config,
           swarm::Exchange& exchange,
           std::function<void(bool)> skip_validation,
           ledger::LedgerControls& ledger,
           Clock& clock,
           Executor executor)
        : config_(config),
          exchange_(exchange),
          skip_validation_(std::move(skip_validation)),
          ledger_(ledger),
          clock_(clock),
          executor_(std::move(executor)) {}

    // `body` is compact JSON; answers {"done":[…]}. LS10801 for what it does not understand.
    // `authorization` is the caller's header: the other members ask for credentials as well.
    Task<Result<std::string>> apply(std::string body, std::string authorization = {});

  private:
    Task<Result<void>> on_ledger(json::Value request);
    Result<void> on_links(json::Value request);
    // Whether `name` names this member; refused when it names none.
    Result<bool> concerns_us(json::Value request, std::string_view name) const;
    Result<std::pair<int, int>> pair_of(json::Value value) const;
    Task<void> pass_on(std::string body, std::string authorization);

    const HostConfig& config_;
    swarm::Exchange& exchange_;
    std::function<void(bool)> skip_validation_;
    ledger::LedgerControls& ledger_;
    Clock& clock_;
    Executor executor_;
};

}  // namespace lockstep::app
