// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The development ledger as it runs outside the simulation: real time, a real file, the database's threads.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <filesystem>

#include "async/scope.hpp"
#include "ledger/dev/dev_ledger.hpp"

namespace lockstep::ledger {
namespace {

class RealDiskTest : public testing::Test {
  protected:
    RealDiskTest() {
        auto name = (std::filesystem::temp_directory_path() / "lockstep-ledger-XXXXXX").string();
        folder_ = ::mkdtemp(name.data());
    }
    ~RealDiskTest() override { std::filesystem::remove_all(folder_); }

    // Opens the ledger, does `work` while it runs, and closes it.
    template <class Work>
    void with_ledger(Work work) {
        asio::io_context io;
        auto const clock = make_clock(io.get_executor());
        auto done = asio::co_spawn(io, live(io.get_executor(), *clock, std::move(work)), asio::use_future);
        io.run();
        done.get();
    }

    std::unique_ptr<Chance> chance_ = make_seeded_chance(1);

  private:
    template <class Work>
    Task<void> live(Executor executor, Clock& clock, Work work) {
        store::Database::Options database;
        database.path = folder_ + "/ledger.db";
        DevLedger::Options options;
        options.block_interval = 5ms;
        auto opened = co_await DevLedger::open(std::move(database), options, executor, clock, *chance_);
        auto& ledger = **opened;
        Scope scope(executor, {.name = "ledger"});
        scope.spawn(ledger.run());
        auto all = work(ledger, scope);
        co_await std::move(all);
        while (ledger.pending() > 0) {
            auto const head = co_await ledger.head();
            co_await ledger.changed(head);
        }
        scope.cancel();
        co_await scope.join();
        ledger.close();
    }

    std::string folder_;
};

Task<void> send_pin(DevLedger& ledger, identity::LedgerKey key, std::int64_t nonce, int& accepted) {
    auto const transaction = ledger.prepare_pin({}, key.address(), LedgerNonce{nonce});
    auto raw = ledger.assemble(transaction, key.sign(transaction.digest));
    auto const outcome = co_await ledger.send(std::move(raw.bytes));
    if (outcome) ++accepted;
}

Task<void> send_in_parallel(DevLedger& ledger, Scope& scope, std::vector<identity::LedgerKey> keys, int& accepted) {
    for (std::int64_t nonce = 0; nonce < 50; ++nonce)
        for (auto const& key : keys) scope.spawn(send_pin(ledger, key, nonce, accepted));
    while (accepted < 200) {
        auto const head = co_await ledger.head();
        co_await ledger.changed(head);
    }
}

Task<void> count_included(DevLedger& ledger, int& included) {
    auto const head = co_await ledger.head();
    BlockNumber next{0};
    while (next <= head.number) {
        auto const page = co_await ledger.blocks(next, head.number);
        for (auto const& block : page) included += static_cast<int>(block.transactions.size());
        next = page.back().number.next();
    }
}

TEST_F(RealDiskTest, what_many_senders_put_in_is_there_after_reopening) {
    std::vector<identity::LedgerKey> keys;
    for (int i = 0; i < 4; ++i) keys.push_back(identity::LedgerKey::make(*chance_));
    int accepted = 0;
    int included = 0;

    with_ledger([&](DevLedger& ledger, Scope& scope) { return send_in_parallel(ledger, scope, keys, accepted); });
    with_ledger([&](DevLedger& ledger, Scope&) { return count_included(ledger, included); });

    EXPECT_EQ(accepted, 200);
    EXPECT_EQ(included, 200);
}

}  // namespace
}  // namespace lockstep::ledger
