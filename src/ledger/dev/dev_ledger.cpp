// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "ledger/dev/dev_ledger.hpp"

#include <algorithm>

#include "async/deadline.hpp"
#include "base/logging.hpp"
#include "base/must.hpp"
#include "core/errors.hpp"
#include "ledger/dev/fork.hpp"
#include "ledger/errors.hpp"

namespace lockstep::ledger {

namespace {

constexpr std::int64_t page_blocks_max = 200;
constexpr std::size_t page_bytes_max = 384 << 10;

}  // namespace

Task<Result<std::unique_ptr<DevLedger>>> DevLedger::open(
    store::Database::Options database, Options options, Executor executor, Clock& clock, Chance& chance) {
    MUST(options.chain_id.size() <= dev::chain_id_bytes_max, "checked where the configuration is read");
    auto const path = database.path;
    CO_TRY(auto opened, store::open_database(std::move(database), {dev::migrations()}, executor));
    auto read = [](store::Snapshot& snapshot) { return dev::load(snapshot); };
    auto const loaded = co_await opened->read(std::move(read));
    if (!loaded.chain_id) {
        auto name = [chain_id = options.chain_id](store::Transaction& tx) { dev::set_chain_id(tx, chain_id); };
        co_await opened->write(std::move(name));
    } else if (*loaded.chain_id != options.chain_id) {
        opened->close();
        co_return refuse(errors::wrong_chain,
                         {{"what", path}, {"found", *loaded.chain_id}, {"expected", options.chain_id}});
    }
    std::unique_ptr<DevLedger> ledger(new DevLedger(std::move(opened), std::move(options), clock, chance, loaded));
    co_return std::move(ledger);
}

DevLedger::DevLedger(
    std::unique_ptr<store::Database> database, Options options, Clock& clock, Chance& chance, const dev::Loaded& loaded)
    : database_(std::move(database)),
      options_(std::move(options)),
      clock_(clock),
      chance_(chance),
      backoff_({.first = 100ms, .most = 5s}, chance),
      grid_(clock.instant()),
      pool_(options_.pending_max),
      next_arrival_(loaded.next_arrival),
      tip_(loaded.tip),
      last_full_(loaded.last_full),
      head_{loaded.tip.number, loaded.tip.hash} {
    for (auto const& [account, included] : loaded.included) pool_.set_included(account, included);
    for (auto const& entry : loaded.waiting) pool_.add(entry, true);
}

void DevLedger::close() { database_->close(); }

// ---- what anyone may ask ----

Task<Info> DevLedger::info() {
    Info info;
    info.plugin_type = "ethereum";
    info.verifier_type = "ethereum_address";
    info.chain_id = options_.chain_id;
    info.contract = dev::contract_address(options_.chain_id);
    co_return info;
}

Unsigned DevLedger::prepare_pin(const PinRequest& request, const std::string& from, LedgerNonce nonce) const {
    return dev::prepare_pin(request, options_.chain_id, from, nonce);
}

RawTransaction DevLedger::assemble(const Unsigned& transaction, const identity::Signature& signature) const {
    return dev::assemble(transaction, signature);
}

Task<Result<void>> DevLedger::send(Bytes raw) {
    auto const decoded = dev::decode(raw);
    if (!decoded) co_return decoded.error();
    if (decoded->chain_id != options_.chain_id) {
        auto const reason =
            "it is for chain '" + decoded->chain_id + "', and this is chain '" + options_.chain_id + "'";
        co_return refuse(errors::malformed_transaction, {{"reason", reason}});
    }
    CO_TRY_VOID(dev::check_signature(*decoded));
    dev::Entry entry;
    entry.account = decoded->from;
    entry.nonce = decoded->nonce;
    entry.hash = dev::transaction_hash(raw);
    entry.bytes = raw.size();

    auto verdict = pool_.judge(entry);
    while (verdict == dev::Verdict::storing) {
        auto const seen = stored_.rings();
        co_await stored_.past(seen);
        verdict = pool_.judge(entry);
    }
    if (verdict == dev::Verdict::included) {
        auto find = [account = entry.account, nonce = entry.nonce](store::Snapshot& snapshot) {
            return dev::find_transaction(snapshot, account, nonce);
        };
        auto const there = co_await database_->read(std::move(find));
        verdict = there == entry.hash ? dev::Verdict::waiting : dev::Verdict::taken;
    }
    auto const nonce = std::to_string(entry.nonce.value);
    auto const missing = std::to_string(pool_.first_missing(entry.account).value);
    switch (verdict) {
        case dev::Verdict::fresh: co_await keep(std::move(entry), std::move(raw)); break;
        case dev::Verdict::taken:
            co_return refuse(errors::nonce_too_low, {{"account", entry.account}, {"nonce", nonce}, {"next", missing}});
        case dev::Verdict::ahead:
            co_return refuse(errors::nonce_too_far, {{"account", entry.account}, {"nonce", nonce}, {"next", missing}});
        case dev::Verdict::full: {
            auto const limit = std::to_string(options_.pending_max);
            co_return refuse(errors::overloaded,
                             {{"what", "the number of transactions that wait for a block"}, {"limit", limit}});
        }
        case dev::Verdict::waiting:  // the same bytes again
        case dev::Verdict::storing:
        case dev::Verdict::included: break;
    }
    co_return Result<void>{};
}

// It takes its place at once, so that a client may have a thousand sends in flight without a gap.
Task<void> DevLedger::keep(dev::Entry entry, Bytes raw) {
    entry.arrival = next_arrival_++;
    pool_.add(entry, false);
    auto add = [entry, raw = std::move(raw)](store::Transaction& tx) { dev::add_transaction(tx, entry, raw); };
    try {
        co_await database_->write(std::move(add));
    } catch (...) {
        pool_.drop(entry);
        stored_.ring();
        throw;
    }
    pool_.set_durable(entry);
    stored_.ring();
    work_.ring();
}

Task<LedgerNonce> DevLedger::next_nonce(std::string account) {
    auto const address = identity::normalise_address(account);
    if (!address) co_return LedgerNonce{0};
    co_return pool_.first_missing(*address);
}

Task<Head> DevLedger::head() { co_return head_; }

Task<std::vector<Block>> DevLedger::blocks(BlockNumber first, BlockNumber last) {
    auto read = [first, last](store::Snapshot& snapshot) {
        return dev::read_blocks(snapshot, first, last, page_blocks_max, page_bytes_max);
    };
    auto page = co_await database_->read(std::move(read));
    co_return page;
}

Task<void> DevLedger::changed(Head seen) {
    while (head_ == seen) {
        auto const rings = news_.rings();
        co_await news_.past(rings);
    }
}

// ---- controls ----

Task<void> DevLedger::set_instant(bool instant) {
    instant_ = instant;
    work_.ring();
    co_return;
}

Task<void> DevLedger::pause(bool paused) {
    paused_ = paused;
    work_.ring();
    co_return;
}

Task<Result<void>> DevLedger::fork(std::int64_t depth) {
    auto const request = std::make_shared<ForkRequest>();
    request->depth = depth;
    forks_.push_back(request);
    work_.ring();
    while (!request->outcome && !request->failure) {
        auto const seen = forked_.rings();
        co_await forked_.past(seen);
    }
    if (request->failure) std::rethrow_exception(request->failure);
    co_return *request->outcome;
}

Task<void> DevLedger::replay(std::int64_t blocks) {
    auto const confirmed = head_.number.value - options_.confirmations;
    ++head_.replays;
    head_.replay_from = BlockNumber{std::max<std::int64_t>(0, confirmed + 1 - std::max<std::int64_t>(0, blocks))};
    news_.ring();
    co_return;
}

// ---- making blocks ----

bool DevLedger::block_due() const {
    if (paused_) return false;
    auto const owed = last_full_.value >= 0 && tip_.number.value - last_full_.value < options_.confirmations;
    return owed || pool_.ready();
}

Instant DevLedger::next_tick() const {
    auto const since = clock_.instant() - grid_;
    return grid_ + options_.block_interval * (since / options_.block_interval + 1);
}

Task<void> DevLedger::run() {
    // Fixed when the work appears: if each arrival moved it, a steady stream of them could put it off for ever.
    std::optional<Instant> due;
    for (;;) {
        auto const seen = work_.rings();
        if (!forks_.empty()) {
            co_await serve_fork();
            continue;
        }
        if (!block_due()) {
            due.reset();
            co_await work_.past(seen);
            continue;
        }
        if (!at_once()) {
            if (!due) due = next_tick();
            if (clock_.instant() < *due) {
                co_await work_.past_until(seen, clock_, *due);
                continue;
            }
        }
        due.reset();
        std::string failure;
        try {
            co_await make_block();
            backoff_.reset();
        } catch (const std::exception& error) {
            if (is_cancelled(error)) throw;
            failure = error.what();
        }
        if (!failure.empty()) {
            auto const wait = backoff_.next();
            logging::warn("the ledger will try its block again",
                          {{"error", failure}, {"in_ms", wait.count() / 1'000'000}});
            co_await clock_.sleep(wait);
        }
    }
}

dev::NewBlock DevLedger::build(const dev::Tip& parent,
                               Time timestamp,
                               std::vector<dev::Entry> entries,
                               std::uint64_t salt) const {
    std::vector<Hash> hashes;
    for (auto const& entry : entries) hashes.push_back(entry.hash);
    dev::NewBlock block;
    block.header.number = parent.number.next();
    block.header.parent = parent.hash;
    block.header.timestamp = timestamp;
    block.header.transactions = dev::transactions_hash(hashes);
    block.header.salt = salt;
    block.hash = dev::header_hash(block.header, options_.chain_id);
    block.entries = std::move(entries);
    return block;
}

Task<void> DevLedger::make_block() {
    dev::ChainStep step;
    auto const timestamp = std::max(clock_.now(), tip_.timestamp);  // also when the clock steps back
    step.blocks.push_back(build(tip_, timestamp, pool_.choose(options_.block_bytes_max), 0));
    for (auto const& entry : step.blocks.front().entries) step.included[entry.account] = entry.nonce.next();

    auto write = [step](store::Transaction& tx) { dev::apply(tx, step); };
    co_await database_->write(std::move(write));
    pool_.include(step.blocks.front().entries);
    advance(step.blocks);
}

void DevLedger::advance(const std::vector<dev::NewBlock>& blocks) {
    for (auto const& block : blocks) {
        tip_ = {block.header.number, block.hash, block.header.timestamp};
        if (!block.entries.empty()) last_full_ = block.header.number;
    }
    head_.number = tip_.number;
    head_.hash = tip_.hash;
    news_.ring();
}

// The caller of fork() has the outcome, also when it is a failure; run() goes on.
Task<void> DevLedger::serve_fork() {
    auto const request = forks_.front();
    forks_.pop_front();
    try {
        auto outcome = co_await make_fork(request->depth);
        request->outcome = std::move(outcome);
    } catch (const std::exception&) {
        request->failure = std::current_exception();
    }
    forked_.ring();
}

Task<Result<void>> DevLedger::make_fork(std::int64_t depth) {
    auto const limit = std::min(options_.confirmations, tip_.number.value + 1);
    if (depth < 1 || depth > limit)
        co_return refuse(errors::fork_refused, {{"depth", std::to_string(depth)}, {"limit", std::to_string(limit)}});
    auto read = [base = BlockNumber{tip_.number.value - depth}](store::Snapshot& snapshot) {
        return dev::read_branch(snapshot, base);
    };
    auto const branch = co_await database_->read(std::move(read));

    auto dealt = dev::deal(branch.entries, static_cast<std::size_t>(depth) + 1, options_.block_bytes_max, chance_);
    dev::ChainStep step;
    step.cut_above = branch.base.number;
    auto parent = branch.base;
    for (auto& entries : dealt.blocks) {
        auto const timestamp = std::max(clock_.now(), Time{parent.timestamp.ns + 1});
        auto const salt = (chance_.next() >> 1) | 1;
        step.blocks.push_back(build(parent, timestamp, std::move(entries), salt));
        auto const& block = step.blocks.back();
        parent = {block.header.number, block.hash, timestamp};
    }
    for (auto const& entry : dealt.left) {
        auto const known = step.included.try_emplace(entry.account, entry.nonce).first;
        known->second = std::min(known->second, entry.nonce);
    }

    auto write = [step](store::Transaction& tx) { dev::apply(tx, step); };
    co_await database_->write(std::move(write));
    pool_.give_back(dealt.left);
    last_full_ = branch.base_last_full;
    advance(step.blocks);
    logging::info("the ledger forked",
                  {{"depth", depth}, {"transactions", branch.entries.size()}, {"waiting_again", dealt.left.size()}});
    co_return Result<void>{};
}

}  // namespace lockstep::ledger
