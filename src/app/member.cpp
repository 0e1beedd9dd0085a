// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "app/member.hpp"

#include <algorithm>
#include <set>

#include "app/metrics.hpp"
#include "app/version.hpp"
#include "base/logging.hpp"
#include "base/must.hpp"
#include "core/json.hpp"
#include "messaging/blob_refs.hpp"
#include "messaging/errors.hpp"
#include "operations/operations.hpp"
#include "registry/groups.hpp"

namespace lockstep::app {

class Member::ExchangeCarrier final : public messaging::Carrier {
  public:
    explicit ExchangeCarrier(swarm::Exchange& exchange) : exchange_(exchange) {}
    void enqueue(store::Transaction& tx, const Hash& payload, const messaging::Recipients& to) override {
        to.everybody ? exchange_.enqueue(tx, payload) : exchange_.enqueue_to(tx, payload, to.peers);
    }
    void sealed(const Hash& payload,
                std::shared_ptr<const std::string> document,
                const messaging::Recipients& to) override {
        to.everybody ? exchange_.sealed(payload, std::move(document))
                     : exchange_.sealed_to(payload, std::move(document), to.peers);
    }

    void enqueue_blob(store::Transaction& tx, const Hash& blob, const std::vector<std::string>& peers) override {
        exchange_.enqueue_blob(tx, blob, peers);
    }
    void blob_sealed(const Hash& blob, const std::vector<std::string>& peers) override {
        exchange_.blob_sealed(blob, peers);
    }

  private:
    swarm::Exchange& exchange_;
};

class Member::SenderReplier final : public delivery::Replier {
  public:
    explicit SenderReplier(messaging::Sender& sender) : sender_(sender) {}
    Task<Result<void>> send(messaging::MessageInput reply) override {
        auto const id = sender_.new_id();
        auto const is_private = reply.group.has_value();
        auto work =
            is_private ? sender_.private_message(std::move(reply), id) : sender_.broadcast(std::move(reply), id);
        auto const sent = co_await std::move(work);
        if (!sent && !sent.error().is(errors::idempotency_key_used)) co_return sent.error();
        co_return Result<void>();
    }

  private:
    messaging::Sender& sender_;
};

namespace {

// A private batch has reached one of its nodes: the operation that was to bring it there has ended.
void note_delivery(store::Transaction& tx, NamespaceId ns, const std::string& peer, const Hash& payload, Time now) {
    auto const batch = messaging::find_batch_by_payload(tx, ns, payload);
    if (!batch || !batch->batch.group) return;
    auto const node = registry::find_identity_by_verifier(tx, ns, "dx_peer_id", peer);
    if (!node) return;
    for (auto const& operation : operations::operations_of(tx, ns, *batch->batch.tx.id)) {
        if (operation.type == operations::OperationType::dataexchange_send_batch &&
            json::Value{operation.input}["node"].as_string() == node->id.text())
            operations::succeed(tx, ns, operation.id, now);
    }
}

// A node has said that it has a blob: the operations that were to bring it there have ended.
void note_blob_delivery(store::Transaction& tx, NamespaceId ns, const std::string& peer, const Hash& blob, Time now) {
    auto const node = registry::find_identity_by_verifier(tx, ns, "dx_peer_id", peer);
    if (!node) return;
    for (auto const& transaction : messaging::transactions_of_blob(tx, ns, blob)) {
        for (auto const& operation : operations::operations_of(tx, ns, transaction)) {
            if (operation.type != operations::OperationType::dataexchange_send_blob) continue;
            json::Value const input{operation.input};
            if (input["node"].as_string() == node->id.text() && input["hash"].as_string() == blob.text())
                operations::succeed(tx, ns, operation.id, now);
        }
    }
}

// A blob is for those who may read a message that has it: everybody, or the nodes of its group.
bool may_have_blob(store::Snapshot& snapshot, NamespaceId ns, const Hash& blob, const std::string& peer) {
    for (auto const& audience : messaging::audiences_of_blob(snapshot, ns, blob)) {
        if (!audience) return true;
        auto const group = registry::find_group(snapshot, ns, *audience);
        if (!group) continue;
        for (auto const& node : registry::nodes_of(snapshot, ns, group->group, Uuid{})) {
            if (node.peer == peer) return true;
        }
    }
    return false;
}

}  // namespace

struct Member::Probe {
    explicit Probe(const probe::Registry& registry)
        : submitted(registry.counter(metrics::submitted)),
          confirmed(registry.counter(metrics::confirmed)),
          rejected(registry.counter(metrics::rejected)),
          seconds(registry.histogram(metrics::seconds)),
          pins(registry.counter(metrics::pins)),
          settled(registry.counter(metrics::settled)) {}

