// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "delivery/webhook.hpp"

#include <algorithm>

#include "async/deadline.hpp"
#include "async/retry.hpp"
#include "base/logging.hpp"
#include "delivery/dead_letters.hpp"

namespace lockstep::delivery {

// ---- a serving ----

Serving::Serving(WebhookEngine& engine, const Durable& durable, WebhookOptions options, Executor executor)
    : engine_(engine),
      subscription_(durable.row.id),
      name_(durable.row.name),
      from_(durable.position),
      caller_(engine.parts, durable.row, std::move(options)),
      calls_(std::move(executor), {.name = "webhook " + durable.row.name}) {}

void Serving::begin(const Durable& durable, const DispatchOptions& options) {
    auto const& parts = engine_.parts;
    dispatcher_ = std::make_unique<Dispatcher>(engine_.tail, parts.clock, parts.ids, *this, durable.filter, options,
                                               durable.position);
    calls_.spawn(live(shared_from_this()));
    begun_.open();
}

void Serving::stop() {
    dispatcher_.reset();
    calls_.cancel();
}

Task<void> Serving::begun(std::shared_ptr<Serving> self) { co_await self->begun_.passed(); }

Task<void> Serving::join(std::shared_ptr<Serving> serving) {
    auto waiting = begun(serving);
    co_await serving->calls_.join(std::move(waiting));
}

void Serving::moved(Offset position, bool acknowledged) {
    engine_.durables.moved(subscription_, position, acknowledged);
}

Task<void> Serving::live(std::shared_ptr<Serving> self) {
    co_await self->load_set_aside();
    for (;;) {
        auto const seen = self->ready_.rings();
        auto calls = self->take_ready();
        if (calls.empty()) {
            co_await self->ready_.past(seen);
            continue;
        }
        co_await self->prepare(calls);
        for (auto& next : calls) {
            if (!self->dispatcher_ || self->paused_) break;  // delivered again in another life
            auto work = deliver(self, std::move(next));
            if (self->caller_.options().fastack) {
                self->calls_.spawn(std::move(work));
            } else {
                co_await std::move(work);
            }
        }
    }
}

std::vector<Serving::Next> Serving::take_ready() {
    std::vector<Next> out;
    while (dispatcher_ && !paused_ && out.size() < calls_prepared_max) {
        auto taken = dispatcher_->take(++stamp_);
        if (!taken) break;
        out.push_back({std::move(*taken), {}});
    }
    return out;
}

Serving::Events Serving::wanted(const Events& events) const {
    Events out;
    for (auto const& event : events) {
        if (!set_aside_.contains(event->event.id)) out.push_back(event);
    }
    return out;
}

// Whatever is not prepared here is when it is called.
Task<void> Serving::prepare(std::vector<Next>& calls) {
    std::vector<Events> events;
    for (auto const& next : calls) events.push_back(wanted(next.taken.events));
    try {
        auto work = caller_.prepare(std::move(events));
        auto prepared = co_await std::move(work);
        for (std::size_t i = 0; i < prepared.size(); ++i) calls[i].hooks = std::move(prepared[i]);
    } catch (const std::exception& error) {
        if (is_cancelled(error)) throw;
        logging::debug("webhook events not read", {{"sub", name_}, {"error", error.what()}});
    }
}

// What was set aside before a crash took the position with it is not called again.
Task<void> Serving::load_set_aside() {
    Backoff backoff({}, engine_.parts.chance);
    for (auto loaded = false; !loaded;) {
        try {
            auto look = [ns = engine_.parts.ns, id = subscription_, from = from_](store::Snapshot& snapshot) {
                return dead_letters_after(snapshot, ns, id, from);
            };
            auto const found = co_await engine_.parts.database.read(std::move(look));
            set_aside_.insert(found.begin(), found.end());
            loaded = true;
        } catch (const std::exception& error) {
            if (is_cancelled(error)) throw;
            logging::warn("dead letters not read", {{"sub", name_}, {"error", error.what()}});
        }
        if (!loaded) co_await engine_.parts.clock.sleep(backoff.next());
    }
}

bool Serving::spent(std::uint64_t attempts) const {
    auto const& options = caller_.options();
    if (!options.retry.enabled) return true;
    return options.on_failure == WebhookOptions::OnFailure::dead_letter && attempts > options.retry.count;
}

Task<void> Serving::deliver(std::shared_ptr<Serving> self, Next next) {
    auto const& taken = next.taken;
    auto const& options = self->caller_.options();
    auto& clock = self->engine_.parts.clock;
    Backoff backoff({options.retry.first, options.retry.most}, self->engine_.parts.chance);
    for (std::uint64_t attempts = 1;; ++attempts) {
        auto const nudges = self->nudged_.rings();
        auto const outcome = co_await self->attempt(next);
        if (!self->dispatcher_) co_return;
        if (outcome.taken) co_return self->settle(taken.id);
        self->note_failure(taken, outcome, attempts);
        auto const spent = self->spent(attempts);
        if (spent && options.on_failure == WebhookOptions::OnFailure::dead_letter) {
            auto const stored = co_await self->set_aside(taken.events, outcome, attempts);
            if (!self->dispatcher_) co_return;
            if (stored) co_return self->settle(taken.id);
        }
        if (spent && options.on_failure == WebhookOptions::OnFailure::block) {
            // One attempt was asked for: the next is made when somebody wants it.
            co_await self->nudged_.past(nudges);
            continue;
        }
        auto const asked = std::min(outcome.retry_after.value_or(0s), retry_after_max);
        auto const wait = std::max(backoff.next(), asked);
        if (auto const failure = self->failures_.find(taken.id); failure != self->failures_.end())
            failure->second.next_try = Time{clock.now().ns + wait.count()};
        co_await self->nudged_.past_until(nudges, clock, clock.instant() + wait);
    }
}

Task<CallOutcome> Serving::attempt(Next& next) {
    CallOutcome out;
    out.taken = true;
    try {
        if (!next.hooks) {
            auto preparing = caller_.prepare_one(wanted(next.taken.events));
            next.hooks = co_await std::move(preparing);
        }
        if (next.hooks->empty()) co_return out;
        auto work = caller_.call(*next.hooks);
        out = co_await std::move(work);
    } catch (const std::exception& error) {
        if (is_cancelled(error)) throw;
        out.taken = false;
        out.error = error.what();
    }
    co_return out;
}

Task<bool> Serving::set_aside(Events events, CallOutcome outcome, std::uint64_t attempts) {
    std::vector<DeadLetter> letters;
    auto const now = engine_.parts.clock.now();
    for (auto const& enriched : events) {
        auto const& event = enriched->event;
        if (set_aside_.contains(event.id)) continue;
        letters.push_back({0, subscription_, event.id, event.sequence, std::string(log::word(event.type)), event.topic,
                           event.reference, attempts, outcome.status, outcome.error, now, now});
    }
    try {
        auto closure = [ns = engine_.parts.ns, letters](store::Transaction& tx) {
            for (auto const& letter : letters) insert(tx, ns, letter);
        };
        co_await engine_.parts.database.write(std::move(closure));
    } catch (const std::exception& error) {
        if (is_cancelled(error)) throw;
        logging::warn("dead letter not written", {{"sub", name_}, {"error", error.what()}});
        co_return false;
    }
    logging::warn("webhook: event set aside", {{"sub", name_}, {"error", outcome.error}});
    co_return true;
}

void Serving::note_failure(const Dispatcher::Taken& taken, const CallOutcome& outcome, std::uint64_t attempts) {
    if (failures_.empty()) logging::warn("webhook does not take events", {{"sub", name_}, {"error", outcome.error}});
    auto& failure = failures_.try_emplace(taken.id).first->second;
    if (failure.attempts == 0) failure.since = engine_.parts.clock.now();
    failure.attempts = attempts;
    failure.status = outcome.status;
    failure.error = outcome.error;
    failure.event = taken.events.front()->event.id;
    failure.next_try.reset();
}

// Taken, or set aside.
void Serving::settle(const Uuid& id) {
    if (failures_.erase(id) > 0 && failures_.empty()) logging::info("webhook goes on", {{"sub", name_}});
    dispatcher_->ack(id);
}

void Serving::describe(WebhookStatus& status) const {
    if (!dispatcher_) return;
    status.serving = true;
    status.under_way = dispatcher_->window().in_flight();
    status.position = dispatcher_->position();
    if (failures_.empty()) return;
    // Event ids carry their place in the timeline only in their tail: the window knows what is oldest.
    auto const* oldest = &failures_.begin()->second;
    for (auto const& id : dispatcher_->window().under_way()) {
        auto const found = failures_.find(id);
        if (found == failures_.end()) continue;
        oldest = &found->second;
        break;
    }
    auto since = oldest->since;
    for (auto const& [id, failure] : failures_) since = std::min(since, failure.since);
    status.failing =
        WebhookStatus::Failing{since, oldest->attempts, oldest->status, oldest->error, oldest->event, oldest->next_try};
}

// ---- all of them ----

class Webhooks::Hook final : public Candidate {
  public:
    Hook(Webhooks& hooks, std::string name) : hooks_(hooks), name_(std::move(name)) {
        hooks_.engine_.durables.join(name_, *this);
    }
    ~Hook() override { hooks_.engine_.durables.leave(name_, *this); }

