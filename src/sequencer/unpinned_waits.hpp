// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Documents that no pin speaks for, and that name somebody who is not registered here yet: each stays staged and
// waits, by the key, DID or id of who is missing. How much a peer may leave so is the exchange's limit.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "core/positions.hpp"
#include "store/database.hpp"

namespace lockstep::sequencer {

struct UnpinnedWait {
    std::string missing;
    Hash payload;
};

class UnpinnedWaits {
  public:
    explicit UnpinnedWaits(NamespaceId ns) : ns_(ns) {}

    void put(store::Transaction& tx, std::string_view missing, const Hash& payload) const;
    // The documents that waited for this one, and wait no more.
    std::vector<Hash> take(store::Transaction& tx, std::string_view missing) const;
    std::vector<UnpinnedWait> all(store::Session& session, std::size_t most) const;

  private:
    NamespaceId ns_;
};

}  // namespace lockstep::sequencer
