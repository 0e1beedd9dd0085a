// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "delivery/delivery.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <map>

#include "base/must.hpp"
#include "core/json.hpp"
#include "delivery/connection.hpp"
#include "delivery/errors.hpp"
#include "delivery/history.hpp"
#include "delivery/redrive.hpp"
#include "delivery/webhook.hpp"

namespace lockstep::delivery {

namespace {

// Changes of subscriptions come one after the other, each with its commit and what follows from it.
class Turn {
  public:
    Task<void> mine() {
        while (taken_) co_await waiters_.wait();
        taken_ = true;
    }
    void pass_on() {
        taken_ = false;
        waiters_.wake_one();
    }

    class Hold {
      public:
        explicit Hold(Turn& turn) : turn_(turn) {}
        Hold(const Hold&) = delete;
        Hold& operator=(const Hold&) = delete;
        ~Hold() { turn_.pass_on(); }

      private:
        Turn& turn_;
    };

  private:
    Waiters waiters_;
    bool taken_ = false;
};

}  // namespace

class Delivery::Engine {
  public:
    Engine(Parts given, Config given_config)
        : parts(std::move(given)),
          config(given_config),
          tail(parts, config),
          offsets(parts.ns, parts.database, parts.clock, parts.chance, config.filtered_commit_interval),
          durables(shelf, offsets),
          webhooks(parts, tail, durables),
          redriver(parts),
          for_connections{parts, config, shelf, tail, durables, {}, {}} {
        for_connections.loaded = [this] { return loaded(); };
        for_connections.gone = [this](EngineConnection& connection) { std::erase(connections, &connection); };
    }

    Task<void> loaded();
    Task<void> load();
    void add(Durable durable);
    Result<SubscriptionInput> parse(const std::string& body) const {
        return parse_subscription(json::Value{body}, parts.namespace_name, parts.tls_profiles);
    }
    Task<Result<SubscriptionRow>> create(SubscriptionInput input, std::shared_ptr<const Filter> filter);
    Task<Result<SubscriptionRow>> replace(SubscriptionInput input, std::shared_ptr<const Filter> filter);

