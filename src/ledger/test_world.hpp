// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// For tests: a development ledger on a simulated disk, in virtual time, and a RemoteLedger that reaches it
// over a simulated network.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "async/scope.hpp"
#include "async/sim_clock.hpp"
#include "base/chance.hpp"
#include "ledger/dev/dev_ledger.hpp"
#include "ledger/remote/ledger_server.hpp"
#include "ledger/remote/remote_ledger.hpp"
#include "net/sim_network.hpp"
#include "store/sim_disk.hpp"

namespace lockstep::ledger {

enum class Reach { direct, remote };

inline std::string reach_name(const testing::TestParamInfo<Reach>& info) {
    return info.param == Reach::direct ? "direct" : "remote";
}

inline PinRequest a_pin(Chance& chance, std::size_t contexts = 1) {
    PinRequest pin;
    chance.fill(pin.tx.bytes);
    chance.fill(pin.batch.bytes);
    chance.fill(pin.batch_hash.bytes);
    pin.payload_ref = "payload";
    pin.contexts.resize(contexts);
    for (auto& context : pin.contexts) chance.fill(context.bytes);
    return pin;
}

class TestWorld {
  public:
    explicit TestWorld(Reach reach = Reach::direct, std::uint64_t seed = 1)
        : reach_(reach),
          chance_(make_seeded_chance(seed)),
          disk_(*chance_),
          network_(loop_.executor(), loop_.clock(), *chance_) {}
    ~TestWorld() { close(); }

    SimClock& clock() { return loop_.clock(); }
    Executor executor() { return loop_.executor(); }
    Chance& chance() { return *chance_; }
    store::SimDisk& disk() { return disk_; }
    net::SimWorld& network() { return network_; }

    // As the tests use it unless they say otherwise: blocks at once.
    static DevLedger::Options at_once(std::int64_t confirmations = 0) {
        DevLedger::Options options;
        options.block_interval = 0s;
        options.confirmations = confirmations;
        return options;
    }
    store::Database::Options database() {
        store::Database::Options options;
        options.path = "ledger";
        options.vfs = disk_.vfs();
        options.inline_ = true;
        return options;
    }

    // Closes what is open, and opens it (again).
    void open(DevLedger::Options options = at_once()) {
        close();
        auto opened = run(DevLedger::open(database(), options, executor(), clock(), *chance_));
        if (!opened) throw std::runtime_error(opened.error().text());
        dev_ = std::move(*opened);
        scope_ = std::make_unique<Scope>(executor(), Scope::Options{.name = "ledger"});
        scope_->spawn(dev_->run());
        if (reach_ == Reach::remote) connect();
    }
    void close() {
        if (!dev_) return;
        scope_->cancel();
        run(scope_->join());
        scope_.reset();
        remote_.reset();
        server_.reset();
        listener_.reset();
        dev_->close();
        dev_.reset();
    }

    DevLedger& dev() { return *dev_; }
    Ledger& ledger() { return remote_ ? static_cast<Ledger&>(*remote_) : *dev_; }
    LedgerControls& controls() { return remote_ ? static_cast<LedgerControls&>(*remote_) : *dev_; }

    // Until it has ended. Virtual time passes as it needs, up to a day.
    template <class T>
    T run(Task<T> task) {
        auto future = begin(std::move(task));
        if (!loop_.run_until([&future] { return is_ready(future); }, 24h))
            throw std::runtime_error("nothing can happen any more");
        return future.get();
    }
    template <class T>
    std::future<T> begin(Task<T> task) {
        return asio::co_spawn(loop_.context(), std::move(task), asio::use_future);
    }
    template <class T>
    static bool is_ready(const std::future<T>& future) {
        return future.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    }
    // Lets virtual time pass.
    void pass(Duration duration) { run(clock().sleep(duration)); }
    void settle() { loop_.settle(); }
    // False when nothing can happen any more before that.
    bool until(const std::function<bool()>& done, Duration limit = 24h) { return loop_.run_until(done, limit); }

