// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "app/metrics.hpp"

#include <algorithm>

#include "api/probe.hpp"

namespace lockstep::app::metrics {

std::vector<const probe::Metric*> all() {
    std::vector<const probe::Metric*> out{&submitted, &confirmed, &rejected, &seconds, &pins, &settled};
    out.insert(out.end(), std::begin(api::metrics), std::end(api::metrics));
    std::sort(out.begin(), out.end(), [](auto const* a, auto const* b) { return a->name < b->name; });
    return out;
}

}  // namespace lockstep::app::metrics
