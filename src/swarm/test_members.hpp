// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// For tests: members in one simulated world, each with a disk, a database, an inbox and an exchange, and a
// Puppet, which is a peer that says what the test tells it to.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "async/deadline.hpp"
#include "async/scope.hpp"
#include "async/sim_clock.hpp"
#include "core/sha256.hpp"
#include "net/sim_network.hpp"
#include "store/sim_disk.hpp"
#include "swarm/detail/blob_outbox.hpp"
#include "swarm/detail/outbox.hpp"
#include "swarm/exchange.hpp"
#include "swarm/protocol.hpp"

namespace lockstep::swarm {

// A text of that length whose parts differ from each other, so that a piece in the wrong place shows.
inline std::string long_text(char of, std::size_t size = 600'000) {
    std::string text(size, of);
    for (std::size_t i = 0; i < size; i += 97) text[i] = static_cast<char>('0' + i % 10);
    return text;
}

struct World {
    explicit World(std::uint64_t seed = 1)
        : chance(make_seeded_chance(seed)), net(loop.executor(), loop.clock(), *chance) {}

    bool until(const std::function<bool()>& done, Duration limit = 60s) { return loop.run_until(done, limit); }
    void pass(Duration time) {
        auto const end = loop.clock().instant() + time;
        bool rung = false;
        loop.clock().schedule(end, [&rung] { rung = true; });
        loop.run_until([&rung] { return rung; }, time + 1s);
    }

    // Until the task has ended; rethrows what it throws.
    template <class T>
    T run(Task<T> task) {
        std::exception_ptr failure;
        std::optional<T> value;
        asio::co_spawn(loop.executor(), std::move(task), [&](std::exception_ptr error, T result) {
            failure = error;
            value = std::move(result);
        });
        if (!until([&] { return value.has_value(); })) throw std::runtime_error("the task does not end");
        if (failure) std::rethrow_exception(failure);
        return std::move(*value);
    }

    SimLoop loop;
    std::unique_ptr<Chance> chance;
    net::SimWorld net;
};

class Member {
  public:
    Member(World& world, std::string name, Exchange::Options options = {})
        : world_(world),
          name_(std::move(name)),
          options_(std::move(options)),
          network_(world.net.host(name_, "fingerprint-" + name_)),
          disk_(*world.chance) {
        options_.endpoint = name_ + ":1";
        start();
    }
    ~Member() { stop(); }
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;

    Peer peer() const { return {name_, name_ + ":1", "fingerprint-" + name_}; }
    const std::string& name() const { return name_; }
    Exchange& exchange() { return *exchange_; }
    store::Database& database() { return *database_; }
    flow::Feed& inbox() { return *inbox_; }

    void knows(const std::vector<Peer>& peers) {
        peers_ = peers;
        exchange_->set_peers(peers_);
    }
    void start() {
        inbox_ = std::make_unique<flow::Feed>("inbox", ns);
        store::Database::Options options;
        options.path = "db";
        options.vfs = disk_.vfs();
        options.inline_ = true;
        store::Migrations const documents{"documents",
                                          {"CREATE TABLE documents (hash BLOB PRIMARY KEY, text TEXT NOT NULL)"}};
        auto database = store::open_database(options, {flow::schema(), schema(), documents, blobs::schema()},
                                             world_.loop.executor());
        if (!database) throw std::runtime_error(database.error().text());
        database_ = std::move(*database);
        worker_ = make_inline_worker(world_.loop.executor());
        blobs_ = std::make_unique<blobs::BlobStore>(ns, *database_, *files_, *worker_, *world_.chance);
        options_.blobs = blobs_.get();
        auto exchange = make_exchange(ns, world_.loop.executor(), world_.loop.clock(), *world_.chance, *database_,
                                      *network_, *inbox_, rebuild, name_, options_);
        if (!exchange) throw std::runtime_error(exchange.error().text());
        exchange_ = std::move(*exchange);
        exchange_->set_peers(peers_);
        scope_ = std::make_unique<Scope>(world_.loop.executor(), Scope::Options{.name = name_});
        scope_->spawn(exchange_->run());
    }
    void stop() {
        if (!scope_) return;
        scope_->cancel();
        EXPECT_TRUE(world_.until([this] { return scope_->size() == 0; })) << name_ << " does not stop";
        scope_.reset();
        exchange_.reset();
        blobs_.reset();
        worker_.reset();
        database_.reset();
    }
    bool is_running() const { return scope_ && scope_->size() > 0; }
    // What was not synced is lost.
    void restart() {
        disk_.freeze();
        stop();
        disk_.crash();
        start();
    }

