// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// For tests: the api of one member over a real database on a simulated disk, in virtual time. Nothing runs
// behind it (no batcher, ledger, peers or sequencer): what they would do, a test does by hand.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/api.hpp"
#include "async/sim_clock.hpp"
#include "core/json.hpp"
#include "delivery/delivery.hpp"
#include "identity/ledger_key.hpp"
#include "messaging/ports.hpp"
#include "operations/operations.hpp"
#include "registry/registry.hpp"
#include "store/sim_disk.hpp"

namespace lockstep::api {

class NoLedger final : public ledger::Ledger {
  public:
    Task<ledger::Info> info() override { co_return ledger::Info{}; }
    ledger::Unsigned prepare_pin(const ledger::PinRequest&, const std::string&, LedgerNonce) const override {
        return {};
    }
    ledger::RawTransaction assemble(const ledger::Unsigned&, const identity::Signature&) const override { return {}; }
    Task<Result<void>> send(Bytes) override { co_return Result<void>{}; }
    Task<LedgerNonce> next_nonce(std::string) override { co_return LedgerNonce{0}; }
    Task<ledger::Head> head() override { co_return ledger::Head{}; }
    Task<std::vector<ledger::Block>> blocks(BlockNumber, BlockNumber) override {
        co_return std::vector<ledger::Block>{};
    }
    Task<void> changed(ledger::Head) override { co_return; }
};

class NoExchange final : public swarm::Exchange {
  public:
    const std::string& endpoint() const override { return endpoint_; }
    void set_peers(std::vector<swarm::Peer>) override {}
    void enqueue(store::Transaction&, const Hash&) override {}
    void sealed(const Hash&, std::shared_ptr<const std::string>) override {}
    void enqueue_to(store::Transaction&, const Hash&, const std::vector<std::string>&) override {}
    void sealed_to(const Hash&, std::shared_ptr<const std::string>, const std::vector<std::string>&) override {}
    void want(const Hash&) override {}
    void unwant(const Hash&) override {}
    void set_cut(const std::string&, bool) override {}
    void set_delay(const std::string&, Duration) override {}
    void set_withhold(bool) override {}
    std::vector<swarm::PeerStatus> status() const override { return {}; }
    std::size_t wanted() const override { return 0; }
    Task<void> run() override { co_return; }

  private:
    std::string endpoint_ = "127.0.0.1:0";
};

class NoCarrier final : public messaging::Carrier {
  public:
    void enqueue(store::Transaction&, const Hash&, const messaging::Recipients&) override {}
    void sealed(const Hash&, std::shared_ptr<const std::string>, const messaging::Recipients&) override {}
};

class TestWorld {
  public:
    TestWorld()
        : chance_(make_seeded_chance(1)),
          disk_(*chance_),
          ids_(loop_.clock(), *chance_),
          inbox_("inbox", ns),
          keys_{identity::LedgerKey::make(*chance_)},
          ledger_info_{"ethereum", "ethereum_address", "1337", "0x00000000000000000000000000000000000000aa"} {
        profile_.org_name = "org_0";
        profile_.org_description = "Organisation 0";
        profile_.node_name = "node_0";
        profile_.key = keys_.front().address();
        profile_.node_profile = R"({"id":"peer/node_0"})";
        auto opened = store::open_database(
            {.path = "db", .vfs = disk_.vfs(), .inline_ = true},
            {flow::schema(), log::schema(), registry::schema(), operations::schema(), chain::schema(),
             messaging::schema(), transactions::schema(), sequencer::schema(), delivery::schema(), blobs::schema()},
            loop_.executor());
        if (!opened) throw std::runtime_error(opened.error().text());
        database_ = std::move(*opened);
        blobs_.emplace(ns, *database_, *files_, *worker_, *chance_);
        auto make_stream = [](store::Transaction& tx) {
            return log::open_stream(tx, log::Timeline::stream_of({}, ns));
        };
        timeline_ = std::make_unique<log::Timeline>(await(database_->write(std::move(make_stream))), "default");
        submitter_ = std::make_unique<transactions::Submitter>(ns, ledger_, *database_, clock(), *chance_, keys_,
                                                               transactions::Submitter::Options{});
        batcher_ =
            std::make_unique<messaging::Batcher>(profile_, *database_, clock(), *chance_, ids_, ledger_info_,
                                                 *submitter_, *timeline_, carrier_, messaging::Batcher::Options{});
        auto can_sign = [this](std::string_view account) { return submitter_->can_sign(account); };
        sender_ = std::make_unique<messaging::Sender>(profile_, *database_, clock(), ids_, *batcher_, can_sign,
                                                      messaging::Sender::Options{});
        follower_ = std::make_unique<chain::Follower>(ns, ledger_, *database_, inbox_, clock(), *chance_, ids_,
                                                      chain::Follower::Options{});
        enricher_ = std::make_unique<delivery::RowEnricher>(ns, "default", ledger_info_);
        delivery_ = std::make_unique<delivery::Delivery>(
            delivery::Delivery::Parts{ns, "default", *database_, *timeline_, *enricher_, clock(), *chance_, ids_});
        services_.emplace(Services{clock(),
                                   *chance_,
                                   *database_,
                                   profile_,
                                   clock().now(),
                                   ledger_info_,
                                   *sender_,
                                   *batcher_,
                                   *submitter_,
                                   settled_,
                                   *timeline_,
                                   *delivery_,
                                   *follower_,
                                   exchange_,
                                   {},
                                   [] {
                                       return std::vector<StageLine>{{"sequencer", 3, 5, 0, ""}};
                                   },
                                   [] { return std::string("up 1\n"); },
                                   [this] { return ready; },
                                   {},
                                   "1.2.3",
                                   &*blobs_});
        api_ = std::make_unique<Api>(*services_);
        register_org();
    }

