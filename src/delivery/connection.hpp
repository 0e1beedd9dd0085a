// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// One consumer's starts and the frames that come of them. Starts that have something to give stand in a
// queue and give one frame each, in turn, so that none starves another.
#pragma once

#include <deque>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "async/tap.hpp"
#include "delivery/delivery.hpp"
#include "delivery/dispatcher.hpp"
#include "delivery/durables.hpp"

namespace lockstep::delivery {

class EngineConnection;

// Ids that were under way when a dispatcher went or was told to begin anew: a late acknowledgement of one
// is no error. Bounded; the oldest are forgotten.
class TakenBack {
  public:
    static constexpr std::size_t ids_max = 8192;

    void add(const Uuid& id);
    // True once for each.
    bool take(const Uuid& id);

  private:
    std::deque<Uuid> order_;
    std::set<Uuid> ids_;
};

// One start: of an ephemeral subscription, with a dispatcher from the beginning, or of a name, with one
// while it is first in line for a subscription that exists.
class Start final : public Dispatcher::Owner, public Candidate {
  public:
    Start(EngineConnection& connection, std::string name, Time time)
        : connection_(connection), name_(std::move(name)), time_(time) {}

    void serve_ephemeral(const Uuid& id,
                         std::string filter_json,
                         std::shared_ptr<const Filter> filter,
                         const DispatchOptions& options,
                         Offset from);
    Transport transport() const override { return Transport::websockets; }
    void serve(const Durable& durable) override;
    void stop() override;
    void ready() override;
    void moved(Offset position, bool acknowledged) override;

    bool refers(const SubscriptionRef& ref, bool by_id) const;
    void nack();
    // The text of what was taken, with a newline.
    std::string frame(const Dispatcher::Taken& taken) const;
    ConnectionStatus::Start status() const;

    Dispatcher* dispatcher() const { return dispatcher_.get(); }
    TakenBack& taken_back() { return taken_back_; }
    const std::string& name() const { return name_; }
    bool ephemeral() const { return ephemeral_; }

    bool queued = false;  // stands in the connection's queue

  private:
    void dispatch(const Uuid& id, std::shared_ptr<const Filter> filter, const DispatchOptions& options, Offset from);
    void take_back();

    EngineConnection& connection_;
    std::string name_;
    Time time_;
    bool ephemeral_ = false;
    Uuid subscription_;
    std::string filter_json_ = "{}";
    std::string reference_;  // {"id","namespace","name"}
    std::unique_ptr<Dispatcher> dispatcher_;
    TakenBack taken_back_;
};

// What connections need of the engine.
struct EngineParts {
    const Delivery::Parts& parts;
    const Config& config;
    FilterShelf& shelf;
    Tail& tail;
    Durables& durables;
    // Subscriptions are in memory after this.
    std::function<Task<void>()> loaded;
    std::function<void(EngineConnection&)> gone;
};

class EngineConnection final : public Connection {
  public:
    EngineConnection(EngineParts& engine, ConnectionInfo info, bool open);
    ~EngineConnection() override;

    const Uuid& id() const override { return id_; }
    Task<Result<void>> start(StartRequest request) override;
    Result<void> ack(const AckRequest& request) override;
    Result<void> nack(const AckRequest& request) override;
    Task<std::optional<std::string>> next() override;
    void close() override;

    ConnectionStatus status() const;
    EngineParts& engine() { return engine_; }
    void queue(Start& start);

  private:
    Task<Result<void>> start_ephemeral(StartRequest request);
    Start* find_start(const AckRequest& request) const;
    Start* oldest_start(const AckRequest& request) const;
    Start* start_of_batch(const Uuid& id) const;
    Result<Start*> find_under_way(const AckRequest& request) const;
    void settle_last();

    EngineParts& engine_;
    Uuid id_;
    ConnectionInfo info_;
    bool closed_;
    bool autoack_ = false;

    std::vector<std::unique_ptr<Start>> starts_;
    std::deque<Start*> queue_;
    Tap queued_;
    std::uint64_t stamp_ = 0;
    Start* last_start_ = nullptr;  // of the frame that next() gave last
    Uuid last_id_;
};

}  // namespace lockstep::delivery
