// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// For tests: a timeline in a real database on a simulated disk, a delivery over it, virtual time, and
// consumers that pull, or do not.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/deadline.hpp"
#include "async/scope.hpp"
#include "async/sim_clock.hpp"
#include "chain/chain_events.hpp"
#include "delivery/delivery.hpp"
#include "messaging/rows.hpp"
#include "operations/operations.hpp"
#include "registry/registry.hpp"
#include "store/sim_disk.hpp"

namespace lockstep::delivery {

inline std::string code_of(const Result<void>& result) { return result ? "none" : std::string(result.error().code()); }

// Events of a test refer to nothing: an event's topic stands in for the tag of its message.
class TopicEnricher final : public Enricher {
  public:
    std::vector<EnrichedEvent> enrich(store::Snapshot&, std::vector<log::Event> events) const override {
        std::vector<EnrichedEvent> out;
        for (auto& event : events) {
            auto& enriched = out.emplace_back();
            log::append_event_json(enriched.json, event, "default");
            enriched.tag = event.topic;
            enriched.event = std::move(event);
            ++enriched_events;
        }
        return out;
    }
    mutable std::size_t enriched_events = 0;
};

// The frames of one connection.
class Consumer {
  public:
    explicit Consumer(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}

    Connection& connection() { return *connection_; }
    std::vector<std::string> frames;
    bool ended = false;

    // The sequences of single events, or of the events of all batches, in order.
    std::vector<std::int64_t> sequences() const {
        std::vector<std::int64_t> out;
        for (auto const& frame : frames) {
            json::Value const value{std::string_view(frame).substr(0, frame.size() - 1)};
            auto const events = value["events"];
            if (!events.exists()) out.push_back(value["sequence"].as_int().value_or(-1));
            for (auto const& event : events.elements()) out.push_back(event["sequence"].as_int().value_or(-1));
        }
        return out;
    }
    Uuid id_of(std::size_t frame) const {
        auto const& text = frames.at(frame);
        return *Uuid::parse(*json::Value{std::string_view(text).substr(0, text.size() - 1)}["id"].as_string());
    }
    Result<void> ack(std::size_t frame) { return connection_->ack({id_of(frame), {}}); }
    // Everything that came and was not acknowledged this way before.
    void ack_all() {
        for (; acked_ < frames.size(); ++acked_) ASSERT_TRUE(ack(acked_));
    }

    std::unique_ptr<Connection> take_connection() { return std::move(connection_); }

    static Task<void> pull(Consumer& consumer) {
        while (auto frame = co_await consumer.connection_->next()) consumer.frames.push_back(std::move(*frame));
        consumer.ended = true;
    }

    std::unique_ptr<Scope> scope;

  private:
    std::unique_ptr<Connection> connection_;
    std::size_t acked_ = 0;
};

class World {
  public:
    explicit World(Config config = {}, std::uint64_t seed = 1)
        : chance_(make_seeded_chance(seed)), disk_(*chance_), ids_(loop_.clock(), *chance_), config_(config) {
        open();
    }
    ~World() {
        for (auto& consumer : consumers_) drop(*consumer);
        close();
    }

    // A process begins: the database is opened and the delivery runs.
    void open() {
        auto opened = store::open_database(
            {.path = "db", .vfs = disk_.vfs(), .inline_ = true},
            {log::schema(), messaging::schema(), operations::schema(), chain::schema(), registry::schema(), schema()},
            loop_.executor());
        if (!opened) throw std::runtime_error(opened.error().text());
        database_ = std::move(*opened);
        auto make_stream = [](store::Transaction& tx) {
            return log::open_stream(tx, log::Timeline::stream_of({}, NamespaceId{1}));
        };
        timeline_ = std::make_unique<log::Timeline>(await(database_->write(std::move(make_stream))), "default");
        auto const& used = enricher_ ? *enricher_ : static_cast<const Enricher&>(topics_);
        delivery_ = std::make_unique<Delivery>(Delivery::Parts{NamespaceId{1}, "default", *database_, *timeline_, used,
                                                               loop_.clock(), *chance_, ids_, web_, replier_},
                                               config_);
        running_ = std::make_unique<Scope>(loop_.executor(), Scope::Options{"delivery"});
        running_->spawn(delivery_->run());
        loop_.settle();
    }
    // It ends; nothing more is written.
    void close() {
        running_->cancel();
        await(running_->join());
        running_.reset();
        delivery_.reset();
        timeline_.reset();
        database_.reset();
    }
    void crash() {
        disk_.freeze();
        for (auto& consumer : consumers_) drop(*consumer);
        close();
        disk_.crash();
        open();
    }
    void use(std::unique_ptr<Enricher> enricher) {
        close();
        enricher_ = std::move(enricher);
        open();
    }

    // The process begins again with this way out; null: none. It outlives the world, or is taken back.
    void serve_webhooks(net::WebClient* web, Replier* replier = nullptr) {
        for (auto& consumer : consumers_) drop(*consumer);
        close();
        web_ = web;
        replier_ = replier;
        open();
    }

