// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "delivery/connection.hpp"

#include <algorithm>

#include "core/errors.hpp"
#include "delivery/errors.hpp"

namespace lockstep::delivery {

void TakenBack::add(const Uuid& id) {
    if (!ids_.insert(id).second) return;
    order_.push_back(id);
    while (order_.size() > ids_max) {
        ids_.erase(order_.front());
        order_.pop_front();
    }
}

bool TakenBack::take(const Uuid& id) { return ids_.erase(id) > 0; }

// ---- a start ----

void Start::serve_ephemeral(const Uuid& id,
                            std::string filter_json,
                            std::shared_ptr<const Filter> filter,
                            const DispatchOptions& options,
                            Offset from) {
    ephemeral_ = true;
    filter_json_ = std::move(filter_json);
    dispatch(id, std::move(filter), options, from);
}

void Start::serve(const Durable& durable) {
    filter_json_ = durable.row.filter;
    dispatch(durable.row.id, durable.filter, durable.row.dispatch_options(), durable.position);
}

void Start::dispatch(const Uuid& id,
                     std::shared_ptr<const Filter> filter,
                     const DispatchOptions& options,
                     Offset from) {
    auto const& parts = connection_.engine().parts;
    subscription_ = id;
    json::Writer reference;
    reference.begin_object()
        .field("id", id.text())
        .field("namespace", parts.namespace_name)
        .field("name", name_)
        .end_object();
    reference_ = reference.take();
    dispatcher_ = std::make_unique<Dispatcher>(connection_.engine().tail, parts.clock, parts.ids, *this,
                                               std::move(filter), options, from);
    ready();
}

void Start::take_back() {
    for (auto const& id : dispatcher_->window().under_way()) taken_back_.add(id);
}

void Start::stop() {
    if (!dispatcher_) return;
    take_back();
    dispatcher_.reset();
}

void Start::nack() {
    take_back();
    dispatcher_->nack();
}

void Start::ready() { connection_.queue(*this); }

void Start::moved(Offset position, bool acknowledged) {
    if (!ephemeral_) connection_.engine().durables.moved(subscription_, position, acknowledged);
}

bool Start::refers(const SubscriptionRef& ref, bool by_id) const {
    if (by_id) return ref.id && !subscription_.is_nil() && *ref.id == subscription_;
    return ref.name == name_ && ref.namespace_ == connection_.engine().parts.namespace_name;
}

std::string Start::frame(const Dispatcher::Taken& taken) const {
    std::string out;
    auto const append_event = [&](const EnrichedEvent& event) {
        out += event.json;
        out += R"(,"subscription":)";
        out += reference_;
        out += '}';
    };
    std::size_t bytes = 128 + reference_.size();
    for (auto const& event : taken.events) bytes += event->json.size() + reference_.size() + 24;
    out.reserve(bytes);
    if (!taken.batch) {
        append_event(*taken.events.front());
        return out += '\n';
    }
    out += R"({"type":"event_batch","id":")";
    taken.id.append_to(out);
    out += R"(","subscription":)";
    out += reference_;
    out += R"(,"events":[)";
    for (auto const& event : taken.events) {
        if (&event != &taken.events.front()) out += ',';
        append_event(*event);
    }
    return out += "]}\n";
}

ConnectionStatus::Start Start::status() const {
    ConnectionStatus::Start out{time_, ephemeral_, name_, filter_json_, dispatcher_ != nullptr, 0, Offset{-1}};
    if (dispatcher_) {
        out.in_flight = dispatcher_->window().in_flight();
        out.position = dispatcher_->position();
    } else if (auto const* durable = connection_.engine().durables.find_by_name(name_)) {
        out.filter = durable->row.filter;
        out.position = durable->position;
    }
    return out;
}

// ---- a connection ----

EngineConnection::EngineConnection(EngineParts& engine, ConnectionInfo info, bool open)
    : engine_(engine), id_(engine.parts.ids.next()), info_(std::move(info)), closed_(!open) {}

EngineConnection::~EngineConnection() {
    for (auto const& start : starts_) {
        if (start->ephemeral()) {
            start->stop();
        } else {
            engine_.durables.leave(start->name(), *start);
        }
    }
    engine_.gone(*this);
}

void EngineConnection::queue(Start& start) {
    if (start.queued) return;
    start.queued = true;
    queue_.push_back(&start);
    queued_.ring();
}

Task<Result<void>> EngineConnection::start(StartRequest request) {
    if (request.namespace_ != engine_.parts.namespace_name) {
        co_return refuse(errors::unknown_namespace, {{"namespace", request.namespace_}});
    }
    if (!request.ephemeral && request.name.empty()) co_return refuse(errors::start_incomplete);
    if (request.autoack && *request.autoack != autoack_ && !starts_.empty())
        co_return refuse(errors::autoack_inconsistent);
    if (starts_.size() >= engine_.config.starts_max) {
        co_return refuse(errors::overloaded, {{"what", "the number of starts of a connection"},
                                              {"limit", std::to_string(engine_.config.starts_max)}});
    }
    auto const autoack = request.autoack;
    if (request.ephemeral) {
        auto started = co_await start_ephemeral(std::move(request));
        if (!started) co_return started;
    } else {
        co_await engine_.loaded();
        auto const known = std::any_of(starts_.begin(), starts_.end(), [&](auto const& start) {
            return !start->ephemeral() && start->name() == request.name;
        });
        if (!known) {
            auto& start =
                *starts_.emplace_back(std::make_unique<Start>(*this, request.name, engine_.parts.clock.now()));
            engine_.durables.join(request.name, start);
        }
    }
    if (autoack) autoack_ = *autoack;
    co_return Result<void>();
}

