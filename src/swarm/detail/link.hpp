// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Link: one connection in use. It ends once, for one reason, whoever says so: the peer, the wire, a fault or
// the protocol; then what waits on it ends soon.
#pragma once

#include <memory>
#include <string>

#include "swarm/detail/neighbour.hpp"
#include "swarm/protocol.hpp"

namespace lockstep::swarm {

class Link {
  public:
    // Both references must outlive it.
    Link(Clock& clock, Neighbour& neighbour, std::unique_ptr<net::FrameStream> stream)
        : clock_(clock), neighbour_(neighbour), stream_(std::move(stream)) {}

    void end(std::string_view reason);
    bool has_ended() const { return ended_; }
    const std::string& reason() const { return reason_; }
    // It ended because what came, or did not come, was wrong.
    bool has_failed() const { return failed_; }
    // Rings when it ends. Its users ring it too, when there may be something to do.
    Tap& tap() { return tap_; }

    // After the delay that a fault may have set.
    Task<void> send(Bytes frame);
    // Empty when the peer has closed.
    Task<std::optional<Bytes>> receive() { return stream_->receive(); }
    // Says who we are, or reads who the peer is. Throws when the peer is late or speaks something else.
    Task<void> send_hello(std::string own_id);
    Task<void> receive_hello(Duration timeout);

    // Runs `work`; the link ends when it does. Throws only when the caller is cancelled.
    Task<void> last(Task<void> work);

  private:
    Clock& clock_;
    Neighbour& neighbour_;
    std::unique_ptr<net::FrameStream> stream_;
    Tap tap_;
    bool ended_ = false;
    bool failed_ = false;
    std::string reason_;
};

}  // namespace lockstep::swarm
