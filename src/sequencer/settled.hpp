// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Who waits for a message or an identity to be settled (?confirm=true). Begin to watch before sending:
// then nothing can be missed. Logic thread only.
#pragma once

#include <memory>
#include <unordered_map>

#include "async/tap.hpp"
#include "base/uuid.hpp"

namespace lockstep::sequencer {

class Settled {
  public:
    // While it lives, settle(id) is heard.
    class Watch {
      public:
        Watch(Settled& home, const Uuid& id);
        ~Watch();
        Watch(const Watch&) = delete;
        Watch& operator=(const Watch&) = delete;
        // Woken::rung once `id` was confirmed or rejected; which, the message's row says.
        Task<Woken> wait_until(Clock& clock, Instant deadline);

      private:
        Settled& home_;
        Uuid id_;
    };

    // Called by the sequencer after the commit.
    void settle(const Uuid& id);

  private:
    struct Entry {
        Tap tap;
        std::size_t watchers = 0;
    };
    std::unordered_map<Uuid, std::unique_ptr<Entry>> entries_;
};

}  // namespace lockstep::sequencer
