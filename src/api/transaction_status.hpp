// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// GET transactions/{id}/status (firefly-core.md 19.4): one status out of the operations, blockchain events
// and the batch of a transaction, and a line about each.
#pragma once

#include "api/route.hpp"

namespace lockstep::api {

// JSON. FF00164 when there is no such transaction, FF10336 for types that have no status. On a reader's
// thread.
Result<std::string> transaction_status(store::Session& session, const Facts& facts, const Uuid& id);

}  // namespace lockstep::api
