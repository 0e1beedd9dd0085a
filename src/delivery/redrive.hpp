// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Sends dead letters again, one call each, when somebody asks for it.
#pragma once

#include <set>
#include <utility>

#include "delivery/dead_letters.hpp"
#include "delivery/delivery.hpp"

namespace lockstep::delivery {

class Redriver {
  public:
    explicit Redriver(const Delivery::Parts& parts) : parts_(parts) {}

    // FF10109, LS10416, LS10417, LS10418. `row` is a copy: the subscription may change meanwhile.
    Task<Result<void>> redrive(SubscriptionRow row, Uuid event);

  private:
    struct Found {
        DeadLetter letter;
        std::vector<std::shared_ptr<const EnrichedEvent>> events;  // one
    };
    Task<std::optional<Found>> find(Uuid subscription, Uuid event);

    const Delivery::Parts& parts_;
    std::set<std::pair<Uuid, Uuid>> under_way_;
};

}  // namespace lockstep::delivery
