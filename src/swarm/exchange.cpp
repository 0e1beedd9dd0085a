// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "swarm/exchange.hpp"

#include <algorithm>
#include <map>

#include "async/deadline.hpp"
#include "async/log_budget.hpp"
#include "async/scope.hpp"
#include "base/logging.hpp"
#include "swarm/detail/blob_fetches.hpp"
#include "swarm/detail/blob_outbox.hpp"
#include "swarm/detail/incoming.hpp"
#include "swarm/detail/outbox.hpp"
#include "swarm/detail/outgoing.hpp"
#include "swarm/errors.hpp"

namespace lockstep::swarm {

namespace {

constexpr std::size_t cache_bytes_max = 16 << 20;

Pulls::Options pull_options(const Exchange::Options& options) {
    Pulls::Options pulls;
    pulls.payload_bytes_max = options.payload_bytes_max;
    pulls.answer_timeout = options.answer_timeout;
    pulls.retry = {.first = options.reconnect_first, .most = options.reconnect_most};
    return pulls;
}

class SwarmExchange final : public Exchange {
  public:
    SwarmExchange(NamespaceId ns,
                  Executor executor,
                  Clock& clock,
                  Chance& chance,
                  store::Database& database,
                  net::Network& network,
                  flow::Feed& inbox,
                  PayloadSource source,
                  std::string own_id,
                  Options options,
                  std::unique_ptr<net::FrameListener> listener)
        : listener_(std::move(listener)),
          common_{.ns = ns,
                  .executor = std::move(executor),
                  .clock = clock,
                  .chance = chance,
                  .database = database,
                  .network = network,
                  .inbox = inbox,
                  .source = std::move(source),
                  .own_id = std::move(own_id),
                  .options = options,
                  .cache = DocumentCache(cache_bytes_max),
                  .pulls = Pulls(pull_options(options), chance),
                  .pulls_changed = {},
                  .acks = Acks(ns, database, clock, chance, options.delivered, remove_outbox),
                  .blob_acks = Acks(ns, database, clock, chance, options.blob_delivered, remove_blob_outbox),
                  .connected = {},
                  .withhold = options.withhold} {
        if (!common_.options.blobs) return;
        fetches_.emplace(common_, [this](const std::string& peer, Bytes frame) {
            auto const found = neighbours_.find(peer);
            if (found == neighbours_.end() || !found->second->outgoing || !found->second->outgoing->is_up())
                return false;
            found->second->outgoing->ask(std::move(frame));
            return true;
        });
        fetches_->on_stored([this](const Hash& hash) {
            for (auto const& [id, neighbour] : neighbours_) {
                if (neighbour->incoming) neighbour->incoming->stored(hash);
            }
        });
        common_.fetches = &*fetches_;
    }

    const std::string& endpoint() const override { return listener_->endpoint(); }
    void set_peers(std::vector<Peer> peers) override;

    void enqueue(store::Transaction& tx, const Hash& payload) override {
        auto const connected = common_.connected.list();  // named: the loop keeps what it refers to alive
        for (auto const& peer : *connected) append_outbox(tx, common_.ns, peer, payload);
    }
    void enqueue_to(store::Transaction& tx, const Hash& payload, const std::vector<std::string>& peers) override {
        for (auto const& peer : peers) append_outbox(tx, common_.ns, peer, payload);
    }
    void sealed(const Hash& payload, std::shared_ptr<const std::string> document) override;
    void sealed_to(const Hash& payload,
                   std::shared_ptr<const std::string> document,
                   const std::vector<std::string>& peers) override;

    void want(const Hash& payload) override {
        common_.pulls.want(payload);
        common_.pulls_changed.ring();
    }
    void unwant(const Hash& payload) override {
        common_.pulls.unwant(payload);
        common_.pulls_changed.ring();
    }

    bool hurry(const Hash& payload) override {
        common_.pulls.hurry(payload);
        common_.pulls_changed.ring();
        return common_.pulls.wants(payload);
    }
    bool reconnect(const std::string& peer_id) override {
        auto const found = neighbours_.find(peer_id);
        if (found == neighbours_.end()) return false;
        found->second->changed.ring();
        return true;
    }
    void enqueue_blob(store::Transaction& tx, const Hash& hash, const std::vector<std::string>& peers) override {
        for (auto const& peer : peers) append_blob_outbox(tx, common_.ns, peer, hash);
    }
    void blob_sealed(const Hash& hash, const std::vector<std::string>& peers) override {
        for (auto const& peer : peers) {
            auto const found = neighbours_.find(peer);
            if (found == neighbours_.end() || !found->second->outgoing) continue;
            found->second->outgoing->offer_blob(hash);
        }
    }
    void want_blob(const Hash& hash, std::vector<std::string> peers) override {
        if (fetches_) fetches_->want(hash, std::move(peers));
    }
    void unwant_blob(const Hash& hash) override {
        if (fetches_) fetches_->unwant(hash);
    }
    std::vector<Hash> wanted_blobs() const override { return fetches_ ? fetches_->wanted() : std::vector<Hash>{}; }
    std::uint64_t blob_bytes() const override { return fetches_ ? fetches_->bytes() : 0; }