    // Seals a document as messaging does.
    Hash seal(const std::string& text) {
        auto const hash = sha256(text);
        auto write = [this, text, hash](store::Transaction& tx) {
            tx.run("INSERT INTO documents (hash, text) VALUES (?1, ?2)", hash, text);
            exchange_->enqueue(tx, hash);
            return true;
        };
        world_.run(database_->write(std::move(write)));
        exchange_->sealed(hash, std::make_shared<const std::string>(text));
        return hash;
    }
    // The sequencer has taken it in.
    void take(const Hash& hash) {
        auto write = [hash](store::Transaction& tx) {
            auto const bytes = Exchange::staged(tx, ns, hash).value();
            tx.run("INSERT INTO documents (hash, text) VALUES (?1, ?2)", hash, as_text(bytes));
            Exchange::take(tx, ns, hash);
            return true;
        };
        world_.run(database_->write(std::move(write)));
    }

    // A blob that a client has brought.
    Hash bring(const std::string& bytes) {
        auto put = [](Member& member, std::string text) -> Task<Hash> {
            auto draft = co_await member.blobs_->upload();
            auto const size = text.size();
            co_await draft->add(std::move(text));
            auto const hash = co_await draft->finish();
            auto const hold = co_await member.blobs_->publish(std::move(draft), hash);
            auto row = [hash, size](store::Transaction& tx) { blobs::keep(tx, ns, hash, size, Time{5}); };
            co_await member.database_->write(std::move(row));
            co_return hash;
        };
        return world_.run(put(*this, bytes));
    }
    // As much of a blob as an earlier life has got.
    void begin_blob(const Hash& hash, const std::string& bytes) {
        auto const file = files_->open(hash.text() + ".part");
        file->append(as_bytes(bytes));
        file->sync();
    }
    std::string blob(const Hash& hash) {
        auto take = [](Member& member, Hash of) -> Task<std::string> {
            auto const found = co_await member.blobs_->open(of);
            if (!found) co_return "none";
            co_return co_await found->read(0, static_cast<std::size_t>(found->size()));
        };
        return world_.run(take(*this, hash));
    }
    bool has_blob(const Hash& hash) {
        return world_.run(
            database_->read([hash](store::Snapshot& snapshot) { return blobs::has(snapshot, ns, hash); }));
    }
    // In the commit that seals a private batch.
    void owe_blob(const Hash& hash, const std::vector<std::string>& peers) {
        world_.run(database_->write([this, hash, &peers](store::Transaction& tx) {
            exchange_->enqueue_blob(tx, hash, peers);
            return true;
        }));
        exchange_->blob_sealed(hash, peers);
    }
    std::size_t owed(const std::string& to) {
        auto read = [to](store::Snapshot& snapshot) { return read_blob_outbox(snapshot, ns, to).size(); };
        return world_.run(database_->read(std::move(read)));
    }
    store::Files& files() { return *files_; }
    store::SimDisk& disk() { return disk_; }

