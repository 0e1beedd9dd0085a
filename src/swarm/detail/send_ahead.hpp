// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// SendAhead: what goes out to one peer over one connection, unasked. It decides and does nothing: what
// happened goes in, next() says what to do.
//
// A document that fits into a chunk is pushed whole. A longer one is offered, and the peer answers with a
// want from the offset that it has; one offer is open at a time. At first the rows of the durable outbox
// are read in pages; when they are exhausted, sealed() documents are sent without looking at the table.
//
// Invariants
//   1. Documents go out in the order of their rows, at most window_bytes of them unacknowledged (or one).
//   2. Every row is sent again by the next connection unless it was acknowledged.
//   3. What waits in memory is bounded: beyond queue_max the table is read again instead.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <variant>
#include <vector>

#include "async/retry.hpp"
#include "swarm/protocol.hpp"

namespace lockstep::swarm {

using Document = std::shared_ptr<const std::string>;

struct OutboxRow {
    std::int64_t sequence = 0;
    Hash hash;
    friend bool operator==(const OutboxRow&, const OutboxRow&) = default;
};

class SendAhead {
  public:
    struct Options {
        std::size_t window_bytes = 4 << 20;
        std::size_t chunk_bytes = 128 << 10;
        std::size_t page_rows_max = 64;
        std::size_t queue_max = 256;
        Backoff::Options retry;  // after a refusal
    };
    // What next() asks for.
    struct ReadRows {  // then call rows()
        std::int64_t after;
        std::size_t most;
    };
    struct Fetch {  // then call fetched()
        Hash hash;
    };
    struct Send {
        Bytes frame;
    };
    using Step = std::variant<ReadRows, Fetch, Send>;

    // `chance` must outlive it.
    SendAhead(Options options, Chance& chance) : options_(options), backoff_(options.retry, chance) {}

    // A batch was sealed; its row, if it has one, is committed.
    void sealed(const Hash& hash);
    // What ReadRows asked for, without the rows that an acknowledgement is about to remove. The table was read
    // up to `through`; `last`: the page was not full.
    void rows(const std::vector<OutboxRow>& page, std::int64_t through, bool last);
    // Null: it cannot be had any more, and is passed over.
    void fetched(const Hash& hash, Document document);
    void set_withhold(bool withhold) { withhold_ = withhold; }

    // True when it was under way.
    bool acked(const Hash& hash);
    void refused(const Hash& hash, RefuseCode code, Instant now);
    // LS10403 when that document is not offered or ends before `offset`.
    Result<void> wanted(const WantFrame& want);

    std::optional<Step> next(Instant now);
    // When to ask again though nothing happened; later than the `now` of the last next().
    std::optional<Instant> wake_at() const;
    bool expects_answer() const { return !flying_.empty(); }

  private:
    struct Flight {
        std::size_t size = 0;
        Document document;  // of an offer
    };
    Step send(const Hash& hash, Document document);
    Step next_chunk();
    void take_up(Instant now);
    void land(std::map<Hash, Flight>::iterator flight);
    bool is_known(const Hash& hash) const { return queued_.contains(hash) || flying_.contains(hash); }

    Options options_;
    Backoff backoff_;
    std::deque<Hash> queue_;
    std::set<Hash> queued_;                       // the same, and those set aside
    std::deque<std::pair<Instant, Hash>> aside_;  // the peer does not take them; when to try again
    Document held_;                               // of the queue's first, while it waits for the window
    std::map<Hash, Flight> flying_;
    std::size_t flying_bytes_ = 0;
    std::optional<Hash> offer_;
    std::optional<std::size_t> stream_offset_;  // next chunk of the offer
    std::optional<Instant> paused_until_;
    std::int64_t cursor_ = 0;
    bool caught_up_ = false;
    bool missed_ = false;  // something was sealed since the rows were last asked for
    bool withhold_ = false;
};

}  // namespace lockstep::swarm
