// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Batcher: gathers ready messages of one author, key and group into batches, seals each in one commit (batch,
// transaction, operations, signed ledger transaction, outgoing payloads, message states), and leaves the
// rest to who carries and who submits.
//
// An author's next batch is sealed when it is full (messages or bytes), when none of that author's pins
// waits for a block, or when its oldest message has waited long enough, whichever is first. So a lone
// message never waits, and under load batches grow by themselves.
//
// Invariants
//   1. Messages of one author, key and group are batched in the order in which they were stored.
//   2. A batch is sealed in the commit that takes its messages out of `ready`.
//   3. Starting reads what is `ready` and not yet sealed: nothing is remembered elsewhere.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>

#include "async/retry.hpp"
#include "async/tap.hpp"
#include "base/ids.hpp"
#include "log/timeline.hpp"
#include "messaging/member_profile.hpp"
#include "messaging/ports.hpp"
#include "messaging/rows.hpp"
#include "messaging/sealing.hpp"
#include "transactions/submitter.hpp"

namespace lockstep::messaging {

struct ProcessorStatus {
    std::string name;  // "author|" and the group, if any
    std::optional<Time> last_flush;
    std::string last_error;
    std::optional<Time> last_error_time;
    std::uint64_t batches = 0, errors = 0, messages = 0, bytes = 0, data = 0;
    Duration flush_time{};  // sum
    std::size_t waiting = 0;
    bool flushing = false;
};

class Batcher {
  public:
    struct Options {
        std::size_t messages_max = 200;
        std::size_t bytes_max = 800 * 1024;  // of the document
        Duration wait_max = 400ms;
    };
    // All references must outlive the batcher.
    Batcher(const MemberProfile& profile,
            store::Database& database,
            Clock& clock,
            Chance& chance,
            IdMaker& ids,
            const ledger::Info& ledger,
            transactions::Submitter& submitter,
            log::Timeline& timeline,
            Carrier& carrier,
            Options options);

    // Heard on the logic thread: messages that are not pinned, which are confirmed when they are sealed.
    void on_confirmed(std::function<void(const MessageHeader&)> hear) { confirmed_ = std::move(hear); }

    // Returns only by cancellation.
    Task<void> run();
    // A message was stored; called in commit order, on the logic thread.
    void offer(std::int64_t seq, const MessageHeader& header, std::size_t bytes);

    // Between the two nothing is sealed, so that what is offered meanwhile goes into one batch.
    void hold() { held_ = true; }
    void release() {
        held_ = false;
        tap_.ring();
    }

    std::vector<ProcessorStatus> status() const;
    std::size_t waiting() const;

  private:
    struct Waiting {
        std::int64_t seq = 0;
        std::size_t bytes = 0;
        Instant since;
    };
    // What may go into one batch.
    struct Lane {
        std::string author, key;
        std::optional<Hash> group;
        TxType tx_type = TxType::batch_pin;
        friend auto operator<=>(const Lane&, const Lane&) = default;
    };
    struct Queue {
        Lane lane;
        std::deque<Waiting> messages;
        std::size_t bytes = 0;
        ProcessorStatus status;
    };

    Task<void> load();
    void offer(std::int64_t seq, const Lane& lane, std::size_t bytes);
    Task<Unsealed> load_batch_of(const Lane& lane, std::vector<std::int64_t> seqs);
    bool due(const Queue& queue, Instant now) const;
    Task<void> seal(Queue& queue);

    const MemberProfile& profile_;
    store::Database& database_;
    Clock& clock_;
    IdMaker& ids_;
    const ledger::Info& ledger_;
    transactions::Submitter& submitter_;
    log::Timeline& timeline_;
    Carrier& carrier_;
    Options options_;
    std::function<void(const MessageHeader&)> confirmed_;
    Backoff backoff_;
    std::uint64_t salt_;
    std::map<Lane, Queue> queues_;
    std::int64_t loaded_through_ = 0;  // offers at or below were found by load()
    bool held_ = false;
    Tap tap_;
};

}  // namespace lockstep::messaging
