// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "simulation/node.hpp"

#include <boost/asio/post.hpp>

#include "async/deadline.hpp"
#include "async/scope.hpp"
#include "base/logging.hpp"
#include "core/json.hpp"

namespace lockstep::simulation {

Task<void> FarLedger::travel() {
    if (delay_max > Duration::zero())
        co_await clock_.sleep(
            Duration{static_cast<std::int64_t>(chance_.below(static_cast<std::uint64_t>(delay_max.count()) + 1))});
    if (lost > 0 && chance_.fraction() < lost) {
        ++failures;
        throw std::runtime_error("the ledger does not answer");
    }
}

Task<Result<void>> FarLedger::send(Bytes raw) {
    co_await travel();
    auto const answer = co_await near_.send(std::move(raw));
    co_await travel();  // taken, and the answer lost
    co_return answer;
}

Task<ledger::Head> FarLedger::head() {
    co_await travel();
    co_return co_await near_.head();
}

Task<std::vector<ledger::Block>> FarLedger::blocks(BlockNumber first, BlockNumber last) {
    co_await travel();
    co_return co_await near_.blocks(first, last);
}

Node::Node(SimLoop& loop, Chance& chance, net::SimWorld& world, ledger::Ledger& ledger, Plan plan)
    : loop_(loop),
      chance_(chance),
      world_(world),
      plan_(std::move(plan)),
      name_("member-" + std::to_string(plan_.index)),
      disk_(chance),
      files_(disk_.files("blobs")),
      ledger_(ledger, loop.clock(), chance),
      node_key_(std::make_unique<identity::NodeKey>(identity::NodeKey::make(chance))),
      network_(make_watched_network(world.host(name_, plan_.members[static_cast<std::size_t>(plan_.index)].fingerprint),
                                    documents)),
      endpoints_(loop.clock(), chance) {
    for (int i = 0; i < 2; ++i) keys_.push_back(identity::LedgerKey::make(chance));
}

Node::~Node() = default;

void Node::crash() {
    if (!running_ || dying_) return;
    ++crashes;
    dying_ = true;
    disk_.freeze();
    world_.down(name_);
    die_tap_.ring();
}

void Node::rest() {
    resting_ = true;
    die_tap_.ring();
}

void Node::wake() {
    resting_ = false;
    wake_tap_.ring();
}

Task<void> Node::live() {
    for (;;) {
        auto const seen = wake_tap_.rings();
        if (resting_) {
            co_await wake_tap_.past(seen);
            continue;
        }
        co_await one_life();
        member_.reset();
        worker_.reset();  // with what it had still to do
        if (dying_) {
            disk_.crash();
            dying_ = false;
            co_await loop_.clock().sleep(Duration{static_cast<std::int64_t>(chance_.below(3'000'000'000))});
        }
        if (!failure.empty()) co_return;
    }
}

Task<void> Node::one_life() {
    app::MemberConfig config;
    auto const number = std::to_string(plan_.index);
    config.profile.org_name = "org_" + number;
    config.profile.node_name = "node_" + number;
    config.profile.key = keys_.front().address();
    json::Writer profile;
    profile.begin_object()
        .field("endpoint", peer().endpoint)
        .field("fingerprint", peer().fingerprint)
        .field("id", peer().id)
        .end_object();
    config.profile.node_profile = profile.take();
    config.node = node_key_->id();
    config.peer_id = peer().id;
    for (int i = 0; i < static_cast<int>(plan_.members.size()); ++i) {
        auto const knows = plan_.index == 0 || plan_.index == plan_.late || i != plan_.late;
        if (i != plan_.index && knows) config.peers.push_back(plan_.members[static_cast<std::size_t>(i)]);
    }
    config.confirmations = plan_.confirmations;
    config.exchange.endpoint = peer().endpoint;
    config.fault = plan_.fault;
    config.database.path = "lockstep.db";
    config.database.vfs = disk_.vfs();
    config.database.inline_ = true;
    config.database.wal_bytes_max = 1 << 20;  // so that a life has checkpoints
    config.database.on_fatal = [this](const std::string&) { crash(); };
    config.database.crash = [this](bool after) {
        // Frozen in the middle of this commit: the power went then, and nobody hears of it any more.
        if (!dying_ && disk_.is_frozen()) {
            ++crashes;
            ++crashes_within_commit;
            dying_ = true;
            world_.down(name_);
            die_tap_.ring();
            return true;
        }
        auto const probability = running_ ? plan_.crash_at_commit : plan_.crash_at_start;
        if (dying_ || probability <= 0 || chance_.fraction() >= probability) return dying_;
        ++crashes;
        ++(!running_ ? crashes_at_start : after ? crashes_after_commit : crashes_before_commit);
        dying_ = true;
        disk_.freeze();
        world_.down(name_);
        die_tap_.ring();
        return true;
    };

    ++starts;
    auto const rung = die_tap_.rings();
    std::string refused;
    try {
        worker_ = make_inline_worker(loop_.executor());
        app::MemberPorts const ports{loop_.executor(), loop_.clock(), chance_,    ledger_, *network_, keys_,
                                     *files_,          *worker_,      &endpoints_};
        auto opened = co_await app::Member::open(std::move(config), ports);
        if (opened) {
            member_ = std::move(*opened);
        } else {
            refused = opened.error().message();
        }
    } catch (const std::exception& error) {
        if (is_cancelled(error)) throw;
        refused = error.what();
    }
    if (!member_) {
        // A death, a full disk or a ledger out of reach during the start: the next one tries again.
        logging::debug("start failed", {{"member", name_}, {"error", refused}});
        if (!dying_) co_await loop_.clock().sleep(500ms);
        co_return;
    }
    Scope scope(loop_.executor(), {.name = name_});
    auto const registration = [](Node& node) -> Task<void> {
        for (;;) {
            auto done = false;
            try {
                done = static_cast<bool>(co_await node.member_->register_self());
            } catch (const std::exception& error) {
                if (is_cancelled(error)) throw;
            }
            if (done) co_return;
            co_await node.loop_.clock().sleep(1s);
        }
    };
    scope.spawn(member_->run());
    scope.spawn(registration(*this));
    running_ = true;
    for (auto const& client : clients) scope.spawn(client(*this));
    auto const wait = [](Node& node, Scope& scope, std::uint64_t rung) -> Task<void> {
        co_await node.die_tap_.past(rung);
        node.running_ = false;
        if (!node.dying_) {
            node.member_->delivery().refuse_new();
            co_await node.member_->flush();
        }
        scope.cancel();
    };
    co_await scope.join(wait(*this, scope, rung));
    running_ = false;
    pins_before_payload += member_->sequencer().counts().parked;
    member_->close();
}

}  // namespace lockstep::simulation
