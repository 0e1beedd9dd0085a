// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// ?confirm: the answer waits until the sequencer has settled the message (firefly-core.md 14.2). The watch
// begins before the message is sent, so that nothing can be missed.
#pragma once

#include "api/route.hpp"
#include "messaging/rows.hpp"

namespace lockstep::api {

inline constexpr QueryParameter confirm{"confirm", "Answer when it is confirmed, or the time is up"};

// The message `id` as it is stored once it is confirmed. FF10269 with the reason when it was rejected,
// FF10260 at the deadline of the call; the message itself goes its way all the same.
Task<Result<messaging::MessageRow>> confirmed(const Call& call, sequencer::Settled::Watch& watch, Uuid id);

// The answer to request `id` as JSON with its data. FF10269 when the request itself was rejected, FF10260 at the
// deadline; an answer that comes later is stored and told of like any message.
Task<Result<std::string>> answered(const Call& call, sequencer::Settled::Request& request, Uuid id);

}  // namespace lockstep::api
