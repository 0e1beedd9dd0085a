// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// For tests: a development ledger that outlives the process, a wire to it that fails as the test says, and a
// submitter over a database on a simulated disk.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/errors.hpp"
#include "core/sha256.hpp"
#include "flow/test_world.hpp"
#include "ledger/dev/dev_ledger.hpp"
#include "transactions/submitter.hpp"

namespace lockstep::transactions {

// Passes everything on, but for what send() is told to do with the bytes.
class Wire final : public ledger::Ledger {
  public:
    enum class Fate {
        passes,
        breaks,        // before they arrive
        loses_answer,  // after they have arrived
        is_forgotten,  // they are accepted, and gone
        is_refused,    // for there is no room
    };

    Task<ledger::Info> info() override { return to->info(); }
    ledger::Unsigned prepare_pin(const ledger::PinRequest& request,
                                 const std::string& from,
                                 LedgerNonce nonce) const override {
        return to->prepare_pin(request, from, nonce);
    }
    ledger::RawTransaction assemble(const ledger::Unsigned& transaction,
                                    const identity::Signature& signature) const override {
        return to->assemble(transaction, signature);
    }
    Task<Result<void>> send(Bytes raw) override {
        sent.push_back(raw);
        auto const fate = next_fate ? next_fate() : Fate::passes;
        if (fate == Fate::breaks) throw std::runtime_error("the wire is cut");
        if (fate == Fate::is_forgotten) co_return Result<void>();
        if (fate == Fate::is_refused) co_return refuse(errors::overloaded, {{"what", "waiting"}, {"limit", "0"}});
        auto answer = co_await to->send(std::move(raw));
        if (fate == Fate::loses_answer) throw std::runtime_error("the answer is lost");
        co_return answer;
    }
    Task<LedgerNonce> next_nonce(std::string account) override {
        ++nonces_asked;
        if (is_cut) throw std::runtime_error("the wire is cut");
        co_return co_await to->next_nonce(std::move(account));
    }
    Task<ledger::Head> head() override { return to->head(); }
    Task<std::vector<ledger::Block>> blocks(BlockNumber first, BlockNumber last) override {
        return to->blocks(first, last);
    }
    Task<void> changed(ledger::Head seen) override { return to->changed(seen); }

    // The next so many sends.
    void doom(Fate fate, int sends) {
        next_fate = [fate, left = sends]() mutable { return left-- > 0 ? fate : Fate::passes; };
    }

    ledger::Ledger* to = nullptr;
    std::function<Fate()> next_fate;
    std::vector<Bytes> sent;
    int nonces_asked = 0;
    bool is_cut = false;
};

class SubmitterWorld : public flow::SimProcess {
  public:
    explicit SubmitterWorld(std::uint64_t seed = 1,
                            std::vector<store::Migrations> more = {},
                            Submitter::Options options = {})
        : SimProcess(with(std::move(more)), seed), ledger_disk_(chance()), options_(options) {
        for (int i = 0; i < 2; ++i) keys.push_back(identity::LedgerKey::make(chance()));
        open_ledger();
        open();
    }
    ~SubmitterWorld() override {
        close();
        ledger_scope_->cancel();
        await(ledger_scope_->join());
        dev_->close();
    }

    // As a process does in its beginning.
    void start() {
        await(submitter->start());
        spawn(submitter->run());
    }
    // Waits in a commit; then rings, unless the process has died.
    Hash prepare(const std::string& account) {
        return write([&](store::Transaction& tx) {
            ledger::PinRequest const pin{ids().next(), ids().next(), sha256("batch"), "payload", {sha256("context")}};
            return submitter->prepare(tx, account, pin, clock().now());
        });
    }
    Hash submit(std::size_t key = 0) {
        auto const hash = prepare(keys[key].address());
        submitter->prepared(keys[key].address());
        settle();
        return hash;
    }
    // Its pin came back.
    bool take(const Hash& hash, std::size_t key = 0) {
        auto const ours = write([&](store::Transaction& tx) { return Submitter::finish(tx, flow::test_ns, hash); });
        if (ours) submitter->finished(keys[key].address());
        settle();
        return ours;
    }
    // Transactions on the ledger, in its order.
    std::vector<ledger::IncludedTransaction> included() {
        std::vector<ledger::IncludedTransaction> out;
        auto const head = await(dev_->head());
        for (BlockNumber next{0}; next <= head.number;) {
            auto const page = await(dev_->blocks(next, head.number));
            for (auto const& block : page) {
                out.insert(out.end(), block.transactions.begin(), block.transactions.end());
                next = block.number.next();
            }
        }
        return out;
    }
    std::vector<Hash> included_hashes() {
        std::vector<Hash> out;
        for (auto const& transaction : included()) out.push_back(transaction.hash);
        return out;
    }
    // Takes what the ledger has included and is not taken yet.
    void take_included() {
        for (auto const& transaction : included())
            take(transaction.hash, transaction.from == keys[0].address() ? 0 : 1);
    }
    std::int64_t stored() { return count("submissions"); }

    Wire wire;
    std::vector<identity::LedgerKey> keys;
    std::unique_ptr<Submitter> submitter;
    ledger::DevLedger& ledger() { return *dev_; }

  protected:
    void begin() override {
        submitter = std::make_unique<Submitter>(flow::test_ns, wire, database(), clock(), chance(), keys, options_);
    }
    void end() override { submitter.reset(); }

  private:
    static std::vector<store::Migrations> with(std::vector<store::Migrations> more) {
        more.push_back(schema());
        return more;
    }
    void open_ledger() {
        ledger::DevLedger::Options options;
        options.block_interval = {};
        store::Database::Options database{.path = "ledger", .vfs = ledger_disk_.vfs(), .inline_ = true};
        auto opened =
            await(ledger::DevLedger::open(std::move(database), std::move(options), executor(), clock(), chance()));
        if (!opened) throw std::runtime_error(opened.error().text());
        dev_ = std::move(*opened);
        wire.to = dev_.get();
        ledger_scope_ = std::make_unique<Scope>(executor(), Scope::Options{"ledger"});
        ledger_scope_->spawn(dev_->run());
    }

    store::SimDisk ledger_disk_;
    std::unique_ptr<ledger::DevLedger> dev_;
    std::unique_ptr<Scope> ledger_scope_;
    Submitter::Options options_;
};

}  // namespace lockstep::transactions
