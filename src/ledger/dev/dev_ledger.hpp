// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// DevLedger: a true ledger without a network. It checks signatures and nonces, orders transactions into
// blocks, and is as durable as a database: what send() has accepted is never lost.
//
// Invariants
//   1. run() alone changes the chain. Everything else reads it, or leaves work for run().
//   2. A step of the chain (a block, a fork) is one commit; memory follows after it, without a pause
//      between, so readers never see half of one.
//   3. A transaction waits or is in exactly one block, from the moment it is accepted.
//   4. Without pending transactions, and with the confirmations on top of the last of them, nothing runs:
//      no timer, no empty block.
//
// Everything belongs to one executor. Time is only the Clock's, chance only the Chance's.
#pragma once

#include <deque>
#include <memory>
#include <optional>

#include "async/retry.hpp"
#include "async/tap.hpp"
#include "ledger/controls.hpp"
#include "ledger/dev/pool.hpp"
#include "ledger/dev/tables.hpp"
#include "ledger/ledger.hpp"

namespace lockstep::ledger {

class DevLedger final : public Ledger, public LedgerControls {
  public:
    struct Options {
        std::string chain_id = "1337";
        // Blocks come on a grid of this step that runs on whether or not there is work, so a lone
        // transaction waits for half of it on average. 0: as soon as there is work.
        Duration block_interval = 1s;
        // So many blocks are made on top of the last transaction, empty if need be; and so deep a fork may be.
        std::int64_t confirmations = 0;
        std::size_t pending_max = 100'000;
        std::size_t block_bytes_max = 384 << 10;  // of transactions; a longer one has a block to itself
    };

    // Opens or makes the ledger's own database and reads where it stands. LS10307 when the file holds
    // another chain; what store::open_database refuses. `clock` and `chance` must outlive the ledger.
    static Task<Result<std::unique_ptr<DevLedger>>> open(
        store::Database::Options database, Options options, Executor executor, Clock& clock, Chance& chance);

    // Makes the blocks. Returns only by cancellation. Without it, transactions are accepted and wait.
    Task<void> run();
    // After run() has ended and no call is in flight. Blocks.
    void close();

    Task<Info> info() override;
    Unsigned prepare_pin(const PinRequest& request, const std::string& from, LedgerNonce nonce) const override;
    RawTransaction assemble(const Unsigned& transaction, const identity::Signature& signature) const override;
    Task<Result<void>> send(Bytes raw) override;
    Task<LedgerNonce> next_nonce(std::string account) override;
    Task<Head> head() override;
    Task<std::vector<Block>> blocks(BlockNumber first, BlockNumber last) override;
    Task<void> changed(Head seen) override;

    Task<void> set_instant(bool instant) override;
    Task<void> pause(bool paused) override;
    // Done by run(): without it, this waits.
    Task<Result<void>> fork(std::int64_t depth) override;
    Task<void> replay(std::int64_t blocks) override;

    const Options& options() const { return options_; }
    const dev::Tip& tip() const { return tip_; }
    std::size_t pending() const { return pool_.size(); }

  private:
    struct ForkRequest {
        std::int64_t depth = 0;
        std::optional<Result<void>> outcome;
        std::exception_ptr failure;
    };

    DevLedger(std::unique_ptr<store::Database> database,
              Options options,
              Clock& clock,
              Chance& chance,
              const dev::Loaded& loaded);

    Task<void> keep(dev::Entry entry, Bytes raw);
    bool at_once() const { return instant_ || options_.block_interval <= Duration::zero(); }
    bool block_due() const;
    Instant next_tick() const;
    dev::NewBlock build(const dev::Tip& parent,
                        Time timestamp,
                        std::vector<dev::Entry> entries,
                        std::uint64_t salt) const;
    Task<void> make_block();
    Task<void> serve_fork();
    Task<Result<void>> make_fork(std::int64_t depth);
    // The chain ends with these blocks now.
    void advance(const std::vector<dev::NewBlock>& blocks);

    std::unique_ptr<store::Database> database_;
    Options options_;
    Clock& clock_;
    Chance& chance_;
    Backoff backoff_;
    Instant grid_;  // one point of it

    dev::Pool pool_;
    std::int64_t next_arrival_;
    dev::Tip tip_;
    BlockNumber last_full_;
    Head head_;
    bool instant_ = false;
    bool paused_ = false;
    std::deque<std::shared_ptr<ForkRequest>> forks_;

    Tap work_;    // run() may have something to do
    Tap news_;    // head_ has changed
    Tap stored_;  // a transaction became durable, or could not
    Tap forked_;  // a fork request has its outcome
};

}  // namespace lockstep::ledger