    Parts parts;
    Config config;
    FilterShelf shelf;
    Tail tail;
    Offsets offsets;
    Durables durables;
    Webhooks webhooks;
    Redriver redriver;
    EngineParts for_connections;
    std::vector<EngineConnection*> connections;
    bool open = true;
    bool is_loaded = false;
    Turn turn;
};

Delivery::Delivery(Parts parts, Config config) : engine_(std::make_unique<Engine>(std::move(parts), config)) {}

Delivery::~Delivery() { MUST(engine_->connections.empty(), "connections go before the delivery does"); }

const std::string& Delivery::namespace_name() const { return engine_->parts.namespace_name; }

Task<void> Delivery::run() {
    using namespace asio::experimental::awaitable_operators;
    co_await engine_->loaded();
    co_await (engine_->tail.run() && engine_->offsets.run() && engine_->webhooks.run());
}

Task<void> Delivery::flush() { return engine_->offsets.flush(); }

// ---- subscriptions ----

Task<void> Delivery::Engine::loaded() {
    if (is_loaded) co_return;
    co_await turn.mine();
    Turn::Hold hold(turn);
    co_await load();
}

// The caller holds the turn.
Task<void> Delivery::Engine::load() {
    if (is_loaded) co_return;
    auto closure = [ns = parts.ns](store::Snapshot& snapshot) {
        std::vector<Durable> found;
        for (auto& row : list_subscriptions(snapshot, ns)) {
            auto const position = find_position(snapshot, ns, row.id).value_or(row.first_event());
            found.push_back({std::move(row), nullptr, position});
        }
        return found;
    };
    auto found = co_await parts.database.read(std::move(closure));
    for (auto& durable : found) add(std::move(durable));
    is_loaded = true;
}

void Delivery::Engine::add(Durable durable) {
    if (durable.row.transport == Transport::webhooks) webhooks.add(durable.row.name);
    durables.add(std::move(durable));
}

Task<Result<SubscriptionRow>> Delivery::Engine::create(SubscriptionInput input, std::shared_ptr<const Filter> filter) {
    if (durables.find_by_name(input.name)) co_return refuse(errors::name_taken, {{"name", input.name}});
    SubscriptionRow row;
    row.id = parts.ids.next();
    row.name = std::move(input.name);
    row.transport = input.transport;
    row.events = input.filter.events;
    row.filter = input.filter.json();
    row.options = std::move(input.options.json);
    row.secrets = input.secrets.value_or("");
    row.created = parts.clock.now();
    // The newest event is that of the commit which makes the subscription: nothing falls between.
    auto closure = [ns = parts.ns, timeline = &parts.timeline, first = input.options.first_event,
                    row = std::move(row)](store::Transaction& tx) {
        auto fresh = row;
        fresh.options = with_first_event(row.options, first.newest ? timeline->newest(tx) : first.number);
        insert(tx, ns, fresh);
        return fresh;
    };
    auto fresh = co_await parts.database.write(std::move(closure));
    add({fresh, std::move(filter), fresh.first_event()});
    co_return fresh;
}

Task<Result<SubscriptionRow>> Delivery::Engine::replace(SubscriptionInput input, std::shared_ptr<const Filter> filter) {
    auto const* known = durables.find_by_name(input.name);
    if (!known) {
        auto created = co_await create(std::move(input), std::move(filter));
        co_return created;
    }
    auto row = known->row;
    row.transport = input.transport;
    row.secrets = input.secrets.value_or(row.secrets);
    row.events = input.filter.events;
    row.filter = input.filter.json();
    row.options = with_first_event(input.options.json, row.first_event());
    if (row.filter == known->row.filter && row.options == known->row.options && row.transport == known->row.transport &&
        row.secrets == known->row.secrets)
        co_return row;
    row.updated = parts.clock.now();
    auto closure = [ns = parts.ns, row](store::Transaction& tx) { update(tx, ns, row); };
    co_await parts.database.write(std::move(closure));
    auto const is_webhook = row.transport == Transport::webhooks;
    if (is_webhook) webhooks.add(row.name);
    durables.change(row, std::move(filter));
    if (!is_webhook) webhooks.remove(row.name);
    co_return row;
}

Task<Result<SubscriptionRow>> Delivery::create(std::string body) {
    CO_TRY(auto input, engine_->parse(body));
    CO_TRY(auto filter, engine_->shelf.get(input.filter));
    co_await engine_->turn.mine();
    Turn::Hold hold(engine_->turn);
    co_await engine_->load();
    auto created = co_await engine_->create(std::move(input), std::move(filter));
    co_return created;
}

Task<Result<SubscriptionRow>> Delivery::replace(std::string body) {
    CO_TRY(auto input, engine_->parse(body));
    CO_TRY(auto filter, engine_->shelf.get(input.filter));
    co_await engine_->turn.mine();
    Turn::Hold hold(engine_->turn);
    co_await engine_->load();
    auto replaced = co_await engine_->replace(std::move(input), std::move(filter));
    co_return replaced;
}

Task<Result<void>> Delivery::remove(Uuid id) {
    co_await engine_->turn.mine();
    Turn::Hold hold(engine_->turn);
    co_await engine_->load();
    auto const* known = engine_->durables.find(id);
    if (!known) co_return refuse(errors::not_found);
    auto const name = known->row.name;
    auto closure = [ns = engine_->parts.ns, id](store::Transaction& tx) { erase(tx, ns, id); };
    co_await engine_->parts.database.write(std::move(closure));
    engine_->durables.remove(id);
    engine_->webhooks.remove(name);
    co_return Result<void>();
}

Task<std::optional<SubscriptionRow>> Delivery::find(Uuid id) {
    co_await engine_->loaded();
    auto const* durable = engine_->durables.find(id);
    if (!durable) co_return std::nullopt;
    co_return durable->row;
}

Task<std::optional<SubscriptionRow>> Delivery::find_by_name(std::string name) {
    co_await engine_->loaded();
    auto const* durable = engine_->durables.find_by_name(name);
    if (!durable) co_return std::nullopt;
    co_return durable->row;
}

Task<std::vector<SubscriptionRow>> Delivery::list() {
    auto closure = [ns = engine_->parts.ns](store::Snapshot& snapshot) { return list_subscriptions(snapshot, ns); };
    auto rows = co_await engine_->parts.database.read(std::move(closure));
    co_return rows;
}

Task<Result<HistoryPage>> Delivery::history(Uuid subscription, HistoryQuery query) {
    co_await engine_->loaded();
    auto filter = engine_->durables.filter_of(subscription);
    if (!filter) co_return refuse(errors::no_result);
    auto closure = [timeline = &engine_->parts.timeline, enricher = &engine_->parts.enricher,
                    filter = std::move(filter), query = std::move(query),
                    events_max = engine_->config.history_events_max](store::Snapshot& snapshot) -> Result<HistoryPage> {
        TRY(auto const range, history_range(query, timeline->newest(snapshot), events_max));
        return read_history(snapshot, *timeline, *enricher, *filter, query, range);
    };
    auto page = co_await engine_->parts.database.read(std::move(closure));
    co_return page;
}

// ---- webhooks ----

std::vector<WebhookStatus> Delivery::webhooks() const {
    std::vector<WebhookStatus> out;
    engine_->durables.each([&](const Durable& durable) {
        if (durable.row.transport != Transport::webhooks) return;
        auto& status = out.emplace_back();
        status.subscription = durable.row.id;
        status.name = durable.row.name;
        status.url = json::Value{durable.row.options}["url"].as_string().value_or("");
        status.position = durable.position;
        engine_->webhooks.describe(durable.row.name, status);
    });
    return out;
}

Result<void> Delivery::retry_now(const Uuid& subscription) {
    auto const* durable = engine_->durables.find(subscription);
    if (!durable) return refuse(errors::not_found);
    auto const served = durable->row.transport == Transport::webhooks && engine_->webhooks.retry_now(durable->row.name);
    if (!served) return refuse(errors::no_webhook, {{"name", durable->row.name}});
    return {};
}

Task<Result<void>> Delivery::redrive(Uuid subscription, Uuid event) {
    co_await engine_->loaded();
    auto const* durable = engine_->durables.find(subscription);
    if (!durable) co_return refuse(errors::not_found);
    auto work = engine_->redriver.redrive(durable->row, event);
    co_return co_await std::move(work);
}

Task<Result<void>> Delivery::remove_dead_letter(Uuid subscription, Uuid event) {
    auto closure = [ns = engine_->parts.ns, subscription, event](store::Transaction& tx) {
        return erase_dead_letter(tx, ns, subscription, event);
    };
    auto const removed = co_await engine_->parts.database.write(std::move(closure));
    if (!removed) co_return refuse(errors::not_found);
    co_return Result<void>();
}

// ---- connections ----

std::unique_ptr<Connection> Delivery::connect(ConnectionInfo info) {
    auto connection = std::make_unique<EngineConnection>(engine_->for_connections, std::move(info), engine_->open);
    engine_->connections.push_back(connection.get());
    return connection;
}

void Delivery::refuse_new() {
    engine_->open = false;
    engine_->webhooks.refuse_new();
    for (auto* connection : engine_->connections) connection->close();
}

std::vector<ConnectionStatus> Delivery::connections() const {
    std::vector<ConnectionStatus> out;
    for (auto const* connection : engine_->connections) out.push_back(connection->status());
    return out;
}

std::string Delivery::connections_json() const {
    json::Writer writer;
    writer.begin_object().key("enabled").boolean(true).key("connections").begin_array();
    for (auto const& connection : connections()) {
        writer.begin_object().field("id", connection.id.text()).field("remoteAddress", connection.info.remote);
        writer.field("userAgent", connection.info.user_agent).key("subscriptions").begin_array();
        for (auto const& start : connection.starts) {
            writer.begin_object().field("startTime", start.time.text()).key("ephemeral").boolean(start.ephemeral);
            writer.field("namespace", engine_->parts.namespace_name)
                .field("name", start.name)
                .key("filter")
                .raw(start.filter)
                .end_object();
        }
        writer.end_array().end_object();
    }
    writer.end_array().end_object();
    return writer.take();
}

}  // namespace lockstep::delivery
