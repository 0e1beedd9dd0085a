// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Positions are where such programs go wrong, so each has its own type and none converts silently.
#pragma once

#include "base/strong.hpp"

namespace lockstep {

using Offset = Strong<struct OffsetTag>;            // records in a stream, from 0, dense; -1 is before the first
using Sequence = Strong<struct SequenceTag>;        // arrivals at this node, in order; what cursors hold
using Lamport = Strong<struct LamportTag>;          // logical time of the network
using BlockNumber = Strong<struct BlockNumberTag>;  // place on the ledger; -1 is before the first block
using LedgerNonce = Strong<struct LedgerNonceTag>;  // submissions of a signer, from 0
using NamespaceId = Strong<struct NamespaceIdTag>;  // the local number of a namespace, in every key

}  // namespace lockstep