    template <class T>
    T await(Task<T> task) {
        std::optional<std::conditional_t<std::is_void_v<T>, std::monostate, T>> value;
        std::exception_ptr failure;
        auto ended = false;
        if constexpr (std::is_void_v<T>) {
            asio::co_spawn(loop_.context(), std::move(task), [&](std::exception_ptr error) {
                failure = error;
                ended = true;
            });
        } else {
            asio::co_spawn(loop_.context(), std::move(task), [&](std::exception_ptr error, T result) {
                failure = error;
                if (!error) value.emplace(std::move(result));
                ended = true;
            });
        }
        auto const done = loop_.run_until([&] { return ended; }, 1h);
        if (!done) throw std::runtime_error("the task does not end");
        if (failure) std::rethrow_exception(failure);
        if constexpr (!std::is_void_v<T>) return std::move(*value);
    }

    // Appends one event for each topic, and rings; returns the sequence of the last.
    std::int64_t append(std::vector<std::string> topics, log::EventType type = log::EventType::message_confirmed) {
        std::vector<log::Event> events;
        for (auto& topic : topics) {
            log::Event event;
            event.type = type;
            event.reference = ids_.next();
            event.topic = std::move(topic);
            events.push_back(std::move(event));
        }
        return append_events(std::move(events));
    }
    std::int64_t append_events(std::vector<log::Event> events) {
        auto closure = [timeline = timeline_.get(), events = std::move(events),
                        now = loop_.clock().now()](store::Transaction& tx) {
            auto fresh = events;
            timeline->append(tx, fresh, now, 7);
            return fresh.back().sequence.value;
        };
        auto const last = await(database_->write(std::move(closure)));
        timeline_->tap().ring();
        loop_.settle();
        return last;
    }
    void append_many(std::size_t count, const std::string& topic = "t") {
        for (; count > 0; count -= std::min<std::size_t>(count, 500))
            append(std::vector<std::string>(std::min<std::size_t>(count, 500), topic));
    }

    SubscriptionRow create(const std::string& body) {
        auto row = await(delivery_->create(body));
        if (!row) throw std::runtime_error(row.error().message());
        loop_.settle();
        return *row;
    }
    SubscriptionRow replace(const std::string& body) {
        auto row = await(delivery_->replace(body));
        if (!row) throw std::runtime_error(row.error().message());
        loop_.settle();
        return *row;
    }
    void remove(const Uuid& id) {
        auto const removed = await(delivery_->remove(id));
        if (!removed) throw std::runtime_error(removed.error().message());
        loop_.settle();
    }
    std::optional<std::int64_t> stored_position(const Uuid& id) {
        auto closure = [id](store::Snapshot& snapshot) { return find_position(snapshot, NamespaceId{1}, id); };
        auto const position = await(database_->read(std::move(closure)));
        return position ? std::optional(position->value) : std::nullopt;
    }

    // A consumer that pulls all it can get.
    Consumer& connect(bool pulls = true) {
        auto& consumer =
            *consumers_.emplace_back(std::make_unique<Consumer>(delivery_->connect({"127.0.0.1:1", "test"})));
        consumer.scope = std::make_unique<Scope>(loop_.executor(), Scope::Options{"consumer"});
        if (pulls) consumer.scope->spawn(Consumer::pull(consumer));
        return consumer;
    }
    Consumer& connect_to(const std::string& name) {
        auto& consumer = connect();
        start(consumer,
              {.namespace_ = "default", .name = name, .ephemeral = false, .autoack = {}, .filter = "", .options = ""});
        return consumer;
    }
    void start(Consumer& consumer, StartRequest request) {
        auto const started = try_start(consumer, std::move(request));
        if (!started) throw std::runtime_error(started.error().message());
    }
    Result<void> try_start(Consumer& consumer, StartRequest request) {
        auto started = await(consumer.connection().start(std::move(request)));
        loop_.settle();
        return started;
    }
    void start_ephemeral(Consumer& consumer,
                         std::string filter = "",
                         std::string options = "",
                         std::optional<bool> autoack = {}) {
        start(consumer, {"default", "", true, autoack, std::move(filter), std::move(options)});
    }
    // Its connection is gone.
    void drop(Consumer& consumer) {
        if (!consumer.scope) return;
        consumer.scope->cancel();
        await(consumer.scope->join());
        consumer.scope.reset();
        consumer.take_connection().reset();
        loop_.settle();
    }
    void pass(Duration time) {
        loop_.run_until([] { return false; }, time);
    }
    void settle() { loop_.settle(); }

    Delivery& delivery() { return *delivery_; }
    store::Database& database() { return *database_; }
    store::SimDisk& disk() { return disk_; }
    log::Timeline& timeline() { return *timeline_; }
    SimLoop& loop() { return loop_; }
    Chance& chance() { return *chance_; }
    IdMaker& ids() { return ids_; }
    const TopicEnricher& enricher() const { return topics_; }

  private:
    SimLoop loop_;
    std::unique_ptr<Chance> chance_;
    store::SimDisk disk_;
    IdMaker ids_;
    Config config_;
    TopicEnricher topics_;
    std::unique_ptr<Enricher> enricher_;
    net::WebClient* web_ = nullptr;
    Replier* replier_ = nullptr;
    std::unique_ptr<store::Database> database_;
    std::unique_ptr<log::Timeline> timeline_;
    std::unique_ptr<Delivery> delivery_;
    std::unique_ptr<Scope> running_;
    std::vector<std::unique_ptr<Consumer>> consumers_;
};

using Sequences = std::vector<std::int64_t>;

}  // namespace lockstep::delivery
