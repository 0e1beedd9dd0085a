// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What the routes work with: one member's parts, wired by app.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "blobs/blob_store.hpp"
#include "chain/follower.hpp"
#include "flow/stage.hpp"
#include "ledger/types.hpp"
#include "log/timeline.hpp"
#include "messaging/sender.hpp"
#include "sequencer/blocked.hpp"
#include "sequencer/settled.hpp"
#include "store/database.hpp"
#include "swarm/exchange.hpp"
#include "transactions/submitter.hpp"

namespace lockstep::delivery {
class Delivery;
}
namespace lockstep {
class Probes;
}

namespace lockstep::api {

struct StageLine {
    std::string name;
    std::int64_t position = 0, newest = 0;
    std::uint64_t retries = 0;
    std::string last_error;
};

// All of it outlives the api; logic thread only, except database and timeline (read in closures).
struct Services {
    Clock& clock;
    Chance& chance;
    store::Database& database;
    const messaging::MemberProfile& profile;
    Time namespace_created;
    const ledger::Info& ledger;
    messaging::Sender& sender;
    messaging::Batcher& batcher;
    transactions::Submitter& submitter;
    sequencer::Settled& settled;
    log::Timeline& timeline;
    delivery::Delivery& delivery;
    chain::Follower& follower;
    swarm::Exchange& exchange;
    std::function<Task<std::optional<sequencer::Rewound>>(sequencer::RewindTarget)> rewind;
    std::function<std::vector<StageLine>()> stages;
    std::function<std::string()> metrics;  // Prometheus text of this member
    std::function<bool()> ready;           // store open, stages caught up to within a limit
    // POST /dev/faults: takes the compact JSON body and the caller's `Authorization`, with which it is passed on
    // to the other members; answers with JSON. Empty without --faults.
    std::function<Task<Result<std::string>>(std::string body, std::string authorization)> faults;
    std::string version;
    blobs::BlobStore* blobs = nullptr;
};

}  // namespace lockstep::api
