// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What is refused between peers.
#pragma once

#include "base/error_list.hpp"

namespace lockstep::errors {

// clang-format off
#define LOCKSTEP_SWARM_ERRORS(X)                                                                                     \
    X(unknown_peer, "LS10401", 403, "The peer {peer} is not known here")                                             \
    X(bad_frame, "LS10403", 400, "A frame cannot be read: {reason}")                                                 \
    X(payload_hash_mismatch, "LS10404", 400, "A payload does not have the hash {hash}")                              \
    X(peer_quota_exceeded, "LS10405", 429, "The peer {peer} has more than {limit} of {what} under way")
// clang-format on
LOCKSTEP_ERROR_LIST(of_swarm, LOCKSTEP_SWARM_ERRORS)

}  // namespace lockstep::errors