    void set_cut(const std::string& peer_id, bool cut) override;
    void set_delay(const std::string& peer_id, Duration delay) override;
    void set_withhold(bool withhold) override;

    std::vector<PeerStatus> status() const override;
    std::size_t wanted() const override { return common_.pulls.size(); }
    std::uint64_t strangers() const override { return strangers_; }
    Task<void> run() override;

  private:
    struct Fault {
        bool cut = false;
        Duration delay{};
    };
    Task<void> work(Scope& scope);
    Task<void> accept_all(Scope& scope);
    void accept(Scope& scope, std::unique_ptr<net::FrameStream> stream);
    Task<void> ask_all();
    Task<void> load_counts();
    void add(Peer peer);
    void dismiss(Neighbour& neighbour, std::string_view reason);
    void apply(const std::string& peer_id, const Fault& fault);
    void set_counts(const Acks::Counts& counts);

    std::unique_ptr<net::FrameListener> listener_;
    Common common_;
    std::optional<BlobFetches> fetches_;
    std::map<std::string, std::shared_ptr<Neighbour>> neighbours_;      // by id
    std::map<std::string, std::shared_ptr<Neighbour>> by_fingerprint_;  // the same
    std::map<std::string, Fault> faults_;                               // by id, of peers to come too
    Acks::Counts counts_;                                               // by id, when last looked
    Tap neighbours_changed_;
    std::uint64_t strangers_ = 0;
    LogBudget stranger_lines_;
};

void SwarmExchange::set_peers(std::vector<Peer> peers) {
    std::map<std::string, Peer> wished;
    for (auto& peer : peers) {
        if (peer.id.size() > peer_id_bytes_max || peer.fingerprint.empty()) {
            logging::warn("a peer cannot be used", {{"peer", peer.id}, {"endpoint", peer.endpoint}});
            continue;
        }
        wished.insert_or_assign(peer.id, std::move(peer));
    }
    std::map<std::string, PeerStatus> counters;  // of those that moved
    for (auto entry = neighbours_.begin(); entry != neighbours_.end();) {
        auto const neighbour = entry->second;
        auto const wish = wished.find(entry->first);
        if (wish != wished.end() && wish->second == neighbour->peer) {
            wished.erase(wish);
            ++entry;
            continue;
        }
        if (wish != wished.end()) counters[entry->first] = neighbour->status;
        entry = neighbours_.erase(entry);
        neighbour->gone = true;
        dismiss(*neighbour, "no longer a peer");
    }
    for (auto& [id, peer] : wished) add(std::move(peer));
    for (auto& [id, status] : counters) neighbours_.at(id)->status = std::move(status);
    by_fingerprint_.clear();
    for (auto const& [id, neighbour] : neighbours_) by_fingerprint_[neighbour->peer.fingerprint] = neighbour;
    neighbours_changed_.ring();
}

void SwarmExchange::add(Peer peer) {
    auto const neighbour = std::make_shared<Neighbour>(std::move(peer), common_.options.payload_bytes_max);
    neighbours_[neighbour->peer.id] = neighbour;
    if (auto const count = counts_.find(neighbour->peer.id); count != counts_.end())
        neighbour->status.queued = count->second;
    if (auto const fault = faults_.find(neighbour->peer.id); fault != faults_.end()) {
        neighbour->cut = fault->second.cut;
        neighbour->delay = fault->second.delay;
    }
}

// Ends what is under way with that peer and lets its keeper look at what has changed.
void SwarmExchange::dismiss(Neighbour& neighbour, std::string_view reason) {
    if (neighbour.outgoing) neighbour.outgoing->end(reason);
    if (neighbour.incoming) neighbour.incoming->end(reason);
    neighbour.changed.ring();
}

void SwarmExchange::sealed(const Hash& payload, std::shared_ptr<const std::string> document) {
    common_.cache.put(payload, std::move(document));
    for (auto const& [id, neighbour] : neighbours_) {
        if (!neighbour->outgoing || !neighbour->outgoing->is_up()) continue;
        ++neighbour->status.queued;
        neighbour->outgoing->sealed(payload);
    }
}

void SwarmExchange::sealed_to(const Hash& payload,
                              std::shared_ptr<const std::string> document,
                              const std::vector<std::string>& peers) {
    common_.cache.put(payload, std::move(document));
    for (auto const& id : peers) {
        auto const found = neighbours_.find(id);
        if (found == neighbours_.end()) continue;
        ++found->second->status.queued;
        if (found->second->outgoing && found->second->outgoing->is_up()) found->second->outgoing->sealed(payload);
    }
}

void SwarmExchange::set_cut(const std::string& peer_id, bool cut) {
    auto& fault = faults_[peer_id];
    fault.cut = cut;
    apply(peer_id, fault);
}

void SwarmExchange::set_delay(const std::string& peer_id, Duration delay) {
    auto& fault = faults_[peer_id];
    fault.delay = delay;
    apply(peer_id, fault);
}

void SwarmExchange::apply(const std::string& peer_id, const Fault& fault) {
    auto const found = neighbours_.find(peer_id);
    if (found == neighbours_.end()) return;
    auto& neighbour = *found->second;
    neighbour.delay = fault.delay;
    if (neighbour.cut == fault.cut) return;
    neighbour.cut = fault.cut;
    dismiss(neighbour, "cut");
}

void SwarmExchange::set_withhold(bool withhold) {
    common_.withhold = withhold;
    for (auto const& [id, neighbour] : neighbours_) {
        if (neighbour->outgoing) neighbour->outgoing->set_withhold(withhold);
    }
}

std::vector<PeerStatus> SwarmExchange::status() const {
    std::vector<PeerStatus> all;
    for (auto const& [id, neighbour] : neighbours_) {
        auto& status = all.emplace_back(neighbour->status);
        status.peer = neighbour->peer;
        status.connected = neighbour->outgoing && neighbour->outgoing->is_up();
    }
    return all;
}

Task<void> SwarmExchange::run() {
    Scope scope{common_.executor, {.name = "swarm"}};
    co_await scope.join(work(scope));
}

Task<void> SwarmExchange::work(Scope& scope) {
    scope.spawn(load_counts());
    scope.spawn(accept_all(scope));
    scope.spawn(ask_all());
    std::function<void(const Acks::Counts&)> removed = [this](const Acks::Counts& counts) { set_counts(counts); };
    scope.spawn(common_.acks.run(std::move(removed)));
    if (fetches_) {
        scope.spawn(common_.blob_acks.run([](const Acks::Counts&) {}));
        scope.spawn(fetches_->run());
    }
    for (;;) {
        auto const seen = neighbours_changed_.rings();
        for (auto const& [id, neighbour] : neighbours_) {
            if (!std::exchange(neighbour->is_kept, true)) scope.spawn(keep_connected(common_, neighbour));
        }
        co_await neighbours_changed_.past(seen);
    }
}

Task<void> SwarmExchange::load_counts() {
    auto read = [ns = common_.ns](store::Snapshot& snapshot) { return queued(snapshot, ns); };
    auto const counts = co_await common_.database.read(std::move(read));
    set_counts(counts);
}

void SwarmExchange::set_counts(const Acks::Counts& counts) {
    counts_ = counts;
    for (auto const& [id, count] : counts_) {
        if (auto const found = neighbours_.find(id); found != neighbours_.end()) found->second->status.queued = count;
    }
}

Task<void> SwarmExchange::accept_all(Scope& scope) {
    Backoff backoff({.first = 10ms, .most = 5s}, common_.chance);
    for (;;) {
        std::string failure;
        try {
            auto stream = co_await listener_->accept();
            if (!stream) co_return;
            backoff.reset();
            accept(scope, std::move(stream));
        } catch (const std::exception& error) {
            if (is_cancelled(error)) throw;
            failure = error.what();
        }
        if (failure.empty()) continue;
        logging::warn("a peer could not be accepted", {{"error", failure}});
        auto const wait = backoff.next();
        co_await common_.clock.sleep(wait);
    }
}

// A stranger may be a peer whose registration is still on its way: it comes again.
void SwarmExchange::accept(Scope& scope, std::unique_ptr<net::FrameStream> stream) {
    auto const& fingerprint = stream->peer_fingerprint();
    auto const found = by_fingerprint_.find(fingerprint);
    if (found != by_fingerprint_.end()) {
        if (!found->second->cut) scope.spawn(serve(common_, found->second, std::move(stream)));
        return;
    }
    ++strangers_;
    if (!stranger_lines_.line(common_.clock.instant())) return;
    auto const error = refuse(errors::unknown_peer, {{"peer", fingerprint}});
    logging::warn("a stranger is refused", {{"code", error.code()}, {"error", error.text()}, {"so_far", strangers_}});
}

Task<void> SwarmExchange::ask_all() {
    for (;;) {
        auto const seen = common_.pulls_changed.rings();
        while (auto const ask = common_.pulls.next(common_.clock.instant())) {
            auto const found = neighbours_.find(ask->peer);
            if (found != neighbours_.end() && found->second->outgoing) found->second->outgoing->ask(*ask);
        }
        auto const wake = common_.pulls.wake_at();
        if (wake) {
            co_await common_.pulls_changed.past_until(seen, common_.clock, *wake);
        } else {
            co_await common_.pulls_changed.past(seen);
        }
    }
}

}  // namespace

Result<std::unique_ptr<Exchange>> make_exchange(NamespaceId ns,
                                                Executor executor,
                                                Clock& clock,
                                                Chance& chance,
                                                store::Database& database,
                                                net::Network& network,
                                                flow::Feed& inbox,
                                                PayloadSource source,
                                                std::string own_id,
                                                Exchange::Options options) {
    options.chunk_bytes = std::clamp(options.chunk_bytes, chunk_bytes_least, chunk_bytes_most);
    TRY(auto listener, network.listen(options.endpoint));
    std::unique_ptr<Exchange> exchange =
        std::make_unique<SwarmExchange>(ns, std::move(executor), clock, chance, database, network, inbox,
                                        std::move(source), std::move(own_id), std::move(options), std::move(listener));
    return exchange;
}

}  // namespace lockstep::swarm
