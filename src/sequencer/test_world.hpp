// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// For tests: one member's sequencer as a stage over a real inbox, in a real database on a simulated disk.
// The test says what arrives and when; nobody is asked for payloads, but what is wanted is remembered.
#pragma once

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <memory>
#include <optional>
#include <set>

#include "async/scope.hpp"
#include "async/sim_clock.hpp"
#include "blobs/table.hpp"
#include "operations/operations.hpp"
#include "registry/refusals.hpp"
#include "sequencer/sequencer.hpp"
#include "sequencer/test_book.hpp"
#include "store/sim_disk.hpp"
#include "transactions/submitter.hpp"

namespace lockstep::sequencer {

class WantedList final : public swarm::Exchange {
  public:
    std::set<Hash> hashes;
    std::vector<Hash> hurried;
    std::map<Hash, std::vector<std::string>> blobs;  // with whom to ask

    void want_blob(const Hash& blob, std::vector<std::string> peers) override { blobs[blob] = std::move(peers); }
    const std::string& endpoint() const override { return endpoint_; }
    void set_peers(std::vector<swarm::Peer>) override {}
    void enqueue(store::Transaction&, const Hash&) override {}
    void sealed(const Hash&, std::shared_ptr<const std::string>) override {}
    void enqueue_to(store::Transaction&, const Hash&, const std::vector<std::string>&) override {}
    void sealed_to(const Hash&, std::shared_ptr<const std::string>, const std::vector<std::string>&) override {}
    void want(const Hash& payload) override { hashes.insert(payload); }
    void unwant(const Hash& payload) override { hashes.erase(payload); }
    bool hurry(const Hash& payload) override { return hurried.push_back(payload), hashes.contains(payload); }
    void set_cut(const std::string&, bool) override {}
    void set_delay(const std::string&, Duration) override {}
    void set_withhold(bool) override {}
    std::vector<swarm::PeerStatus> status() const override { return {}; }
    std::size_t wanted() const override { return hashes.size(); }
    Task<void> run() override { co_return; }

  private:
    std::string endpoint_;
};

// What a member has made of what it was given. Two members that agree have equal ones, but for what has
// no order between contexts, which is sorted here.
struct Outcome {
    std::map<std::string, std::vector<std::string>> topics;  // "m1 confirmed", in order
    std::vector<std::string> batches;                        // "batch of m1 rejected"
    std::vector<std::string> registered;
    std::map<std::string, std::string> reasons;  // of messages and batches that were rejected

    friend bool operator==(const Outcome&, const Outcome&) = default;
    friend void PrintTo(const Outcome& outcome, std::ostream* out) {
        for (auto const& [topic, lines] : outcome.topics)
            *out << "\n  " << topic << ": " << testing::PrintToString(lines);
        *out << "\n  batches " << testing::PrintToString(outcome.batches);
        *out << "\n  registered " << testing::PrintToString(outcome.registered);
        for (auto const& [name, reason] : outcome.reasons) *out << "\n  " << name << ": " << reason;
    }
};

// A machine: one loop, disk and database, in which each namespace can have a sequencer of its own.
struct Home {
    explicit Home(std::uint64_t seed = 1) : chance(make_seeded_chance(seed)), disk(*chance) { open(); }

    void open() {
        auto opened = store::open_database(
            {.path = "db", .vfs = disk.vfs(), .inline_ = true},
            {flow::schema(), log::schema(), chain::schema(), registry::schema(), operations::schema(),
             transactions::schema(), swarm::schema(), messaging::schema(), blobs::schema(), schema()},
            loop.executor());
        if (!opened) throw std::runtime_error(opened.error().text());
        database = std::move(*opened);
    }
    template <class T>
    T await(Task<T> task) {
        std::conditional_t<std::is_void_v<T>, bool, std::optional<T>> value{};
        std::exception_ptr failure;
        auto ended = false;
        if constexpr (std::is_void_v<T>) {
            asio::co_spawn(loop.context(), std::move(task), [&](std::exception_ptr error) {
                failure = error;
                ended = true;
            });
        } else {
            asio::co_spawn(loop.context(), std::move(task), [&](std::exception_ptr error, T result) {
                failure = error;
                if (!error) value.emplace(std::move(result));
                ended = true;
            });
        }
        auto const done = loop.run_until([&] { return ended; }, 1h);
        if (!done) throw std::runtime_error("the task does not end");
        if (failure) std::rethrow_exception(failure);
        if constexpr (!std::is_void_v<T>) return std::move(*value);
    }

