// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// For tests: a chain that grows, forks, repeats itself and misbehaves as the test says, and a follower of it
// over a database on a simulated disk.
#pragma once

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "async/tap.hpp"
#include "chain/follower.hpp"
#include "core/sha256.hpp"
#include "flow/test_world.hpp"

namespace lockstep::chain {

// A pin that is known by its payload reference.
inline ledger::PinRequest a_pin(IdMaker& ids, std::string payload_ref, std::size_t contexts = 1) {
    ledger::PinRequest pin{ids.next(), ids.next(), sha256(payload_ref), payload_ref, {}};
    for (std::size_t i = 0; i < contexts; ++i) pin.contexts.push_back(sha256(payload_ref + std::to_string(i)));
    return pin;
}

class ScriptedLedger final : public ledger::Ledger {
  public:
    explicit ScriptedLedger(IdMaker& ids) : ids_(ids) {}

    // Blocks on top, each with one pin for each of its names.
    void grow(const std::vector<std::vector<std::string>>& blocks) {
        for (auto const& names : blocks) add(names);
        tell();
    }
    void grow_empty(std::size_t blocks) { grow(std::vector<std::vector<std::string>>(blocks)); }
    // Takes the last `depth` blocks back, and puts others in their place.
    void fork(std::size_t depth, const std::vector<std::vector<std::string>>& blocks) {
        chain.resize(chain.size() - depth);
        ++forks_;
        grow(blocks);
    }
    // Every follower is to read from that block on once more.
    void replay_from(std::int64_t block) {
        ++head_.replays;
        head_.replay_from = BlockNumber{block};
        news_.ring();
    }

    Task<ledger::Info> info() override { co_return ledger::Info{"ethereum", "ethereum_address", "1337", "0xc0"}; }
    ledger::Unsigned prepare_pin(const ledger::PinRequest&, const std::string&, LedgerNonce) const override {
        throw std::logic_error("nobody sends here");
    }
    ledger::RawTransaction assemble(const ledger::Unsigned&, const identity::Signature&) const override {
        throw std::logic_error("nobody sends here");
    }
    Task<Result<void>> send(Bytes) override { throw std::logic_error("nobody sends here"); }
    Task<LedgerNonce> next_nonce(std::string) override { co_return LedgerNonce{0}; }
    Task<ledger::Head> head() override {
        fail_if_told();
        co_return head_;
    }
    Task<std::vector<ledger::Block>> blocks(BlockNumber first, BlockNumber last) override {
        fail_if_told();
        asked.emplace_back(first.value, last.value);
        std::vector<ledger::Block> page;
        for (auto const& block : chain) {
            if (block.number >= first && block.number <= last && page.size() < page_blocks_max) page.push_back(block);
        }
        co_return page;
    }
    Task<void> changed(ledger::Head seen) override {
        fail_if_told();
        for (;;) {
            auto const rings = news_.rings();
            if (head_ != seen) co_return;
            co_await news_.past(rings);
        }
    }

    std::vector<ledger::Block> chain;
    std::size_t page_blocks_max = 1000;
    int failures = 0;                                          // of the next calls
    std::vector<std::pair<std::int64_t, std::int64_t>> asked;  // for which blocks

  private:
    void add(const std::vector<std::string>& names) {
        ledger::Block block;
        block.number = BlockNumber{std::ssize(chain)};
        if (!chain.empty()) block.parent = chain.back().hash;
        block.hash = sha256(block.parent.text() + "/" + std::to_string(forks_));
        block.timestamp = Time{1'000'000'000 * (1 + block.number.value)};
        for (auto const& name : names) {
            ledger::PinEvent event{a_pin(ids_, name), "0xa0",     "firefly:batch_pin",    sha256("tx of " + name),
                                   block.number,      block.hash, std::ssize(block.pins), 0,
                                   block.timestamp};
            block.transactions.push_back({event.tx_hash, event.author, LedgerNonce{nonce_++}, true});
            block.pins.push_back(std::move(event));
        }
        chain.push_back(std::move(block));
    }
    void tell() {
        head_.number = chain.back().number;
        head_.hash = chain.back().hash;
        news_.ring();
    }
    void fail_if_told() {
        if (failures == 0) return;
        --failures;
        throw std::runtime_error("the ledger is away");
    }

    IdMaker& ids_;
    ledger::Head head_;
    Tap news_;
    int forks_ = 0;
    std::int64_t nonce_ = 0;
};

class ChainWorld final : public flow::SimProcess {
  public:
    explicit ChainWorld(Follower::Options options = {}, std::uint64_t seed = 1)
        : SimProcess({flow::schema(), schema()}, seed), ledger(ids()), options_(options) {
        open();
    }
    ~ChainWorld() override { close(); }

    void follow() { spawn(follower->run()); }
    // The payload references of the events that are in the inbox, in its order.
    std::vector<std::string> inbox_pins() {
        return read([&](store::Snapshot& snapshot) {
            std::vector<std::string> out;
            for (auto const& entry : inbox->read(snapshot, Sequence{0}, 10'000)) {
                EXPECT_EQ(entry.kind, pin_entry);
                auto const row = find_event(snapshot, flow::test_ns, row_of(entry.key));
                out.push_back(row ? row->event.pin.payload_ref : "?");
            }
            return out;
        });
    }
    struct Cursor {
        std::int64_t block = -1;
        Hash hash;
    };
    Cursor cursor() {
        return read([](store::Snapshot& snapshot) {
            Cursor cursor;
            auto rows = snapshot.query("SELECT block, hash FROM chain_heads WHERE ns = ?1", flow::test_ns);
            if (auto const* row = rows.first()) cursor = {row->integer(0), row->hash(1)};
            return cursor;
        });
    }

    ScriptedLedger ledger;
    std::unique_ptr<flow::Feed> inbox;
    std::unique_ptr<Follower> follower;

  private:
    void begin() override {
        inbox = std::make_unique<flow::Feed>("inbox", flow::test_ns);
        follower =
            std::make_unique<Follower>(flow::test_ns, ledger, database(), *inbox, clock(), chance(), ids(), options_);
    }
    void end() override { follower.reset(); }

    Follower::Options options_;
};

}  // namespace lockstep::chain
