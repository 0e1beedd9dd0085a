// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// One simulated member: its disk and keys, which survive, and the Member that runs on them, which dies
// and starts again.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/member.hpp"
#include "async/sim_clock.hpp"
#include "ledger/dev/dev_ledger.hpp"
#include "net/sim_network.hpp"
#include "simulation/endpoints.hpp"
#include "simulation/heard.hpp"
#include "simulation/watched_network.hpp"
#include "store/files.hpp"
#include "store/sim_disk.hpp"

namespace lockstep::simulation {

// The ledger as one member reaches it: sometimes late, sometimes not at all.
class FarLedger final : public ledger::Ledger {
  public:
    FarLedger(ledger::Ledger& near, Clock& clock, Chance& chance) : near_(near), clock_(clock), chance_(chance) {}

    double lost = 0;  // probability that a call fails after it was made or before
    Duration delay_max{};

    Task<ledger::Info> info() override { return near_.info(); }
    ledger::Unsigned prepare_pin(const ledger::PinRequest& request,
                                 const std::string& from,
                                 LedgerNonce nonce) const override {
        return near_.prepare_pin(request, from, nonce);
    }
    ledger::RawTransaction assemble(const ledger::Unsigned& transaction,
                                    const identity::Signature& signature) const override {
        return near_.assemble(transaction, signature);
    }
    Task<Result<void>> send(Bytes raw) override;
    Task<LedgerNonce> next_nonce(std::string account) override { return near_.next_nonce(std::move(account)); }
    Task<ledger::Head> head() override;
    Task<std::vector<ledger::Block>> blocks(BlockNumber first, BlockNumber last) override;
    Task<void> changed(ledger::Head seen) override { return near_.changed(seen); }

    std::uint64_t failures = 0;

  private:
    Task<void> travel();
    ledger::Ledger& near_;
    Clock& clock_;
    Chance& chance_;
};

class Node {
  public:
    struct Plan {
        int index = 0;
        std::vector<swarm::Peer> members;
        std::int64_t confirmations = 0;
        sequencer::DeciderFault fault = sequencer::DeciderFault::none;
        double crash_at_commit = 0;  // probability, before and after each
        double crash_at_start = 0;
        int late = -1;  // comes later; member 0 alone was told of it, the others learn it on the ledger
    };
    Node(SimLoop& loop, Chance& chance, net::SimWorld& world, ledger::Ledger& ledger, Plan plan);
    ~Node();

    // Opens, runs, dies, starts again, until cancelled or told to rest.
    Task<void> live();
    // From outside: dies now.
    void crash();
    // Stops in order and stays down; wake() starts it again.
    void rest();
    void wake();

    bool up() const { return member_ && running_; }
    app::Member& member() { return *member_; }
    store::SimDisk& disk() { return disk_; }
    FarLedger& ledger() { return ledger_; }
    const std::string& name() const { return name_; }
    const swarm::Peer& peer() const { return plan_.members[static_cast<std::size_t>(plan_.index)]; }
    Plan& plan() { return plan_; }
    // That it can sign with, and that nobody has registered when it begins.
    std::string second_account() const { return keys_.back().address(); }
    std::uint64_t crashes = 0, crashes_before_commit = 0, crashes_after_commit = 0, crashes_within_commit = 0,
                  crashes_at_start = 0, starts = 0;
    std::string failure;  // a start that was refused: a bug

    Heard heard;
    Endpoints& endpoints() { return endpoints_; }
    Documents documents;
    std::uint64_t pins_before_payload = 0;  // whose document was late
    // Started anew with each life, and cancelled before the member is destroyed: whoever uses it.
    std::vector<std::function<Task<void>(Node&)>> clients;

  private:
    Task<void> one_life();

    SimLoop& loop_;
    Chance& chance_;
    net::SimWorld& world_;
    Plan plan_;
    std::string name_;
    store::SimDisk disk_;
    std::unique_ptr<store::Files> files_;
    std::unique_ptr<Worker> worker_;
    FarLedger ledger_;
    std::vector<identity::LedgerKey> keys_;  // of the organisation, and of nobody at first
    std::unique_ptr<identity::NodeKey> node_key_;
    std::unique_ptr<net::Network> network_;
    Endpoints endpoints_;
    std::unique_ptr<app::Member> member_;
    bool running_ = false, dying_ = false, resting_ = false;
    Tap die_tap_, wake_tap_;
};

}  // namespace lockstep::simulation