    std::unique_ptr<Chance> chance;
    SimLoop loop;
    store::SimDisk disk;
    std::unique_ptr<store::Database> database;
};

struct WorldOptions {
    std::size_t page_entries_max = 64;
    std::size_t settle_max = 2000;
    DeciderFault fault = DeciderFault::none;
    std::uint64_t seed = 1;
};

class World {
  public:
    using Options = WorldOptions;
    // Of its own home, or of a namespace of one that it shares.
    explicit World(const Book& book, Options options = Options{})
        : book_(book), options_(options), own_(std::make_unique<Home>(options.seed)), home_(*own_), ns_{1} {
        open();
    }
    World(Home& home, NamespaceId ns, const Book& book, Options options)
        : book_(book), options_(options), home_(home), ns_(ns) {
        open();
    }
    ~World() { close(); }
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    // ---- what arrives ----

    void pin(const Pinned& pinned) {
        give({[&](store::Transaction& tx) { append_pin(tx, pinned); }});
    }
    void payload(const Pinned& pinned) {
        give({[&](store::Transaction& tx) { append_payload(tx, pinned); }});
    }
    // As the exchange does it for a blob that is whole.
    void append_blob(store::Transaction& tx, const std::string& bytes) {
        blobs::keep(tx, ns_, sha256(bytes), bytes.size(), home_.loop.clock().now());
        inbox_->append(tx, swarm::blob_entry, sha256(bytes).view());
    }
    void blob(const std::string& bytes) {
        give({[&](store::Transaction& tx) { append_blob(tx, bytes); }});
    }
    // As the exchange stores it, without a pin that it is of.
    void document(const std::string& text, const std::string& peer) {
        give({[&](store::Transaction& tx) {
            tx.run(
                "INSERT INTO payloads (ns, hash, bytes, peer, size, asked, received) VALUES (?1, ?2, ?3, ?4, ?5, ?6, "
                "?7)",
                ns_, sha256(text), as_bytes(text), peer, text.size(), false, home_.loop.clock().now());
            inbox_->append(tx, swarm::payload_entry, sha256(text).view());
        }});
    }
    using Arrival = std::function<void(store::Transaction&)>;
    // All in the inbox before the sequencer looks.
    void give(const std::vector<Arrival>& arrivals) {
        auto write = [&arrivals](store::Transaction& tx) {
            for (auto const& arrival : arrivals) arrival(tx);
        };
        await(home_.database->write(std::move(write)));
        inbox_->tap().ring();
        home_.loop.settle();
    }
    void append_pin(store::Transaction& tx, const Pinned& pinned) {
        chain::ChainEventRow row;
        row.id = *Uuid::from(std::span(pinned.event.tx_hash.bytes).first(16));
        row.event = pinned.event;
        row.created = home_.loop.clock().now();
        if (chain::insert(tx, ns_, row)) inbox_->append(tx, chain::pin_entry, chain::row_key(row.seq));
    }
    // As the exchange does it for a document that hashes to its name.
    void append_payload(store::Transaction& tx, const Pinned& pinned) {
        auto const written = tx.run(
            "INSERT INTO payloads (ns, hash, bytes, peer, size, asked, received) VALUES (?1, ?2, ?3, 'peer', ?4, ?5, 0)"
            " ON CONFLICT (ns, hash) DO NOTHING",
            ns_, pinned.payload, as_bytes(pinned.document), pinned.document.size(), true);
        if (written > 0) inbox_->append(tx, swarm::payload_entry, pinned.payload.view());
    }
    // What this member has sealed itself: the rows are there before the pin is.
    void sealed(const Pinned& pinned) {
        auto write = [&pinned, ns = ns_](store::Transaction& tx) {
            auto const& batch = pinned.batch;
            messaging::BatchRow row;
            row.batch = batch;
            row.batch.messages.clear();
            row.batch.data.clear();
            row.payload = pinned.payload;
            for (auto const& message : batch.messages) {
                messaging::MessageRow stored;
                stored.message = message;
                stored.state = MessageState::sent;
                stored.batch = batch.id;
                auto const seq = messaging::insert(tx, ns, stored);
                for (auto const& ref : message.data) {
                    for (auto const& data : batch.data) {
                        if (data.id == ref.id) messaging::insert(tx, ns, data, seq);
                    }
                }
                row.message_ids.push_back(message.header.id);
            }
            messaging::insert(tx, ns, row);
        };
        await(home_.database->write(std::move(write)));
    }
    // A registration that was settled long ago.
    void knows(const Author& author) {
        auto write = [author, ns = ns_](store::Transaction& tx) {
            for (auto const* identity : {&author.org, &author.node}) {
                Message message;
                message.header.author = author.did;
                message.header.key = author.key;
                message.header.topics = {identity_topic(identity->did)};
                auto const claim =
                    registry::apply_claim(tx, ns, "default", message, registry::claim_json(*identity), {});
                registry::note_claim(tx, ns, author.key, 0);
                ASSERT_EQ(claim.kind, registry::ClaimOutcome::Kind::confirmed) << claim.reason;
            }
        };
        await(home_.database->write(std::move(write)));
    }

