// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// BlobFetches: the blobs that are missing here, and their way in. A few at once, each from one peer at a time; what
// has come is on disk at once, and whoever is asked next, in this life or another, is asked for the rest.
//
//     want() ──▶ waiting ──▶ pulling ──all bytes, hash right──▶ committed, with an inbox entry ──▶ forgotten
//                   ▲           │ has not · silent · gone · damaged: the next peer
//                   └─ backoff ─┴─ nobody is left            (any peer that connects ends the wait)
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "async/scope.hpp"
#include "swarm/detail/blob_window.hpp"
#include "swarm/detail/common.hpp"

namespace lockstep::swarm {

class BlobFetches {
  public:
    static constexpr std::size_t at_once_max = 4;

    // False when that peer is not connected.
    using Send = std::function<bool(const std::string& peer, Bytes frame)>;
    // `common` must outlive it; it has blobs.
    BlobFetches(Common& common, Send send) : common_(common), send_(std::move(send)) {}

    // Heard after the commit.
    void on_stored(std::function<void(const Hash&)> hear) { stored_ = std::move(hear); }

    void want(const Hash& hash, std::vector<std::string> peers);
    void unwant(const Hash& hash);
    std::vector<Hash> wanted() const;
    std::uint64_t bytes() const { return bytes_; }

    void peer_up();
    void peer_down(const std::string& peer);
    void chunk(const std::string& peer, const BlobChunkFrame& chunk);
    void have_not(const std::string& peer, const Hash& hash);

    // Returns only by cancellation.
    Task<void> run();

  private:
    struct Fetch;
    using FetchPtr = std::shared_ptr<Fetch>;
    // How an attempt with one peer ended.
    enum class Pulled { whole, peer_failed, given_up };

    Task<void> work(Scope& scope);
    Task<void> attend(FetchPtr fetch);
    // True when there is nothing more to do.
    Task<bool> fetch_once(Fetch& fetch);
    Task<Pulled> pull(Fetch& fetch, blobs::Draft& draft, std::string peer);
    // False when the bytes were not the blob's; they are gone then.
    Task<bool> settle(Fetch& fetch, std::unique_ptr<blobs::Draft> draft);
    Task<void> commit(Hash hash, std::uint64_t size);
    std::vector<std::string> candidates(const Fetch& fetch) const;

    Common& common_;
    Send send_;
    std::function<void(const Hash&)> stored_;
    std::map<Hash, FetchPtr> fetches_;
    std::size_t active_ = 0;
    std::uint64_t bytes_ = 0;
    Tap changed_;
};

}  // namespace lockstep::swarm