    static constexpr NamespaceId ns{1};
    bool ready = true;

    SimClock& clock() { return loop_.clock(); }
    SimLoop& loop() { return loop_; }
    Services& services() { return *services_; }
    log::Timeline& timeline() { return *timeline_; }
    store::Files& files() { return *files_; }
    Uuid new_id() { return ids_.next(); }
    const std::string& key() const { return profile_.key; }

    template <class T>
    T await(Task<T> task) {
        std::optional<std::conditional_t<std::is_void_v<T>, std::monostate, T>> value;
        std::exception_ptr failure;
        auto ended = false;
        if constexpr (std::is_void_v<T>) {
            asio::co_spawn(loop_.context(), std::move(task),
                           [&](std::exception_ptr error) { failure = error, ended = true; });
        } else {
            asio::co_spawn(loop_.context(), std::move(task), [&](std::exception_ptr error, T result) {
                failure = error;
                if (!error) value.emplace(std::move(result));
                ended = true;
            });
        }
        if (!loop_.run_until([&] { return ended; }, 1h)) throw std::runtime_error("the task does not end");
        if (failure) std::rethrow_exception(failure);
        if constexpr (!std::is_void_v<T>) return std::move(*value);
    }
    template <class F>
    auto write(F closure) {
        return await(database_->write(std::move(closure)));
    }
    template <class F>
    auto read(F closure) {
        return await(database_->read(std::move(closure)));
    }

    // `target` is a path below /api/v1/, or one from the root, with its query.
    net::Response request(std::string method, std::string target, std::string body = "", net::Headers headers = {}) {
        return await(
            api_->handle(make_request(std::move(method), std::move(target), std::move(body), std::move(headers))));
    }
    net::Response get(std::string target) { return request("GET", std::move(target)); }
    net::Response post(std::string target, std::string body) {
        return request("POST", std::move(target), std::move(body), json_type());
    }
    Api& api() { return *api_; }

    static net::Headers json_type() {
        net::Headers headers;
        headers.set("Content-Type", "application/json");
        return headers;
    }
    static net::Request make_request(std::string method, std::string target, std::string body, net::Headers headers) {
        net::Request request;
        request.method = std::move(method);
        if (!target.starts_with('/')) target = "/api/v1/" + target;
        auto const question = std::min(target.find('?'), target.size());
        request.path = target.substr(0, question);
        request.query = target.substr(std::min(question + 1, target.size()));
        request.body = std::move(body);
        request.headers = std::move(headers);
        return request;
    }

