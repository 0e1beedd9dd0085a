// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Pulls: the documents that are missing here, and whom to ask for them. It decides and does nothing: what
// happened goes in, next() says whom to ask.
//
//     ready ──ask──▶ asking ──all bytes, hash right──▶ storing ──arrived()──▶ forgotten
//       ▲              │ has not · damaged · late · peer gone      │ peer gone
//       ├──────────────┴───────────────────────────────────────────┘
//       └──time, or any peer connects── waiting ◀── every connected peer was tried
//
// Invariants
//   1. One peer is asked for one document at a time; bytes of others are not looked at.
//   2. What has come stays when a peer leaves, and the next one is asked for the rest. Bytes whose hash is
//      wrong are dropped whole, and so are those of peers that disagree about the length.
//   3. A peer is asked for few documents at once and loses its turn when it lets one wait, so that a
//      silent one holds up little, once.
//   4. Half-loaded documents that nobody is asked for hold at most partial_bytes_max together.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "async/retry.hpp"
#include "swarm/protocol.hpp"

namespace lockstep::swarm {

class Pulls {
  public:
    struct Options {
        std::size_t payload_bytes_max = 1'000 * 1024;
        std::size_t at_once_max = 32;
        std::size_t at_once_per_peer_max = 4;
        std::size_t partial_bytes_max = 32 << 20;
        Duration answer_timeout = 15s;  // between two chunks
        int answer_timeouts_max = 8;    // of one document from one peer
        Backoff::Options retry;         // when nobody has it
    };
    struct Ask {
        std::string peer;
        Hash hash;
        std::uint32_t offset = 0;
        friend bool operator==(const Ask&, const Ask&) = default;
    };
    enum class Verdict { ignored, more, complete, damaged };
    struct Taken {
        Verdict verdict = Verdict::ignored;
        Bytes document;  // when complete: store it and call arrived()
    };

    // `chance` must outlive it.
    Pulls(Options options, Chance& chance) : options_(options), chance_(chance) {}

    void want(const Hash& hash);
    void unwant(const Hash& hash);
    // Asks everybody again at once, if it waits for its next round.
    void hurry(const Hash& hash);
    // However it came.
    void arrived(const Hash& hash) { unwant(hash); }
    bool wants(const Hash& hash) const { return pulls_.contains(hash); }
    std::size_t size() const { return pulls_.size(); }

    void peer_up(const std::string& peer);
    // Also takes back what that peer had delivered and nobody has stored.
    void peer_down(const std::string& peer);
    Taken chunk(const std::string& peer, const ChunkFrame& chunk, Instant now);
    void have_not(const std::string& peer, const Hash& hash);

    std::optional<Ask> next(Instant now);
    // When to ask again though nothing happened.
    std::optional<Instant> wake_at() const;
    // That peer owes an answer.
    bool expects_answer(const std::string& peer) const;

  private:
    enum class State { ready, asking, storing, waiting };
    struct Pull {
        Pull(std::uint64_t number, Backoff::Options retry, Chance& chance) : ticket(number), backoff(retry, chance) {}
        std::uint64_t ticket;
        State state = State::ready;
        Backoff backoff;
        std::set<std::string> tried;  // in this round
        std::string peer;             // asking, storing
        Bytes bytes;
        std::uint32_t total = 0;
        bool resumed = false;  // its first bytes are of an earlier peer
        Instant asked;
        std::optional<Instant> due;  // asking, waiting
    };
    struct Peer {
        std::size_t asked = 0;
        std::uint64_t strikes = 0;  // late or damaged since its last good document
    };
    using Place = std::map<Hash, Pull>::iterator;

    void set_due(Place pull, std::optional<Instant> due);
    void set_ready(Place pull);
    void release(Place pull);
    void fail(Place pull);
    void drop(Pull& pull);
    void expire(Instant now);
    Ask ask(Place pull, const std::string& peer, Instant now);
    std::optional<std::string> choose(const Pull& pull) const;
    bool anyone_left(const Pull& pull) const;
    Taken damaged(Place pull);

    Options options_;
    Chance& chance_;
    std::map<Hash, Pull> pulls_;
    std::map<std::uint64_t, Hash> ready_;  // by ticket: first wanted, first asked for
    std::set<std::pair<Instant, Hash>> due_;
    std::map<std::string, Peer> up_;
    std::size_t active_ = 0;  // asking or storing
    std::size_t partial_bytes_ = 0;
    std::uint64_t last_ticket_ = 0;
};

}  // namespace lockstep::swarm
