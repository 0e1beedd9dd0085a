// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What a member measures. ff_ names are those that dashboards of the original know (firefly-core.md 26.3).
#pragma once

#include <vector>

#include "base/probe.hpp"

namespace lockstep::app::metrics {

inline constexpr probe::Metric submitted{"ff_broadcast_submitted_total", probe::Kind::counter,
                                         "Broadcasts accepted by this member"};
inline constexpr probe::Metric confirmed{"ff_broadcast_confirmed_total", probe::Kind::counter,
                                         "Broadcasts of this member that were confirmed"};
inline constexpr probe::Metric rejected{"ff_broadcast_rejected_total", probe::Kind::counter,
                                        "Broadcasts of this member that were rejected"};
inline constexpr probe::Metric seconds{"ff_broadcast_histogram",
                                       probe::Kind::histogram,
                                       "Seconds from acceptance to confirmation of this member's broadcasts",
                                       {},
                                       probe::seconds_buckets};
inline constexpr probe::Metric pins{"ff_batchpin_total", probe::Kind::counter, "Batch pins seen on the ledger"};
inline constexpr probe::Metric settled{"lockstep_sequencer_messages_settled_total", probe::Kind::counter,
                                       "Messages settled, whoever sent them"};

// Everything that /metrics can show, by name.
std::vector<const probe::Metric*> all();

}  // namespace lockstep::app::metrics