    std::string staged(const Hash& hash) {
        auto read = [hash](store::Snapshot& snapshot) {
            return std::string(as_text(Exchange::staged(snapshot, ns, hash).value_or(Bytes{})));
        };
        return world_.run(database_->read(std::move(read)));
    }
    bool has(const Hash& hash) { return !staged(hash).empty(); }
    std::vector<Hash> arrivals() {
        auto read = [this](store::Snapshot& snapshot) { return inbox_->read(snapshot, Sequence{0}, 10'000); };
        std::vector<Hash> hashes;
        for (auto const& entry : world_.run(database_->read(std::move(read)))) {
            EXPECT_EQ(entry.kind, payload_entry);
            hashes.push_back(Hash::from(entry.key).value());
        }
        return hashes;
    }
    std::size_t outbox(const Member& to) {
        auto read = [to = to.name()](store::Snapshot& snapshot) {
            return read_outbox(snapshot, ns, to, 0, 10'000).size();
        };
        return world_.run(database_->read(std::move(read)));
    }
    PeerStatus status(const std::string& of) {
        for (auto const& status : exchange_->status()) {
            if (status.peer.id == of) return status;
        }
        throw std::runtime_error("no peer " + of);
    }
    bool is_connected(const std::string& to) { return status(to).connected; }

    static constexpr NamespaceId ns{1};

  private:
    static std::optional<std::string> rebuild(store::Snapshot& snapshot, const Hash& hash) {
        auto rows = snapshot.query("SELECT text FROM documents WHERE hash = ?1", hash);
        auto const* row = rows.first();
        if (!row) return std::nullopt;
        return row->string(0);
    }

    World& world_;
    std::string name_;
    Exchange::Options options_;
    std::unique_ptr<net::Network> network_;
    store::SimDisk disk_;
    std::vector<Peer> peers_;
    std::unique_ptr<flow::Feed> inbox_;
    std::unique_ptr<store::Files> files_ = disk_.files("blobs");
    std::unique_ptr<store::Database> database_;
    std::unique_ptr<Worker> worker_;
    std::unique_ptr<blobs::BlobStore> blobs_;
    std::unique_ptr<Exchange> exchange_;
    std::unique_ptr<Scope> scope_;
};

// A peer of the test's own: it says hello, keeps what it hears, and answers as it is told.
class Puppet {
  public:
    using Answers = std::function<std::vector<Frame>(const Frame&)>;

    Puppet(World& world, std::string name, Answers answers)
        : world_(world),
          name_(std::move(name)),
          network_(world.net.host(name_, "fingerprint-" + name_)),
          answers_(std::move(answers)),
          scope_(world.loop.executor(), {.name = name_}) {
        auto listener = network_->listen(name_ + ":1");
        if (!listener) throw std::runtime_error(listener.error().text());
        listener_ = std::move(*listener);
        scope_.spawn(accept_all());
    }
    ~Puppet() {
        scope_.cancel();
        EXPECT_TRUE(world_.until([this] { return scope_.size() == 0; }));
    }
    Puppet(const Puppet&) = delete;
    Puppet& operator=(const Puppet&) = delete;

    Peer peer() const { return {name_, name_ + ":1", "fingerprint-" + name_}; }
    // Connects to the member, says hello and then these frames.
    void call(const Member& member, std::vector<Bytes> frames) {
        scope_.spawn(speak(member.peer(), std::move(frames)));
    }
    // Names of the frames that came over connections to us, and over those that we made.
    const std::vector<std::string>& heard() const { return heard_; }
    std::size_t calls_ended() const { return calls_ended_; }

  private:
    Task<void> accept_all() {
        for (;;) {
            auto stream = co_await listener_->accept();
            if (!stream) co_return;
            scope_.spawn(listen(std::move(stream)));
        }
    }
    Task<void> listen(std::unique_ptr<net::FrameStream> stream) {
        for (;;) {
            auto const bytes = co_await stream->receive();
            if (!bytes) co_return;
            auto const frame = decode(*bytes);
            if (!frame) throw std::runtime_error(frame.error().text());
            if (std::holds_alternative<HelloFrame>(*frame)) {
                auto hello = encode(HelloFrame{protocol_version, name_});
                co_await stream->send(std::move(hello));
                continue;
            }
            heard_.emplace_back(name_of(*frame));
            for (auto const& answer : answers_(*frame)) {
                auto reply = encode(answer);
                co_await stream->send(std::move(reply));
            }
        }
    }
    static Task<void> send_all(std::shared_ptr<net::FrameStream> stream, std::vector<Bytes> frames) {
        for (auto& frame : frames) co_await stream->send(std::move(frame));
    }
    Task<void> speak(Peer to, std::vector<Bytes> frames) {
        std::shared_ptr<net::FrameStream> const stream = co_await network_->connect(to.endpoint, to.fingerprint, 10s);
        frames.insert(frames.begin(), encode(HelloFrame{protocol_version, name_}));
        scope_.spawn(send_all(stream, std::move(frames)));
        for (;;) {
            auto const bytes = co_await stream->receive();
            if (!bytes) break;
            auto const frame = decode(*bytes);
            heard_.emplace_back(name_of(*frame));
        }
        ++calls_ended_;
    }

    World& world_;
    std::string name_;
    std::unique_ptr<net::Network> network_;
    Answers answers_;
    Scope scope_;
    std::unique_ptr<net::FrameListener> listener_;
    std::vector<std::string> heard_;
    std::size_t calls_ended_ = 0;
};

class MembersTest : public testing::Test {
  protected:
    // Everybody knows everybody, and is connected.
    void introduce(const std::vector<Member*>& members) {
        for (auto* member : members) {
            std::vector<Peer> others;
            for (auto* other : members) {
                if (other != member) others.push_back(other->peer());
            }
            member->knows(others);
        }
        ASSERT_TRUE(world.until([&] {
            return std::all_of(members.begin(), members.end(), [](Member* member) {
                auto const status = member->exchange().status();
                return std::all_of(status.begin(), status.end(), [](auto const& peer) { return peer.connected; });
            });
        }));
    }
    static Exchange::Options short_answers() {
        Exchange::Options options;
        options.answer_timeout = 2s;
        return options;
    }

    World world;
};

}  // namespace lockstep::swarm