    // What the sequencer does with a message whose pin came back.
    void settle(const Uuid& message, MessageState state, const std::string& reason = "") {
        auto closure = [timeline = timeline_.get(), message, state, reason,
                        now = clock().now()](store::Transaction& tx) {
            auto const row = messaging::find_message(tx, ns, message);
            messaging::settle(tx, ns, row->seq, state, now, reason);
            std::vector<log::Event> events;
            for (auto const& topic : row->message.header.topics) {
                auto& event = events.emplace_back();
                event.type = state == MessageState::confirmed ? log::EventType::message_confirmed
                                                              : log::EventType::message_rejected;
                event.reference = message;
                event.topic = topic;
            }
            timeline->append(tx, events, now, 7);
        };
        write(std::move(closure));
        settled_.settle(message);
    }
    // Appends an event for each topic; returns their ids.
    std::vector<Uuid> append(std::vector<std::string> topics,
                             log::EventType type = log::EventType::transaction_submitted) {
        std::vector<log::Event> events;
        for (auto& topic : topics) {
            auto& event = events.emplace_back();
            event.type = type;
            event.reference = ids_.next();
            event.topic = std::move(topic);
        }
        auto closure = [timeline = timeline_.get(), events, now = clock().now()](store::Transaction& tx) mutable {
            timeline->append(tx, events, now, 7);
            std::vector<Uuid> ids;
            for (auto const& event : events) ids.push_back(event.id);
            return ids;
        };
        return write(std::move(closure));
    }
    // Sends a broadcast and returns its id.
    Uuid broadcast(const std::string& topic, const std::string& value = "1", const std::string& tag = "") {
        auto const body =
            R"({"header":{"topics":[")" + topic + R"("],"tag":")" + tag + R"("},"data":[{"value":)" + value + "}]}";
        auto const response = post("messages/broadcast", body);
        if (response.status != 202) throw std::runtime_error(response.body);
        return *Uuid::parse(
            *json::Value{std::string_view(response.body).substr(0, response.body.size() - 1)}["header"]["id"]
                 .as_string());
    }

    registry::Identity org;

  private:
    void register_org() {
        org.id = ids_.next();
        org.did = "did:firefly:org/org_0";
        org.type = registry::IdentityType::org;
        org.name = "org_0";
        org.description = "Organisation 0";
        auto closure = [this](store::Transaction& tx) {
            Message message;
            message.header.id = ids_.next();
            message.header.author = org.did;
            message.header.key = profile_.key;
            message.header.topics = {identity_topic(org.did)};
            auto const outcome =
                registry::apply_claim(tx, ns, "default", message, registry::claim_json(org), clock().now());
            if (outcome.kind != registry::ClaimOutcome::Kind::confirmed) throw std::runtime_error(outcome.reason);
        };
        write(std::move(closure));
    }

    SimLoop loop_;
    std::unique_ptr<Chance> chance_;
    store::SimDisk disk_;
    IdMaker ids_;
    NoLedger ledger_;
    NoExchange exchange_;
    NoCarrier carrier_;
    messaging::MemberProfile profile_;
    flow::Feed inbox_;
    std::vector<identity::LedgerKey> keys_;
    ledger::Info ledger_info_;
    sequencer::Settled settled_;
    std::unique_ptr<store::Database> database_;
    std::unique_ptr<store::Files> files_ = disk_.files("blobs");
    std::unique_ptr<Worker> worker_ = make_inline_worker(loop_.executor());
    std::optional<blobs::BlobStore> blobs_;
    std::unique_ptr<log::Timeline> timeline_;
    std::unique_ptr<transactions::Submitter> submitter_;
    std::unique_ptr<messaging::Batcher> batcher_;
    std::unique_ptr<messaging::Sender> sender_;
    std::unique_ptr<chain::Follower> follower_;
    std::unique_ptr<delivery::RowEnricher> enricher_;
    std::unique_ptr<delivery::Delivery> delivery_;
    std::optional<Services> services_;
    std::unique_ptr<Api> api_;
};

// The value of an answer, without the newline; keeps the text alive.
class Shown {
  public:
    explicit Shown(const net::Response& response) : text_(response.body) {
        if (text_.ends_with('\n')) text_.pop_back();
    }
    json::Value value() const { return json::Value{text_}; }
    json::Value operator[](std::string_view name) const { return value()[name]; }
    std::vector<json::Value> elements() const { return value().elements(); }
    const std::string& text() const { return text_; }

  private:
    std::string text_;
};

// "FF10109" of {"error":"FF10109: …"}; empty when there is no number.
inline std::string code_of(const net::Response& response) {
    auto const error = Shown(response)["error"].as_string().value_or("");
    auto const colon = error.find(':');
    return error.starts_with("FF") && colon == 7 ? error.substr(0, colon) : "";
}

}  // namespace lockstep::api