    RawTransaction sign(const identity::LedgerKey& key, std::int64_t nonce, const PinRequest& pin) {
        auto const transaction = ledger().prepare_pin(pin, key.address(), LedgerNonce{nonce});
        return ledger().assemble(transaction, key.sign(transaction.digest));
    }
    RawTransaction sign(const identity::LedgerKey& key, std::int64_t nonce) {
        return sign(key, nonce, a_pin(*chance_));
    }
    Result<void> send(const RawTransaction& transaction) { return run(ledger().send(transaction.bytes)); }
    identity::LedgerKey make_key() { return identity::LedgerKey::make(*chance_); }

    Head head() { return run(ledger().head()); }
    std::int64_t height() { return head().number.value; }
    // Waits until the head has this number.
    void reach_height(std::int64_t number) {
        auto const there = until([&] { return dev_->tip().number.value >= number; });
        if (!there) throw std::runtime_error("no block " + std::to_string(number) + " comes");
    }
    // The whole chain, page by page.
    std::vector<Block> chain() {
        std::vector<Block> all;
        auto const last = head().number;
        while (std::ssize(all) <= last.value) {
            auto page = run(ledger().blocks(BlockNumber{std::ssize(all)}, last));
            if (page.empty()) throw std::runtime_error("a page of the chain is empty");
            for (auto& block : page) all.push_back(std::move(block));
        }
        return all;
    }
    // Of all transactions in the chain, in its order.
    std::vector<Hash> included() {
        std::vector<Hash> hashes;
        for (auto const& block : chain())
            for (auto const& transaction : block.transactions) hashes.push_back(transaction.hash);
        return hashes;
    }

    static constexpr auto endpoint = "ledger:1";
    std::unique_ptr<net::Network> host(std::string name) {
        return network_.host(std::move(name), std::string(64, 'a'));
    }

  private:
    void connect() {
        if (!server_host_) {
            server_host_ = host("ledger");
            client_host_ = host("member");
        }
        listener_ = std::move(*server_host_->listen(endpoint));
        server_ = std::make_unique<LedgerServer>(executor(), *dev_, *dev_, *listener_);
        remote_ = std::make_unique<RemoteLedger>(executor(), clock(), *chance_, *client_host_, endpoint,
                                                 RemoteLedger::Options{});
        scope_->spawn(server_->run());
        scope_->spawn(remote_->run());
        run(remote_->info());
    }

    Reach reach_;
    SimLoop loop_;
    std::unique_ptr<Chance> chance_;
    store::SimDisk disk_;
    net::SimWorld network_;
    std::unique_ptr<net::Network> server_host_, client_host_;
    std::unique_ptr<Scope> scope_;
    std::unique_ptr<DevLedger> dev_;
    std::unique_ptr<net::FrameListener> listener_;
    std::unique_ptr<LedgerServer> server_;
    std::unique_ptr<RemoteLedger> remote_;
};

// Each block stands on the one before, and says where its pins are.
inline void expect_consistent(const std::vector<Block>& chain) {
    Hash parent;
    for (std::size_t i = 0; i < chain.size(); ++i) {
        auto const& block = chain[i];
        EXPECT_EQ(block.number.value, static_cast<std::int64_t>(i));
        EXPECT_EQ(block.parent, parent);
        EXPECT_GE(block.timestamp, chain[i > 0 ? i - 1 : 0].timestamp);
        for (auto const& pin : block.pins) {
            EXPECT_EQ(pin.block, block.number);
            EXPECT_EQ(pin.block_hash, block.hash);
            EXPECT_EQ(pin.timestamp, block.timestamp);
            EXPECT_EQ(pin.tx_hash, block.transactions.at(static_cast<std::size_t>(pin.tx_index)).hash);
        }
        parent = block.hash;
    }
}

}  // namespace lockstep::ledger