    // ---- what came of it ----

    // "m1 confirmed on orders", in the order of the timeline; only what was settled.
    std::vector<std::string> settled() {
        std::vector<std::string> lines;
        for (auto const& event : events()) {
            if (log::word(event.type).starts_with("message_")) lines.push_back(line(event) + " on " + event.topic);
        }
        return lines;
    }
    Outcome outcome() {
        Outcome out;
        for (auto const& event : events()) {
            if (event.topic == "ff_definition") out.registered.push_back(line(event));
            if (!log::word(event.type).starts_with("message_")) continue;
            (event.topic == "ff_batch_pin" ? out.batches : out.topics[event.topic]).push_back(line(event));
        }
        std::sort(out.batches.begin(), out.batches.end());
        std::sort(out.registered.begin(), out.registered.end());
        auto load = [this, &out](store::Snapshot& snapshot) {
            for (auto const* table : {"messages", "batches"}) {
                for (auto& row : snapshot.query(std::string("SELECT id, reject_reason FROM ") + table +
                                                    " WHERE ns = ?1 AND reject_reason <> ''",
                                                ns_))
                    out.reasons[book_.name_of(row.uuid(0))] = row.string(1);
            }
        };
        await(home_.database->read(std::move(load)));
        return out;
    }
    std::string state_of(const Message& message) {
        auto load = [id = message.header.id, ns = ns_](store::Snapshot& snapshot) {
            return messaging::find_message(snapshot, ns, id);
        };
        auto const row = await(home_.database->read(std::move(load)));
        return row ? std::string(word(row->state)) : "not here";
    }
    // "m1 waits for a pin", of everything that is parked, batches last.
    std::vector<std::string> waiting() {
        auto load = [this](store::Snapshot& snapshot) {
            std::vector<std::string> lines;
            for (auto& row :
                 snapshot.query("SELECT message, wait FROM parked_messages WHERE ns = ?1 ORDER BY first_pin", ns_))
                lines.push_back(
                    book_.name_of(messaging::load_message(snapshot, ns_, row.integer(0))->message.header.id) +
                    " waits for " + row.string(1));
            for (auto const& batch : Parking(ns_).batches(snapshot))
                lines.push_back(book_.name_of(chain::find_event(snapshot, ns_, batch.event)->event.pin.batch) +
                                " waits for its payload");
            return lines;
        };
        return await(home_.database->read(std::move(load)));
    }
    std::int64_t count(const std::string& table) {
        auto load = [table, ns = ns_](store::Snapshot& snapshot) {
            auto rows = snapshot.query("SELECT COUNT(*) FROM " + table + " WHERE ns = ?1", ns);
            return rows.first()->integer(0);
        };
        return await(home_.database->read(std::move(load)));
    }
    std::vector<Blockage> blocked() {
        auto load = [ns = ns_](store::Snapshot& snapshot) { return blockages(snapshot, ns, 100); };
        return await(home_.database->read(std::move(load)));
    }
    std::optional<Rewound> rewind_of(const Hash& context) {
        auto load = [ns = ns_, context](store::Snapshot& snapshot) {
            return find_rewind(snapshot, ns, {std::nullopt, std::nullopt, context});
        };
        return await(home_.database->read(std::move(load)));
    }
    std::vector<log::Event> events() {
        auto load = [this](store::Snapshot& snapshot) {
            return timeline_->read(snapshot, {.first = Offset{0}, .any_of_tags = {}, .most = 100'000});
        };
        return await(home_.database->read(std::move(load)));
    }
    void change(std::function<void(store::Transaction&)> closure) { await(home_.database->write(std::move(closure))); }
    template <class F>
    auto query(F closure) {
        return await(home_.database->read(std::move(closure)));
    }
    bool wants(const Pinned& pinned) const { return exchange_.hashes.contains(pinned.payload); }
    std::size_t wanted() const { return exchange_.hashes.size(); }
    // Of a blob by its bytes; empty when it is not wanted.
    std::optional<std::vector<std::string>> asks_for(const std::string& bytes) const {
        auto const found = exchange_.blobs.find(sha256(bytes));
        if (found == exchange_.blobs.end()) return std::nullopt;
        return found->second;
    }
    const flow::StageStatus& stage() const { return stage_->status(); }
    const SequencerCounts& counts() const { return sequencer_->counts(); }
    const std::vector<std::string>& heard() const { return heard_; }
    Settled& settled_ids() { return settled_; }
    SimLoop& loop() { return home_.loop; }
    store::SimDisk& disk() { return home_.disk; }

    // ---- lives ----

    // Of a home of its own.
    void stop_and_start() {
        close();
        home_.database.reset();
        home_.open();
        open();
    }
    // What was not synced is lost.
    void crash() {
        home_.disk.freeze();
        close();
        home_.database.reset();
        home_.disk.crash();
        home_.open();
        open();
    }

    template <class T>
    T await(Task<T> task) {
        return home_.await(std::move(task));
    }

  private:
    std::string line(const log::Event& event) const {
        auto const word = log::word(event.type);
        return book_.name_of(event.reference) + " " + std::string(word.substr(word.rfind('_') + 1));
    }
    void open() {
        profile_.ns = ns_;
        auto make_stream = [ns = ns_](store::Transaction& tx) {
            return log::open_stream(tx, log::Timeline::stream_of({}, ns));
        };
        timeline_ = std::make_unique<log::Timeline>(await(home_.database->write(std::move(make_stream))), "default");
        inbox_ = std::make_unique<flow::Feed>("inbox", ns_);
        exchange_.hashes.clear();
        exchange_.blobs.clear();
        Sequencer::Hooks hooks;
        hooks.settled = [this](const Message& message, bool confirmed, bool own) {
            heard_.push_back(book_.name_of(message.header.id) + (confirmed ? " confirmed" : " rejected") +
                             (own ? ", our own" : ""));
        };
        sequencer_ = std::make_unique<Sequencer>(profile_, *home_.database, home_.loop.clock(), *home_.chance, *inbox_,
                                                 *timeline_, exchange_, settled_, std::move(hooks),
                                                 Sequencer::Options{options_.settle_max, options_.fault});
        stage_ = std::make_unique<flow::Stage>("sequencer", *inbox_, *home_.database, home_.loop.clock(), *home_.chance,
                                               *sequencer_,
                                               flow::Stage::Options{.page_entries_max = options_.page_entries_max});
        await(sequencer_->start());
        running_ = std::make_unique<Scope>(home_.loop.executor(), Scope::Options{"sequencer"});
        running_->spawn(stage_->run());
        home_.loop.settle();
    }
    void close() {
        running_->cancel();
        await(running_->join());
        running_.reset();
        stage_.reset();
        sequencer_.reset();
        inbox_.reset();
        timeline_.reset();
    }

    const Book& book_;
    Options options_;
    std::unique_ptr<Home> own_;
    Home& home_;
    NamespaceId ns_;
    messaging::MemberProfile profile_;
    WantedList exchange_;
    Settled settled_;
    std::vector<std::string> heard_;
    std::unique_ptr<log::Timeline> timeline_;
    std::unique_ptr<flow::Feed> inbox_;
    std::unique_ptr<Sequencer> sequencer_;
    std::unique_ptr<flow::Stage> stage_;
    std::unique_ptr<Scope> running_;
};

}  // namespace lockstep::sequencer