Task<Result<void>> EngineConnection::start_ephemeral(StartRequest request) {
    CO_TRY(auto const input, parse_filter(json::Value{request.filter}));
    CO_TRY(auto filter, engine_.shelf.get(input));
    CO_TRY(auto const options, parse_options(json::Value{request.options}));
    auto from = options.first_event.number;
    if (options.first_event.newest) {
        auto look = [timeline = &engine_.parts.timeline](store::Snapshot& snapshot) {
            return timeline->newest(snapshot);
        };
        from = co_await engine_.parts.database.read(std::move(look));
    }
    auto const id = engine_.parts.ids.next();
    auto& start = *starts_.emplace_back(std::make_unique<Start>(*this, id.text(), engine_.parts.clock.now()));
    start.serve_ephemeral(id, input.json(), std::move(filter), options.dispatch, from);
    co_return Result<void>();
}

// ---- what comes back ----

// By id before by name: of two subscriptions that had one name after another the id tells which.
Start* EngineConnection::find_start(const AckRequest& request) const {
    if (!request.subscription) return starts_.size() == 1 ? starts_.front().get() : nullptr;
    for (auto const by_id : {true, false}) {
        for (auto const& start : starts_) {
            if (start->refers(*request.subscription, by_id)) return start.get();
        }
    }
    return nullptr;
}

Start* EngineConnection::oldest_start(const AckRequest& request) const {
    Start* oldest = nullptr;
    auto const* named = request.subscription ? find_start(request) : nullptr;
    for (auto const& start : starts_) {
        auto const* dispatcher = start->dispatcher();
        if (!dispatcher || dispatcher->batches() || !dispatcher->window().oldest()) continue;
        if (request.subscription && start.get() != named) continue;
        if (!oldest || dispatcher->window().oldest()->stamp < oldest->dispatcher()->window().oldest()->stamp)
            oldest = start.get();
    }
    return oldest;
}

// The id of a batch says enough, whatever subscription is named with it.
Start* EngineConnection::start_of_batch(const Uuid& id) const {
    for (auto const& start : starts_) {
        auto const* dispatcher = start->dispatcher();
        if (dispatcher && dispatcher->batches() && dispatcher->holds(id)) return start.get();
    }
    return nullptr;
}

// The start that has `request.id` under way; null when it was taken back from one.
Result<Start*> EngineConnection::find_under_way(const AckRequest& request) const {
    auto* const named = find_start(request);
    if (named && named->dispatcher() && named->dispatcher()->holds(*request.id)) return named;
    if (auto* const start = start_of_batch(*request.id)) return start;
    for (auto const& start : starts_) {
        if (request.subscription && start.get() != named) continue;
        if (start->taken_back().take(*request.id)) return static_cast<Start*>(nullptr);
    }
    return refuse(errors::ack_matches_nothing);
}

Result<void> EngineConnection::ack(const AckRequest& request) {
    if (autoack_) return refuse(errors::ack_with_autoack);
    if (!request.id) {
        auto* const start = oldest_start(request);
        if (!start) return refuse(errors::ack_matches_nothing);
        start->dispatcher()->ack(start->dispatcher()->window().oldest()->id);
        return {};
    }
    TRY(auto* const start, find_under_way(request));
    if (start) start->dispatcher()->ack(*request.id);
    return {};
}

Result<void> EngineConnection::nack(const AckRequest& request) {
    if (autoack_) return refuse(errors::ack_with_autoack);
    if (!request.id) {
        auto* const start = oldest_start(request);
        if (!start) return refuse(errors::ack_matches_nothing);
        start->nack();
        return {};
    }
    TRY(auto* const start, find_under_way(request));
    if (start) start->nack();
    return {};
}

// ---- what goes out ----

void EngineConnection::settle_last() {
    if (autoack_ && last_start_ && last_start_->dispatcher()) last_start_->dispatcher()->ack(last_id_);
    last_start_ = nullptr;
}

Task<std::optional<std::string>> EngineConnection::next() {
    settle_last();
    while (!closed_) {
        auto const seen = queued_.rings();
        while (!queue_.empty()) {
            auto& start = *queue_.front();
            queue_.pop_front();
            start.queued = false;
            if (!start.dispatcher()) continue;
            auto const taken = start.dispatcher()->take(++stamp_);
            if (!taken) continue;
            queue(start);
            last_start_ = &start;
            last_id_ = taken->id;
            co_return start.frame(*taken);
        }
        co_await queued_.past(seen);
    }
    co_return std::nullopt;
}

void EngineConnection::close() {
    closed_ = true;
    queued_.ring();
}

ConnectionStatus EngineConnection::status() const {
    ConnectionStatus out{id_, info_, {}};
    for (auto const& start : starts_) out.starts.push_back(start->status());
    return out;
}

}  // namespace lockstep::delivery
