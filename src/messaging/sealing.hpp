// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What a batch becomes when it is sealed: its rows, the document that travels, the pin, and the nonces that mask
// it. Pure: the batcher loads what it says and writes what comes out, in one commit.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "core/group.hpp"
#include "ledger/types.hpp"
#include "messaging/ports.hpp"
#include "messaging/rows.hpp"
#include "operations/operations.hpp"
#include "registry/groups.hpp"

namespace lockstep::messaging {

// The messages and data, with what every batch says: ids, namespace, node, author, key, group, created, tx.
struct Unsealed {
    Batch batch;
    std::optional<Group> group;            // of a private batch
    std::vector<registry::GroupNode> to;   // its other members' nodes
    std::map<Hash, std::uint64_t> nonces;  // by nonce_key(): of each topic of each message
    std::string ledger_plugin;
};

struct Sealed {
    BatchRow row;
    Hash payload;
    std::shared_ptr<const std::string> document;
    std::optional<ledger::PinRequest> pin;  // none: the batch is not pinned
    Recipients to;
    std::vector<std::vector<std::string>> pins;  // of each message of a private batch, in order
    std::map<Hash, std::uint64_t> nonces;        // the next ones
    std::vector<MessageHeader> unpinned;         // of messages that are confirmed when they are sealed
    std::vector<operations::OperationRow> operations;
    std::vector<DataRef> published;  // data of a broadcast whose blob everybody may ask for from now on, by its hash
    std::vector<Hash> blobs;         // of a private batch
};

Sealed seal_batch(Unsealed unsealed, IdMaker& ids);

}  // namespace lockstep::messaging
