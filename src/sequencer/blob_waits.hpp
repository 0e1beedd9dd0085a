// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What waits for a blob, and whom to ask for it: messages that are parked for it, and documents that are not pinned.
// A row stands from the commit that misses the blob to the one that hears of its arrival, so that a start knows what
// to ask for.
#pragma once

#include <string>
#include <vector>

#include "core/positions.hpp"
#include "store/database.hpp"

namespace lockstep::sequencer {

struct WantedBlob {
    Hash hash;
    std::vector<std::string> peers;  // empty: whoever is connected
};

class BlobWaits {
  public:
    explicit BlobWaits(NamespaceId ns) : ns_(ns) {}

    void put_message(store::Transaction& tx, const WantedBlob& blob, std::int64_t message_seq) const;
    void put_document(store::Transaction& tx, const WantedBlob& blob, const Hash& payload) const;
    std::vector<Hash> documents_of(store::Session& session, const Hash& blob) const;
    void drop(store::Transaction& tx, const Hash& blob) const;
    // By blob, documents that are not pinned.
    std::vector<std::pair<Hash, Hash>> documents(store::Session& session, std::size_t most) const;
    std::vector<WantedBlob> all(store::Session& session) const;

  private:
    NamespaceId ns_;
};

}  // namespace lockstep::sequencer
