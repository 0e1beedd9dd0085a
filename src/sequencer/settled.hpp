// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Who waits for a message or an identity to be settled (?confirm=true), or for a request to be answered
// (firefly-core.md 14.3). Begin to watch before sending: then nothing can be missed. Logic thread only.
#pragma once

#include <memory>
#include <optional>
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

    // While it lives, the first answer to the request `id` is heard, and that the request was settled.
    class Request {
      public:
        Request(Settled& home, const Uuid& id);
        ~Request();
        Request(const Request&) = delete;
        Request& operator=(const Request&) = delete;
        // Woken::rung each time something is known that was not at the last call: an answer, or that the
        // request was confirmed or rejected; which, its row says.
        Task<Woken> news(Clock& clock, Instant deadline);
        const std::optional<Uuid>& answer() const { return answer_; }

      private:
        friend class Settled;
        Settled& home_;
        Uuid id_;
        Tap tap_;
        std::uint64_t seen_ = 0;
        std::optional<Uuid> answer_;
    };

    // Called by the sequencer after the commit.
    void settle(const Uuid& id);
    // Message `id`, which was confirmed, answers `request`.
    void answer(const Uuid& request, const Uuid& id);

  private:
    struct Entry {
        Tap tap;
        std::size_t watchers = 0;
    };
    std::unordered_map<Uuid, std::unique_ptr<Entry>> entries_;
    std::unordered_map<Uuid, Request*> requests_;
};

}  // namespace lockstep::sequencer
