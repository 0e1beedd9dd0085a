// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Outgoing: the connection that we made to a peer. On it we send ahead and pull; acknowledgements, refusals
// and what we pulled come back. One coroutine sends, another receives and never waits for the first, so
// that two peers that send to each other cannot block each other.
#pragma once

#include <deque>

#include "swarm/detail/common.hpp"
#include "swarm/detail/link.hpp"

namespace lockstep::swarm {

// Keeps one connection to the peer, with backoff, until it is no longer a peer or the caller is cancelled.
// `common` must outlive it.
Task<void> keep_connected(Common& common, std::shared_ptr<Neighbour> neighbour);

class Outgoing {
  public:
    // Both references must outlive it.
    Outgoing(Common& common, Neighbour& neighbour, std::unique_ptr<net::FrameStream> stream);
    ~Outgoing();
    Outgoing(const Outgoing&) = delete;
    Outgoing& operator=(const Outgoing&) = delete;

    // Until the link has ended.
    Task<void> run();
    const std::string& reason() const { return link_.reason(); }

    // At once nobody counts on it any more; run() returns soon after.
    void end(std::string_view reason);
    bool is_up() const { return is_up_; }
    void sealed(const Hash& hash);
    void ask(const Pulls::Ask& ask);
    // The same with any frame that the peer has to answer.
    void ask(Bytes frame);
    // The peer will say when it has it, which may take long.
    void offer_blob(const Hash& hash);
    void set_withhold(bool withhold);

  private:
    Task<void> receive_all();
    Task<void> send_all();
    Task<bool> send_one();
    Task<void> read_rows(SendAhead::ReadRows wish);
    Task<void> fetch(Hash hash);
    Task<Result<void>> dispatch(Frame frame);
    Task<Result<void>> on_chunk(ChunkFrame chunk);
    // True when it was a frame of blobs.
    bool on_blob_frame(const Frame& frame);
    Task<void> read_offers();
    void on_ack(const Hash& hash);
    void on_refuse(const RefuseFrame& refusal);
    void set_up();
    void set_down();
    bool is_silent() const;
    Instant wake_at() const;

    Common& common_;
    Neighbour& neighbour_;
    Link link_;
    SendAhead sending_;
    std::deque<Bytes> asks_;    // as many as Pulls asks of one peer at once
    std::deque<Bytes> offers_;  // of blobs; as many as were read at once, and those sealed since
    bool offers_due_ = false;   // there may be rows that were not offered on this connection
    bool more_offers_ = false;  // the table had more than were read
    std::size_t offered_ = 0;   // not acknowledged
    Instant offer_again_at_;    // while some are not: an offer, or its answer, can be lost without the link
    Instant last_moved_;        // a frame came, a document went, or the first question of a silence was asked
    bool owes_answer_ = false;  // nothing has come since we asked
    bool is_up_ = false;        // the peer has said hello
};

}  // namespace lockstep::swarm
