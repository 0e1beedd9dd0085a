// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Receiver: what one peer sends ahead to us and asks of us, over the connection that it made. It decides and
// does nothing: a frame goes in, and out comes what to do; looked() and stored() go on from there. One frame
// is dealt with to its end before the next is read.
//
//     push ──hash right──▶ look ──not here, room──▶ store ──▶ ack
//     offer ─────────────▶ look ──▶ want ──chunks, hash right──▶ look ──▶ store ──▶ ack
//                           │ is here ──▶ ack
//                           └ no room ──▶ refuse
//
// It outlives connections, so that an offered document goes on where it was cut.
#pragma once

#include <variant>

#include "swarm/protocol.hpp"

namespace lockstep::swarm {

class Receiver {
  public:
    struct Look {  // then call looked()
        Hash hash;
        std::size_t size;
    };
    struct Store {  // then call stored()
        Hash hash;
        Bytes document;
    };
    struct Serve {  // answer with chunks, or with have_not
        Hash hash;
        std::uint32_t offset;
    };
    struct Answer {
        Frame frame;
    };
    struct Nothing {};
    using Step = std::variant<Nothing, Look, Store, Serve, Answer>;
    enum class Found { here, no_room, missing };

    explicit Receiver(std::size_t payload_bytes_max) : payload_bytes_max_(payload_bytes_max) {}

    // A refusal ends the connection. Views in `frame` are copied.
    Result<Step> on(const Frame& frame);
    Step looked(Found found);
    Step stored();
    // A new connection: what was between look and store is forgotten, what has come of an offer is not.
    void connected();

  private:
    Result<Step> on_chunk(const ChunkFrame& chunk);

    struct Document {
        Hash hash;
        std::size_t total = 0;
        Bytes bytes;
        bool is_whole() const { return bytes.size() == total; }
    };
    std::size_t payload_bytes_max_;
    Document offer_;
    bool offer_is_open_ = false;  // on this connection
    Document current_;            // between on() and stored()
};

}  // namespace lockstep::swarm