    Transport transport() const override { return Transport::webhooks; }
    void serve(const Durable& durable) override;
    void stop() override {
        if (serving_) serving_->stop();
        serving_.reset();
    }
    Serving* serving() const { return serving_.get(); }

  private:
    Webhooks& hooks_;
    std::string name_;
    std::shared_ptr<Serving> serving_;
};

void Webhooks::Hook::serve(const Durable& durable) {
    stop();
    if (!hooks_.scope_ || !hooks_.engine_.parts.web) return;
    auto parsed = parse_webhook_options(json::Value{durable.row.options});
    if (!parsed) {
        logging::error("subscription not served", {{"sub", name_}, {"error", parsed.error().message()}});
        return;
    }
    auto dispatch = durable.row.dispatch_options();
    if (parsed->fastack && !dispatch.batch)
        dispatch.read_ahead = std::clamp(dispatch.read_ahead, parallel_calls_min - 1, parallel_calls_max - 1);
    auto fresh = std::make_shared<Serving>(hooks_.engine_, durable, std::move(*parsed), hooks_.executor_);
    if (!hooks_.scope_->spawn(Serving::join(fresh))) return;  // everything is about to end
    if (!hooks_.open_) fresh->pause();
    serving_ = std::move(fresh);
    serving_->begin(durable, dispatch);
}

Webhooks::Webhooks(const Delivery::Parts& parts, Tail& tail, Durables& durables) : engine_{parts, tail, durables} {}
Webhooks::~Webhooks() = default;

Task<void> Webhooks::run() {
    executor_ = co_await asio::this_coro::executor;
    Scope scope(executor_, {.name = "webhooks"});
    struct Running {
        Webhooks& hooks;
        explicit Running(Webhooks& of, Scope& in) : hooks(of) { hooks.scope_ = &in; }
        ~Running() {
            hooks.scope_ = nullptr;
            for (auto const& [name, hook] : hooks.hooks_) hook->stop();
        }
    };
    Running const running(*this, scope);
    for (auto const& [name, hook] : hooks_) {
        if (auto const* durable = engine_.durables.find_by_name(name)) engine_.durables.serve_anew(durable->row.id);
    }
    Gate never;
    auto waiting = never.passed();
    co_await scope.join(std::move(waiting));
}

void Webhooks::add(const std::string& name) {
    auto& hook = hooks_[name];
    if (!hook) hook = std::make_unique<Hook>(*this, name);
}

void Webhooks::remove(const std::string& name) { hooks_.erase(name); }

void Webhooks::refuse_new() {
    open_ = false;
    for (auto const& [name, hook] : hooks_) {
        if (hook->serving()) hook->serving()->pause();
    }
}

void Webhooks::describe(const std::string& name, WebhookStatus& status) const {
    auto const hook = hooks_.find(name);
    if (hook != hooks_.end() && hook->second->serving()) hook->second->serving()->describe(status);
}

bool Webhooks::retry_now(const std::string& name) {
    auto const hook = hooks_.find(name);
    if (hook == hooks_.end() || !hook->second->serving()) return false;
    hook->second->serving()->retry_now();
    return true;
}

}  // namespace lockstep::delivery
