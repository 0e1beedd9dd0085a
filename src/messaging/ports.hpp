// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What messaging needs from a sibling.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "store/session.hpp"

namespace lockstep::messaging {

// Who gets a document: everybody who is there, or these nodes (profile ids) whenever they are.
struct Recipients {
    bool everybody = true;
    std::vector<std::string> peers;
};

// Brings documents to the other members. Implemented over swarm.
class Carrier {
  public:
    virtual ~Carrier() = default;
    // In the commit that seals a batch, on the writer's thread: remembers that the document with this
    // SHA-256 has to go out.
    virtual void enqueue(store::Transaction& tx, const Hash& payload, const Recipients& to) = 0;
    // After that commit, on the logic thread, with the document still at hand.
    virtual void sealed(const Hash& payload, std::shared_ptr<const std::string> document, const Recipients& to) = 0;
    // The same pair for a blob that a private document names: each of these nodes is to say that it has it.
    virtual void enqueue_blob(store::Transaction&, const Hash&, const std::vector<std::string>&) {}
    virtual void blob_sealed(const Hash&, const std::vector<std::string>&) {}
};

}  // namespace lockstep::messaging
