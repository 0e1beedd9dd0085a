// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Exchange: the peer link. Carries payloads (documents named by their SHA-256) between members: sent
// ahead to members that are connected, pulled by hash from whoever has them when a pin is seen whose
// payload is not here.
//
// Invariants
//   1. A payload is stored only if its bytes hash to its name; storing it and telling the inbox is one
//      commit. Only then is it acknowledged.
//   2. What is queued for a peer leaves its outbox by that peer's acknowledgement, or when the peer turns
//      out to have it.
//   3. A peer is who its certificate says: connections of fingerprints that no configured or registered
//      node has are refused.
//   4. A slow, silent or hostile peer holds up nobody else, and what it may leave here unasked is bounded.
//   5. A blob is stored only if its bytes hash to its name, and handed out only to who may have it. It never
//      stands before a document for longer than a chunk.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/clock.hpp"
#include "base/chance.hpp"
#include "blobs/blob_store.hpp"
#include "core/positions.hpp"
#include "flow/feed.hpp"
#include "net/frames.hpp"
#include "store/database.hpp"

namespace lockstep::swarm {

inline constexpr std::string_view payload_entry = "payload";  // inbox: key is the 32-byte hash
inline constexpr std::string_view blob_entry = "blob";        // the same

struct Peer {
    std::string id;  // profile.id of its node: "<fingerprint prefix>/<node name>", unique
    std::string endpoint, fingerprint;
    friend bool operator==(const Peer&, const Peer&) = default;
};

struct PeerStatus {
    Peer peer;
    bool connected = false;
    std::size_t queued = 0;  // documents that it has not acknowledged
    // Documents: acknowledged by it, stored from it, handed out to it when it asked, and turned down by
    // either side (no room, damaged).
    std::uint64_t sent = 0, received = 0, served = 0, refused = 0;
    std::string last_error;
};

// Where documents that this member can rebuild come from: its own batches and those it has taken in.
// Called on a reader's thread.
using PayloadSource = std::function<std::optional<std::string>(store::Snapshot&, const Hash&)>;

// Called on the writer's thread, in the commit in which a document leaves a peer's outbox.
using Delivered = std::function<void(store::Transaction&, const std::string& peer, const Hash&)>;

// Whether that peer may have that blob. Called on a reader's thread.
using BlobAccess = std::function<bool(store::Snapshot&, const Hash&, const std::string& peer)>;

class Exchange {
  public:
    struct Options {
        std::string endpoint;                                // where to listen: "127.0.0.1:0"
        std::size_t payload_bytes_max = (800 + 200) * 1024;  // of one document
        std::size_t staged_bytes_max = 64 << 20;             // of a peer's documents that no pin has asked for
        std::size_t chunk_bytes = 128 << 10;
        std::size_t window_bytes = 4 << 20;  // sent ahead and not acknowledged, for each peer
        Duration reconnect_first = 100ms, reconnect_most = 10s;
        Duration answer_timeout = 15s;      // for a chunk that was asked for
        bool withhold = false;              // fault: hand out nothing
        Delivered delivered;                // may be empty
        blobs::BlobStore* blobs = nullptr;  // outlives the exchange; null: no blobs
        BlobAccess may_have;                // empty: everybody may
        Delivered blob_delivered;           // as `delivered`, of blobs
    };

    virtual ~Exchange() = default;
    // The endpoint that is really listened on.
    virtual const std::string& endpoint() const = 0;
    // Peers as configured and as registered; called again when the registry grows. Ourselves excluded.
    virtual void set_peers(std::vector<Peer> peers) = 0;

    // Writer's thread, in the commit that seals a batch: for every peer that is connected.
    virtual void enqueue(store::Transaction& tx, const Hash& payload) = 0;
    // The same for these peers, by id, whether they are connected or not: each gets it when it is.
    virtual void enqueue_to(store::Transaction& tx, const Hash& payload, const std::vector<std::string>& peers) = 0;
    // Logic thread, after that commit.
    virtual void sealed(const Hash& payload, std::shared_ptr<const std::string> document) = 0;
    virtual void sealed_to(const Hash& payload,
                           std::shared_ptr<const std::string> document,
                           const std::vector<std::string>& peers) = 0;

    // Logic thread: pull until it is here (an inbox entry says so) or unwant() is called.
    virtual void want(const Hash& payload) = 0;
    virtual void unwant(const Hash& payload) = 0;
    // What waits for its next try is tried now: asking for that payload, connecting with that peer. False when nobody
    // wants the payload, or there is no such peer.
    virtual bool hurry(const Hash&) { return false; }
    virtual bool reconnect(const std::string&) { return false; }

    // The payload that has waited longest for that peer's acknowledgement.
    static std::optional<Hash> oldest_queued(store::Session& session, NamespaceId ns, const std::string& peer_id);

    // ---- blobs ----

    // Writer's thread, in the commit that seals a private batch: each of these peers is asked until it has said
    // that it has the blob.
    virtual void enqueue_blob(store::Transaction&, const Hash&, const std::vector<std::string>&) {}
    // Logic thread, after that commit.
    virtual void blob_sealed(const Hash&, const std::vector<std::string>&) {}
    // Logic thread: pull it until it is stored (an inbox entry says so) or unwant_blob() is called; from these
    // peers, or from whoever is connected when there are none.
    virtual void want_blob(const Hash&, std::vector<std::string>) {}
    virtual void unwant_blob(const Hash&) {}
    virtual std::vector<Hash> wanted_blobs() const { return {}; }
    // Bytes of blobs that came from peers and were written.
    virtual std::uint64_t blob_bytes() const { return 0; }

    // Documents that have arrived and are not taken yet.
    static std::optional<Bytes> staged(store::Session& session, NamespaceId ns, const Hash& payload);
    static Time staged_since(store::Session& session, NamespaceId ns, const Hash& payload);  // zero when it is not here
    static void take(store::Transaction& tx, NamespaceId ns, const Hash& payload);
    // The id of the peer that a staged document came from; empty when it is not here.
    static std::string sender_of(store::Session& session, NamespaceId ns, const Hash& payload);

    // Faults of `lockstep dev --faults`: no new connections with, and no frames to or from, that peer.
    virtual void set_cut(const std::string& peer_id, bool cut) = 0;
    virtual void set_delay(const std::string& peer_id, Duration delay) = 0;
    virtual void set_withhold(bool withhold) = 0;

    virtual std::vector<PeerStatus> status() const = 0;
    virtual std::size_t wanted() const = 0;
    // Connections that were refused because nobody knows their certificate.
    virtual std::uint64_t strangers() const { return 0; }
    // Returns only by cancellation.
    virtual Task<void> run() = 0;
};

// All references must outlive the exchange. Listens at once: LS10010 when the endpoint is taken.
Result<std::unique_ptr<Exchange>> make_exchange(NamespaceId ns,
                                                Executor executor,
                                                Clock& clock,
                                                Chance& chance,
                                                store::Database& database,
                                                net::Network& network,
                                                flow::Feed& inbox,
                                                PayloadSource source,
                                                std::string own_id,
                                                Exchange::Options options);

store::Migrations schema();

}  // namespace lockstep::swarm
