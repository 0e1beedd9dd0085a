// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Finds what events refer to (firefly-core.md 10.4) in the rows of this member.
#pragma once

#include <string>

#include "chain/chain_events.hpp"
#include "delivery/ports.hpp"

namespace lockstep::delivery {

// At most one point lookup an event; consecutive events of the same reference share it.
class RowEnricher final : public Enricher {
  public:
    RowEnricher(NamespaceId ns, std::string namespace_name, ledger::Info ledger)
        : ns_(ns), namespace_(std::move(namespace_name)), ledger_(std::move(ledger)) {}

    std::vector<EnrichedEvent> enrich(store::Snapshot& snapshot, std::vector<log::Event> events) const override;

  private:
    NamespaceId ns_;
    std::string namespace_;
    ledger::Info ledger_;
};

}  // namespace lockstep::delivery
