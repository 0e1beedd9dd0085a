// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Incoming: the connection that a peer made to us. Frames are dealt with one by one, so a peer that sends
// faster than we store waits for us, and is the only one who does.
#pragma once

#include "swarm/detail/blob_serving.hpp"
#include "swarm/detail/common.hpp"
#include "swarm/detail/link.hpp"

namespace lockstep::swarm {

// Serves a connection of that peer to its end. The newest replaces the older one, which may be half-open.
// `common` must outlive it.
Task<void> serve(Common& common, std::shared_ptr<Neighbour> neighbour, std::unique_ptr<net::FrameStream> stream);

class Incoming {
  public:
    // Both references must outlive it.
    Incoming(Common& common, Neighbour& neighbour, std::unique_ptr<net::FrameStream> stream);
    ~Incoming();
    Incoming(const Incoming&) = delete;
    Incoming& operator=(const Incoming&) = delete;

    // Until the link has ended.
    Task<void> run();
    void end(std::string_view reason) { link_.end(reason); }
    // A blob is here now.
    void stored(const Hash& blob) { blobs_.stored(blob); }

  private:
    Task<void> receive_all();
    Result<Receiver::Step> dispatch(const Frame& frame);
    Task<void> perform(Receiver::Step step);
    Task<void> answer(Frame frame);
    Task<void> hand_out(Receiver::Serve want);

    Common& common_;
    Neighbour& neighbour_;
    Link link_;
    BlobServing blobs_;
};

}  // namespace lockstep::swarm
