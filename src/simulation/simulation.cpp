// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "simulation/simulation.hpp"

#include <boost/asio/co_spawn.hpp>
#include <algorithm>

#include "async/deadline.hpp"
#include "async/scope.hpp"
#include "base/logging.hpp"
#include "core/sha256.hpp"
#include "simulation/checks.hpp"
#include "simulation/liar.hpp"
#include "simulation/node.hpp"
#include "simulation/workload.hpp"

namespace lockstep::simulation {

namespace {

// Disturbs links, disks, ledger and members until told to stop; what it began it ends by itself, or
// heal() does.
class Weatherman {
  public:
    Weatherman(SimLoop& loop,
               Chance& chance,
               net::SimWorld& world,
               ledger::DevLedger& ledger,
               std::vector<std::unique_ptr<Node>>& nodes,
               std::map<std::string, std::uint64_t>& counts)
        : loop_(loop), chance_(chance), world_(world), ledger_(ledger), nodes_(nodes), counts_(counts) {}

    Task<void> run() {
        for (;;) {
            co_await loop_.clock().sleep(Duration{static_cast<std::int64_t>(50'000'000 + chance_.below(900'000'000))});
            co_await one();
        }
    }

    void heal() {
        world_.heal_all();
        for (auto& node : nodes_) {
            node->disk().fail_writes_with(0, store::SimDisk::Fault::io_error);
            node->disk().set_capacity(std::nullopt);
            node->plan().crash_at_commit = node->plan().crash_at_start = 0;
            node->ledger().lost = 0;
            node->ledger().delay_max = {};
            node->endpoints().trouble = 0;
            if (node->up()) node->member().exchange().set_withhold(false);
            node->wake();
        }
    }

  private:
    Node& any() { return *nodes_[chance_.below(nodes_.size())]; }

    Task<void> one() {
        switch (chance_.below(12)) {
            case 0: {
                auto& a = any();
                auto& b = any();
                if (&a != &b) world_.cut(a.name(), b.name());
                break;
            }
            case 1:
            case 2: world_.heal(any().name(), any().name()); break;
            case 3: {
                net::SimWorld::Weather weather;
                weather.delay_min = Duration{static_cast<std::int64_t>(chance_.below(5'000'000))};
                weather.delay_max = weather.delay_min + Duration{static_cast<std::int64_t>(chance_.below(400'000'000))};
                weather.broken = chance_.below(3) == 0 ? 0.05 : 0;
                weather.repeated = chance_.below(2) == 0 ? 0.1 : 0;
                weather.damaged = chance_.below(3) == 0 ? 0.05 : 0;
                world_.set_weather(weather);
                break;
            }
            case 4: world_.set_weather({}); break;
            case 5: {
                // In the middle of a commit, if one comes soon; else just so.
                auto& node = any();
                node.disk().freeze_after(chance_.below(30));
                co_await loop_.clock().sleep(Duration{static_cast<std::int64_t>(chance_.below(100'000'000))});
                node.crash();
                break;
            }
            case 6: {
                auto& node = any();
                node.plan().crash_at_commit = 0.01;
                node.plan().crash_at_start = 0.2;
                break;
            }
            case 7: {
                auto& disk = any().disk();
                if (chance_.below(2) == 0) {
                    disk.fail_writes(1 + chance_.below(20), store::SimDisk::Fault::io_error);
                } else {
                    disk.fail_writes(1 + chance_.below(40), store::SimDisk::Fault::disk_full);
                }
                break;
            }
            case 8: {
                auto const depth = static_cast<std::int64_t>(1 + chance_.below(3));
                if (depth <= ledger_.options().confirmations && co_await ledger_.fork(depth)) ++counts_["forks"];
                break;
            }
            case 9: {
                co_await ledger_.replay(static_cast<std::int64_t>(1 + chance_.below(20)));
                ++counts_["replays"];
                break;
            }
            case 10: {
                auto& ledger = any().ledger();
                ledger.lost = chance_.below(2) == 0 ? 0.1 : 0;
                ledger.delay_max = Duration{static_cast<std::int64_t>(chance_.below(800'000'000))};
                break;
            }
            case 11: {
                auto& node = any();
                if (!node.up()) break;
                auto const withhold = chance_.below(2) == 0;
                node.member().exchange().set_withhold(withhold);
                if (withhold) ++counts_["withheld"];
                break;
            }
        }
    }