    probe::Counter submitted, confirmed, rejected;
    probe::Histogram seconds;
    probe::Counter pins, settled;
};

namespace {

store::Migrations member_schema() {
    return {"member",
            {"CREATE TABLE namespaces (ns BIGINT PRIMARY KEY, name TEXT NOT NULL, network_name TEXT NOT NULL, created "
             "BIGINT NOT NULL,"
             " UNIQUE (name));"}};
}

std::vector<store::Migrations> schema() {
    return {member_schema(),     flow::schema(),       log::schema(),          chain::schema(),
            registry::schema(),  operations::schema(), transactions::schema(), swarm::schema(),
            messaging::schema(), sequencer::schema(),  delivery::schema(),     blobs::schema()};
}

// A node's profile as a peer; empty when it names none.
std::optional<swarm::Peer> peer_of(const registry::Identity& node) {
    json::Value const profile{node.profile};
    swarm::Peer peer{profile["id"].as_string().value_or(""), profile["endpoint"].as_string().value_or(""),
                     profile["fingerprint"].as_string().value_or("")};
    if (peer.id.empty() || peer.endpoint.empty() || peer.fingerprint.size() != 64) return std::nullopt;
    return peer;
}

}  // namespace

Member::Member(MemberConfig config, MemberPorts ports)
    : config_(std::move(config)),
      ports_(ports),
      probe_(std::make_unique<Probe>(metrics_)),
      ids_(ports_.clock, ports_.chance),
      parking_(config_.profile.ns),
      inbox_("inbox", config_.profile.ns) {}

Member::~Member() = default;

Task<Result<std::unique_ptr<Member>>> Member::open(MemberConfig config, MemberPorts ports) {
    auto member = std::unique_ptr<Member>(new Member(std::move(config), ports));
    auto& self = *member;
    auto const& profile = self.config_.profile;
    auto const ns = profile.ns;

    auto database = store::open_database(self.config_.database, schema(), ports.executor);
    if (!database) co_return database.error();
    self.database_ = std::move(*database);

    self.ledger_info_ = co_await ports.ledger.info();
    struct Opened {
        Time created;
        log::StreamKey stream;
    };
    auto open_rows = [ns, name = profile.namespace_name, network = profile.network_namespace, now = ports.clock.now(),
                      stream = log::Timeline::stream_of(self.config_.node, ns)](store::Transaction& tx) {
        tx.run(
            "INSERT INTO namespaces (ns, name, network_name, created) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (ns) DO "
            "NOTHING",
            ns, name, network, now);
        Opened opened;
        {
            auto rows = tx.query("SELECT created FROM namespaces WHERE ns = ?1", ns);
            opened.created = rows.first()->time(0);
        }
        opened.stream = log::open_stream(tx, stream);
        return opened;
    };
    auto const opened = co_await self.database_->write(std::move(open_rows));
    self.created_ = opened.created;
    self.timeline_ = std::make_unique<log::Timeline>(opened.stream, profile.namespace_name);
    self.blobs_ = std::make_unique<blobs::BlobStore>(ns, *self.database_, ports.files, ports.worker, ports.chance);

    swarm::PayloadSource source = [ns](store::Snapshot& snapshot, const Hash& payload) -> std::optional<std::string> {
        auto const row = messaging::find_batch_by_payload(snapshot, ns, payload);
        if (!row) return std::nullopt;
        auto const batch = messaging::load_batch(snapshot, ns, *row);
        if (!batch) return std::nullopt;
        if (!row->batch.group) return lockstep::batch_json(*batch);
        PrivateDocument document{std::nullopt, *batch};
        if (batch->tx.type == TxType::unpinned) {
            auto group = registry::find_group(snapshot, ns, *row->batch.group);
            if (!group) return std::nullopt;
            document.group = std::move(group->group);
        }
        return private_document_json(document);
    };
    self.config_.exchange.delivered = [ns, &clock = ports.clock](store::Transaction& tx, const std::string& peer,
                                                                 const Hash& payload) {
        note_delivery(tx, ns, peer, payload, clock.now());
    };
    self.config_.exchange.blob_delivered = [ns, &clock = ports.clock](store::Transaction& tx, const std::string& peer,
                                                                      const Hash& blob) {
        note_blob_delivery(tx, ns, peer, blob, clock.now());
    };
    self.config_.exchange.blobs = self.blobs_.get();
    self.config_.exchange.may_have = [ns](store::Snapshot& snapshot, const Hash& blob, const std::string& peer) {
        return may_have_blob(snapshot, ns, blob, peer);
    };
    auto exchange = swarm::make_exchange(ns, ports.executor, ports.clock, ports.chance, *self.database_, ports.network,
                                         self.inbox_, std::move(source), self.config_.peer_id, self.config_.exchange);
    if (!exchange) co_return exchange.error();
    self.exchange_ = std::move(*exchange);
    self.carrier_ = std::make_unique<ExchangeCarrier>(*self.exchange_);

    self.submitter_ = std::make_unique<transactions::Submitter>(
        ns, ports.ledger, *self.database_, ports.clock, ports.chance, ports.keys, transactions::Submitter::Options{});
    self.batcher_ = std::make_unique<messaging::Batcher>(profile, *self.database_, ports.clock, ports.chance, self.ids_,
                                                         self.ledger_info_, *self.submitter_, *self.timeline_,
                                                         *self.carrier_, self.config_.batcher);
    self.sender_ = std::make_unique<messaging::Sender>(
        profile, *self.database_, ports.clock, self.ids_, *self.batcher_,
        [submitter = self.submitter_.get()](std::string_view account) { return submitter->can_sign(account); },
        self.config_.sender);
    self.sender_->on_submitted([probe = self.probe_.get()](const messaging::MessageRow& row) {
        if (!row.message.header.group) probe->submitted.add();
    });
    self.batcher_->on_confirmed([&self](const MessageHeader& header) {
        if (header.cid) self.settled_.answer(*header.cid, header.id);
        self.settled_.settle(header.id);
    });
    self.follower_ = std::make_unique<chain::Follower>(
        ns, ports.ledger, *self.database_, self.inbox_, ports.clock, ports.chance, self.ids_,
        chain::Follower::Options{.confirmations = self.config_.confirmations});
    sequencer::Sequencer::Hooks hooks;
    hooks.pin_returned = [submitter = self.submitter_.get(), probe = self.probe_.get()](const std::string& account) {
        submitter->finished(account);
        probe->pins.add();
    };
    hooks.registry_changed = [&self] { self.registry_tap_.ring(); };
    hooks.settled = [&self](const Message& message, bool confirmed, bool own) {
        self.probe_->settled.add();
        if (!own || message.header.group) return;
        (confirmed ? self.probe_->confirmed : self.probe_->rejected).add();
        self.probe_->seconds.observe(std::chrono::nanoseconds(self.ports_.clock.now().ns - message.header.created.ns));
    };
    self.sequencer_ = std::make_unique<sequencer::Sequencer>(
        profile, *self.database_, ports.clock, ports.chance, self.inbox_, *self.timeline_, *self.exchange_,
        self.settled_, std::move(hooks), sequencer::Sequencer::Options{.fault = self.config_.fault});
    // One batch a commit: its 200 messages hold the writer for some milliseconds already.
    self.stage_ = std::make_unique<flow::Stage>("sequencer", self.inbox_, *self.database_, ports.clock, ports.chance,
                                                *self.sequencer_, flow::Stage::Options{.page_entries_max = 2});
    self.enricher_ = std::make_unique<delivery::RowEnricher>(ns, profile.namespace_name, self.ledger_info_);
    self.replier_ = std::make_unique<SenderReplier>(*self.sender_);
    self.delivery_ = std::make_unique<delivery::Delivery>(delivery::Delivery::Parts{
        ns, profile.namespace_name, *self.database_, *self.timeline_, *self.enricher_, ports.clock, ports.chance,
        self.ids_, ports.web, self.replier_.get(), ports.tls_profiles});

    co_await self.submitter_->start();
    co_await self.sequencer_->start();
    auto const wanted = self.exchange_->wanted_blobs();
    std::set<Hash> drafts(wanted.begin(), wanted.end());
    co_await self.blobs_->clean(std::move(drafts));
    co_await self.refresh_peers();
    co_return std::move(member);
}

Task<void> Member::run() {
    Scope scope(ports_.executor, {.name = "member", .fail_together = true});
    scope.spawn(follower_->run());
    scope.spawn(stage_->run());
    scope.spawn(submitter_->run());
    scope.spawn(batcher_->run());
    scope.spawn(exchange_->run());
    scope.spawn(delivery_->run());
    scope.spawn(follow_registry());
    co_await scope.join();
}

// Configured peers, and every registered node; what is registered wins over nothing, what is configured
// over what is registered, because the operator knows where his peers are today.
Task<void> Member::refresh_peers() {
    auto load = [ns = config_.profile.ns](store::Snapshot& snapshot) { return registry::nodes(snapshot, ns); };
    auto const nodes = co_await database_->read(std::move(load));
    auto peers = config_.peers;
    for (auto const& node : nodes) {
        auto peer = peer_of(node);
        if (!peer || peer->id == config_.peer_id) continue;
        auto const known = std::any_of(peers.begin(), peers.end(), [&](auto const& one) { return one.id == peer->id; });
        if (!known) peers.push_back(std::move(*peer));
    }
    exchange_->set_peers(std::move(peers));
}

Task<void> Member::follow_registry() {
    for (;;) {
        auto const seen = registry_tap_.rings();
        co_await refresh_peers();
        co_await registry_tap_.past(seen);
    }
}

Task<Result<void>> Member::register_self() {
    auto const& profile = config_.profile;
    struct Known {
        bool org = false, node = false, org_sent = false, node_sent = false;
    };
    auto look = [ns = profile.ns, org = registry::did_of(registry::IdentityType::org, profile.org_name),
                 node = registry::did_of(registry::IdentityType::node, profile.node_name)](store::Snapshot& snapshot) {
        Known known;
        known.org = registry::find_identity_by_did(snapshot, ns, org).has_value();
        known.node = registry::find_identity_by_did(snapshot, ns, node).has_value();
        // A claim that is stored and not settled yet comes through without our help.
        auto const sent = [&](const std::string& did) {
            auto rows = snapshot.query(
                "SELECT 1 FROM messages WHERE ns = ?1 AND topics = ?2 AND state IN ('ready', 'sent') LIMIT 1", ns,
                identity_topic(did));
            return rows.first() != nullptr;
        };
        known.org_sent = !known.org && sent(org);
        known.node_sent = !known.node && sent(node);
        return known;
    };
    auto const known = co_await database_->read(std::move(look));
    batcher_->hold();
    Result<void> outcome{};
    if (!known.org && !known.org_sent) {
        auto const sent = co_await sender_->register_org(ids_.next());
        if (!sent) outcome = sent.error();
    }
    if (outcome && !known.node && !known.node_sent) {
        auto const sent = co_await sender_->register_node(ids_.next());
        if (!sent) outcome = sent.error();
    }
    batcher_->release();
    co_return outcome;
}

Task<bool> Member::registered() {
    auto const& profile = config_.profile;
    auto look = [ns = profile.ns, org = registry::did_of(registry::IdentityType::org, profile.org_name),
                 node = registry::did_of(registry::IdentityType::node, profile.node_name)](store::Snapshot& snapshot) {
        return registry::find_identity_by_did(snapshot, ns, org).has_value() &&
               registry::find_identity_by_did(snapshot, ns, node).has_value();
    };
    co_return co_await database_->read(std::move(look));
}

Task<std::size_t> Member::identities() {
    auto look = [ns = config_.profile.ns](store::Snapshot& snapshot) {
        auto rows = snapshot.query("SELECT COUNT(*) FROM identities WHERE ns = ?1", ns);
        return static_cast<std::size_t>(rows.first()->integer(0));
    };
    co_return co_await database_->read(std::move(look));
}

Task<void> Member::flush() { co_await delivery_->flush(); }

void Member::close() {
    if (database_) database_->close();
}

api::Services Member::services() {
    auto const stages = [this] {
        auto const& stage = stage_->status();
        auto const& chain = follower_->status();
        auto const submitter = submitter_->status();
        std::vector<api::StageLine> lines;
        lines.push_back({"chain", chain.block, chain.head, chain.retries, chain.last_error});
        lines.push_back({"sequencer", stage.position, stage.newest, stage.retries, stage.last_error});
        lines.push_back({"batcher", 0, static_cast<std::int64_t>(batcher_->waiting()), 0, ""});
        lines.push_back(
            {"submitter", 0, static_cast<std::int64_t>(submitter.pending), submitter.retries, submitter.last_error});
        return lines;
    };
    return {.clock = ports_.clock,
            .chance = ports_.chance,
            .database = *database_,
            .profile = config_.profile,
            .namespace_created = created_,
            .ledger = ledger_info_,
            .sender = *sender_,
            .batcher = *batcher_,
            .submitter = *submitter_,
            .settled = settled_,
            .timeline = *timeline_,
            .delivery = *delivery_,
            .follower = *follower_,
            .exchange = *exchange_,
            .rewind = [this](sequencer::RewindTarget target) { return sequencer_->rewind(std::move(target)); },
            .stages = stages,
            .metrics = [this] { return metrics_.scrape(); },
            .ready = [this] { return stage_->status().newest - stage_->status().position < 1000; },
            .faults = {},
            .version = std::string(version),
            .blobs = blobs_.get()};
}

}  // namespace lockstep::app
