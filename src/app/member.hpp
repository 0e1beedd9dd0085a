// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// One member of a network: its database and every part that works on it, wired. Knows no thread, socket or
// signal: time, chance, ledger, network and disk come in, so that the simulation runs whole members.
//
// Members are destroyed in reverse: the store last.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "api/services.hpp"
#include "async/scope.hpp"
#include "base/probe.hpp"
#include "blobs/blob_store.hpp"
#include "chain/follower.hpp"
#include "delivery/delivery.hpp"
#include "delivery/enricher.hpp"
#include "identity/ledger_key.hpp"
#include "ledger/ledger.hpp"
#include "messaging/batcher.hpp"
#include "messaging/sender.hpp"
#include "net/frames.hpp"
#include "net/web_client.hpp"
#include "sequencer/sequencer.hpp"
#include "swarm/exchange.hpp"
#include "transactions/submitter.hpp"

namespace lockstep::app {

struct MemberConfig {
    messaging::MemberProfile profile;
    identity::NodeId node;
    std::string peer_id;             // profile.id of our node
    std::vector<swarm::Peer> peers;  // configured: first contact
    std::int64_t confirmations = 0;
    store::Database::Options database;
    swarm::Exchange::Options exchange;
    messaging::Batcher::Options batcher;
    messaging::Sender::Options sender;
    sequencer::DeciderFault fault = sequencer::DeciderFault::none;
};

struct MemberPorts {
    Executor executor;
    Clock& clock;
    Chance& chance;
    ledger::Ledger& ledger;
    net::Network& network;
    const std::vector<identity::LedgerKey>& keys;
    store::Files& files;                      // of blobs
    Worker& worker;                           // works on them
    net::WebClient* web = nullptr;            // calls webhooks; without one they wait
    delivery::TlsProfiles tls_profiles = {};  // by the names that webhooks give; empty: none
};

class Member {
  public:
    // Opens the database, listens for peers, and asks the ledger what it is. Refuses what open_database
    // and the exchange refuse. Everything in `ports` outlives the member.
    static Task<Result<std::unique_ptr<Member>>> open(MemberConfig config, MemberPorts ports);
    ~Member();

    // Every loop of the member; returns only by cancellation.
    Task<void> run();

    // Sends the claims of the organisation and node that are configured and not yet registered or under
    // way, both in one batch. Returns when they are stored.
    Task<Result<void>> register_self();
    // True once both are confirmed here.
    Task<bool> registered();
    // Organisations and nodes that are confirmed here.
    Task<std::size_t> identities();
    // Rings when the registry grew.
    Tap& registry_tap() { return registry_tap_; }

    // Writes the positions that deliveries have reached: the last step of a clean stop, before cancelling.
    Task<void> flush();
    void close();

    api::Services services();
    store::Database& database() { return *database_; }
    messaging::Sender& sender() { return *sender_; }
    messaging::Batcher& batcher() { return *batcher_; }
    transactions::Submitter& submitter() { return *submitter_; }
    sequencer::Sequencer& sequencer() { return *sequencer_; }
    sequencer::Parking& parking() { return parking_; }
    delivery::Delivery& delivery() { return *delivery_; }
    log::Timeline& timeline() { return *timeline_; }
    flow::Feed& inbox() { return inbox_; }
    blobs::BlobStore& blobs() { return *blobs_; }
    swarm::Exchange& exchange() { return *exchange_; }
    const flow::Stage& stage() const { return *stage_; }
    const chain::Follower& follower() const { return *follower_; }
    const messaging::MemberProfile& profile() const { return config_.profile; }
    const probe::Registry& metrics() const { return metrics_; }

  private:
    // Swarm under the name that messaging knows it by.
    class ExchangeCarrier;
    // Messaging's Sender under the name that delivery knows it by.
    class SenderReplier;
    struct Probe;

    Member(MemberConfig config, MemberPorts ports);
    Task<void> refresh_peers();
    Task<void> follow_registry();

    MemberConfig config_;
    MemberPorts ports_;
    probe::Registry metrics_;
    std::unique_ptr<Probe> probe_;
    IdMaker ids_;
    Time created_;
    ledger::Info ledger_info_;
    sequencer::Parking parking_;
    Tap registry_tap_;

    std::unique_ptr<store::Database> database_;
    std::unique_ptr<log::Timeline> timeline_;
    std::unique_ptr<blobs::BlobStore> blobs_;
    flow::Feed inbox_;
    std::unique_ptr<swarm::Exchange> exchange_;
    std::unique_ptr<ExchangeCarrier> carrier_;
    std::unique_ptr<transactions::Submitter> submitter_;
    std::unique_ptr<messaging::Batcher> batcher_;
    std::unique_ptr<messaging::Sender> sender_;
    std::unique_ptr<chain::Follower> follower_;
    sequencer::Settled settled_;
    std::unique_ptr<sequencer::Sequencer> sequencer_;
    std::unique_ptr<flow::Stage> stage_;
    std::unique_ptr<delivery::Enricher> enricher_;
    std::unique_ptr<SenderReplier> replier_;
    std::unique_ptr<delivery::Delivery> delivery_;
};

}  // namespace lockstep::app