    SimLoop& loop_;
    Chance& chance_;
    net::SimWorld& world_;
    ledger::DevLedger& ledger_;
    std::vector<std::unique_ptr<Node>>& nodes_;
    std::map<std::string, std::uint64_t>& counts_;
};

class Run {
  public:
    explicit Run(const Options& options) : options_(options), chance_(make_seeded_chance(options.seed)) {
        report_.seed = options.seed;
        for (auto const kind : fault_kinds) report_.counts[std::string(kind)] = 0;  // shown also when it is 0
    }

    Report go() {
        auto finished = false;
        std::string died;
        asio::co_spawn(loop_.executor(), live(), [&](std::exception_ptr failure) {
            finished = true;
            if (!failure) return;
            try {
                std::rethrow_exception(failure);
            } catch (const std::exception& error) {
                died = error.what();
            }
        });
        if (!loop_.run_until([&] { return finished; }, 4h))
            report_.failures.emplace_back("the simulation does not end");
        if (!died.empty()) report_.failures.push_back("the simulation died: " + died);
        report_.virtual_seconds = static_cast<double>(loop_.clock().instant().ns) / 1e9;
        report_.counts["steps"] = loop_.steps();
        return std::move(report_);
    }

  private:
    Task<void> live() {
        auto const count = static_cast<int>(2 + chance_->below(4));
        auto const confirmations = static_cast<std::int64_t>(chance_->below(4));
        net::SimWorld world(loop_.executor(), loop_.clock(), *chance_);
        store::SimDisk ledger_disk(*chance_);
        store::Database::Options database;
        database.path = "ledger.db";
        database.vfs = ledger_disk.vfs();
        database.inline_ = true;
        ledger::DevLedger::Options ledger_options;
        ledger_options.block_interval =
            chance_->below(3) == 0 ? Duration{}
                                   : Duration{static_cast<std::int64_t>(200'000'000 + chance_->below(1'500'000'000))};
        ledger_options.confirmations = confirmations;
        auto opened = co_await ledger::DevLedger::open(std::move(database), ledger_options, loop_.executor(),
                                                       loop_.clock(), *chance_);
        if (!opened) throw std::runtime_error(opened.error().message());
        auto& ledger = **opened;

        std::vector<swarm::Peer> members;
        for (int i = 0; i < count; ++i) {
            Bytes seed(32);
            chance_->fill(seed);
            auto const fingerprint = to_hex(seed);
            members.push_back({fingerprint.substr(0, 16) + "/node_" + std::to_string(i),
                               "member-" + std::to_string(i) + ":1", fingerprint});
        }
        std::vector<std::unique_ptr<Node>> nodes;
        Workload work{*chance_,
                      loop_.clock(),
                      (options_.messages + count - 1) / count,
                      {},
                      {},
                      std::vector<int>(static_cast<std::size_t>(count), 0),
                      true,
                      options_.pace};
        work.asked.resize(static_cast<std::size_t>(count));
        work.asks_each = 2;
        for (std::uint64_t i = 0; i < 2 + chance_->below(4); ++i) work.topics.push_back("topic" + std::to_string(i));
        auto const late = count > 2 && chance_->below(3) == 0 ? count - 1 : -1;
        auto const lying =
            chance_->below(2) == 0 ? static_cast<int>(chance_->below(static_cast<std::uint64_t>(count))) : -1;
        Liar liar(work);
        for (int i = 0; i < count; ++i) {
            nodes.push_back(std::make_unique<Node>(loop_, *chance_, world, ledger,
                                                   Node::Plan{i, members, confirmations, options_.fault, 0, 0, late}));
            auto& clients = nodes.back()->clients;
            clients.emplace_back([&work](Node& node) { return send_messages(work, node); });
            clients.emplace_back([&work](Node& node) { return listen(work, node); });
            clients.emplace_back([&work](Node& node) { return keep_hooks(work, node); });
            clients.emplace_back([&work](Node& node) { return ask(work, node); });
            if (i == lying) clients.emplace_back([&liar](Node& node) { return liar.live(node); });
        }
        if (late >= 0) nodes.back()->rest();

        Scope scope(loop_.executor(), {.name = "simulation"});
        scope.spawn(ledger.run());
        for (auto& node : nodes) scope.spawn(node->live());
        co_await scope.join(story(scope, world, ledger, nodes, work, liar));
        ledger.close();
    }

    // Bad weather while messages are sent, then healing, then the checks, and once more after a clean restart.
    Task<void> story(Scope& scope,
                     net::SimWorld& world,
                     ledger::DevLedger& ledger,
                     std::vector<std::unique_ptr<Node>>& nodes,
                     Workload& work,
                     Liar& liar) {
        Weatherman weatherman(loop_, *chance_, world, ledger, nodes, report_.counts);
        {
            Scope storm(loop_.executor(), {.name = "storm"});
            storm.spawn(weatherman.run());
            storm.spawn(wake_the_late(nodes));
            auto const sent = co_await wait_for([&] { return work.complete(); }, 1200s);
            if (!sent) report_.counts["storms too long"] = 1;
            storm.cancel();
            co_await storm.join();
        }
        for (auto const& node : nodes) {
            if (node->up()) report_.counts["documents missing until healed"] += node->member().exchange().wanted();
        }
        weatherman.heal();
        work.disconnects = work.lying = false;
        auto settled = co_await wait_for_settled(nodes, work, ledger, liar);
        if (!settled) report_.failures.emplace_back("the network did not settle after it healed");
        co_await look(nodes, work);

        // A clean restart in the middle of traffic: what was acknowledged does not come again.
        auto const again = acknowledged_again(nodes);
        work.messages_each += 10;
        work.asks_each += 1;
        work.more.ring();
        co_await loop_.clock().sleep(Duration{static_cast<std::int64_t>(chance_->below(3'000'000'000))});
        for (auto& node : nodes) node->rest();
        co_await wait_for([&] { return none_up(nodes); }, 60s);
        for (auto& node : nodes) node->wake();
        settled = co_await wait_for_settled(nodes, work, ledger, liar);
        if (!settled) report_.failures.emplace_back("the network did not settle after a clean restart");
        if (acknowledged_again(nodes) != again)
            report_.failures.emplace_back("acknowledged events came again after a clean restart");
        co_await look(nodes, work);

        for (auto& node : nodes) node->rest();
        co_await wait_for([&] { return none_up(nodes); }, 60s);
        count(world, nodes, work);
        scope.cancel();
    }

    // Who comes late finds a ledger full of pins, and takes everything from the others.
    Task<void> wake_the_late(std::vector<std::unique_ptr<Node>>& nodes) {
        if (nodes.back()->starts > 0 || nodes.back()->plan().late < 0) co_return;
        co_await loop_.clock().sleep(Duration{static_cast<std::int64_t>(1 + chance_->below(20)) * 1'000'000'000});
        nodes.back()->wake();
        ++report_.counts["late members"];
    }

    Task<bool> wait_for(std::function<bool()> done, Duration limit) {
        auto const deadline = loop_.clock().instant() + limit;
        while (!done()) {
            if (loop_.clock().instant() > deadline) co_return false;
            co_await loop_.clock().sleep(50ms);
        }
        co_return true;
    }

    static bool all_up(const std::vector<std::unique_ptr<Node>>& nodes) {
        return std::all_of(nodes.begin(), nodes.end(), [](auto const& node) { return node->up(); });
    }
    static bool none_up(const std::vector<std::unique_ptr<Node>>& nodes) {
        return std::none_of(nodes.begin(), nodes.end(), [](auto const& node) { return node->up(); });
    }
    static std::uint64_t acknowledged_again(const std::vector<std::unique_ptr<Node>>& nodes) {
        std::uint64_t total = 0;
        for (auto const& node : nodes) total += node->heard.acknowledged_again;
        return total;
    }

    Task<bool> wait_for_settled(std::vector<std::unique_ptr<Node>>& nodes,
                                Workload& work,
                                ledger::DevLedger& ledger,
                                const Liar& liar) {
        auto const deadline = loop_.clock().instant() + 1800s;
        std::vector<std::size_t> before;
        for (;;) {
            if (loop_.clock().instant() > deadline) co_return false;
            co_await loop_.clock().sleep(500ms);
            for (auto const& node : nodes) {
                if (!node->failure.empty()) report_.failures.push_back(node->failure);
            }
            if (!all_up(nodes) || !work.complete() || !liar.has_come_clean()) continue;
            auto const head = co_await ledger.head();
            auto calm = ledger.pending() == 0;
            std::vector<std::size_t> lengths;
            for (auto& node : nodes) {
                auto const left = co_await read_leftovers(*node, work.book);
                auto const answers = co_await read_answers(*node);
                auto newest = [timeline = &node->member().timeline()](store::Snapshot& snapshot) {
                    return timeline->newest(snapshot).value;
                };
                auto const last = co_await node->member().database().read(std::move(newest));
                lengths.push_back(static_cast<std::size_t>(last + 1));
                auto const& status = node->member().stage().status();
                calm = calm && left.none() && answers_due(work, node->plan().index) == count_of(answers) &&
                       node->endpoints().heard.highest == node->heard.highest && status.position == status.newest &&
                       node->member().follower().status().block >= head.number.value - ledger.options().confirmations;
            }
            if (calm && lengths == before) {
                // The subscriptions have heard everything as well, or the checks will say so.
                co_await loop_.clock().sleep(5s);
                co_return true;
            }
            before = lengths;
        }
    }

    static std::size_t answers_due(const Workload& work, int member) {
        std::size_t due = 0;
        for (auto const& [key, accepted] : work.book.by_key) {
            if (key.starts_with(ask_tag) && accepted.members.contains(member)) due += accepted.members.size();
        }
        return due;
    }
    static std::size_t count_of(const Answers& answers) {
        std::size_t count = 0;
        for (auto const& [request, authors] : answers) count += authors.size();
        return count;
    }

    Task<void> look(std::vector<std::unique_ptr<Node>>& nodes, Workload& work) {
        std::vector<Seen> members;
        Sha256 trace;
        report_.counts["events"] = 0;
        for (auto& node : nodes) {
            if (!node->up()) {
                report_.failures.push_back(node->name() + " is not up after everything has healed");
                co_return;
            }
            Seen seen;
            seen.lines = co_await read_timeline(*node);
            seen.left = co_await read_leftovers(*node, work.book);
            seen.answers = co_await read_answers(*node);
            seen.hooked = node->endpoints().heard;
            seen.heard = node->heard;
            seen.blobs = co_await read_blobs(*node);
            for (auto const& line : seen.lines)
                trace.add(std::to_string(line.sequence) + line.type + line.reference + line.topic);
            report_.counts["events"] += seen.lines.size();
            members.push_back(std::move(seen));
        }
        trace.add(std::to_string(loop_.clock().instant().ns));
        report_.trace = trace.finish().text();
        check(members, work, report_.failures);
    }

    void count(net::SimWorld& world, const std::vector<std::unique_ptr<Node>>& nodes, const Workload& work) {
        auto& counts = report_.counts;
        auto const& net = world.stats();
        counts["members"] = nodes.size();
        counts["messages"] = work.book.by_key.size();
        counts["messages accepted in doubt"] = work.book.doubtful;
        counts["requests answered"] = work.book.answered;
        counts["requests not answered in time"] = work.book.unanswered;
        for (auto const& [kind, times] : work.book.lies_told) counts[kind] = times;
        for (auto const& [key, accepted] : work.book.by_key)
            counts["unpinned messages"] += is_loose(accepted.topics) ? 1 : 0;
        counts["links cut"] = net.cut;
        counts["frames delayed"] = net.delayed;
        counts["frames repeated"] = net.repeated;
        counts["frames reordered"] = net.reordered;
        counts["connections broken"] = net.broken;
        counts["frames damaged"] = net.damaged;
        for (auto const& node : nodes) {
            auto const& disk = node->disk().stats();
            counts["crashes"] += node->crashes;
            counts["crashes before a commit"] += node->crashes_before_commit;
            counts["crashes after a commit"] += node->crashes_after_commit;
            counts["crashes within a commit"] += node->crashes_within_commit;
            counts["crashes during start"] += node->crashes_at_start;
            counts["unsynced writes lost"] += disk.dropped + disk.torn;
            counts["pins before their document"] += node->pins_before_payload;
            counts["documents damaged"] += node->documents.damaged;
            counts["documents twice"] += node->documents.again;
            counts["writes failed"] += disk.failed_writes;
            counts["writes on a full disk"] += disk.full_writes;
            counts["ledger calls lost"] += node->ledger().failures;
            counts["subscription disconnects"] += node->heard.disconnects;
            counts["events delivered again"] += node->heard.again;
            counts["webhook calls failed"] += node->endpoints().failed;
            counts["webhook calls refused"] += node->endpoints().refused;
            counts["webhook answers lost"] += node->endpoints().answers_lost;
        }
    }

    Options options_;
    std::unique_ptr<Chance> chance_;
    SimLoop loop_;
    Report report_;
};

}  // namespace

Report run(const Options& options) { return Run(options).go(); }

}  // namespace lockstep::simulation
