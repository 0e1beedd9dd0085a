// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// BlobServing: what one peer gets of our blobs, over the connection that it made. A chunk at a time, of one blob
// after the other, each behind whatever else goes out meanwhile: so a blob of any length delays nothing.
//
// A peer also offers blobs to us over it, and is told when they are here.
#pragma once

#include <deque>
#include <map>
#include <set>

#include "swarm/detail/common.hpp"
#include "swarm/detail/link.hpp"

namespace lockstep::swarm {

class BlobServing {
  public:
    static constexpr std::size_t wants_max = 64;      // of the peer, not answered
    static constexpr std::size_t offers_max = 8'192;  // beyond it they are left to the next connection

    // All references must outlive it.
    BlobServing(Common& common, Neighbour& neighbour, Link& link)
        : common_(common), neighbour_(neighbour), link_(link) {}

    // LS10403 for more than may be asked for at once.
    Result<void> wanted(const BlobWantFrame& want);
    void offered(const Hash& hash);
    // A blob is here now, committed.
    void stored(const Hash& hash);

    // Until the link ends.
    Task<void> run();

  private:
    struct Want {
        Hash hash;
        std::uint64_t offset = 0, end = 0;
    };
    using BlobPtr = std::shared_ptr<const blobs::Blob>;
    Task<void> serve_one();
    Task<void> look_at_offer();
    Task<BlobPtr> find(Hash hash);

    Common& common_;
    Neighbour& neighbour_;
    Link& link_;
    std::deque<Want> wants_;
    std::map<Hash, BlobPtr> open_;  // of those in wants_
    std::deque<Hash> offers_;       // not looked at
    std::set<Hash> awaited_;        // offered, not here yet
    std::deque<Hash> here_;         // to be acknowledged
};

}  // namespace lockstep::swarm
