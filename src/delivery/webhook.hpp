// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Webhooks: the second dispatcher of the engine. For each webhooks subscription there is a candidate which serves it
// while it exists; a serving is a dispatcher and the coroutines that call for it.
//
// Invariants
//   1. Only what the endpoint has taken (2xx; with reply any answer) is acknowledged, or what was stored as a dead
//      letter before. The position is therefore the highest contiguous event that was taken or set aside.
//   2. Calls are serial, in the order of the events, unless `fastack`: then as many as parallel_calls are under way.
//   3. A dead endpoint holds up its own subscription and nothing else.
//
//     take ─▶ prepare ─▶ call ──2xx──▶ ack
//                         ▲ │ otherwise
//                         │ ▼
//                        wait ──tries used up, onFailure: deadLetter──▶ dead letter ─▶ ack
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "async/scope.hpp"
#include "delivery/dispatcher.hpp"
#include "delivery/durables.hpp"
#include "delivery/webhook_caller.hpp"

namespace lockstep::delivery {

// How many calls of one subscription are under way with fastack: 1 + readAhead within these.
inline constexpr std::size_t parallel_calls_min = 32, parallel_calls_max = 256;
// How many calls are prepared with one look at the database, when so many events are there.
inline constexpr std::size_t calls_prepared_max = 32;
// What an endpoint may ask for with Retry-After.
inline constexpr Duration retry_after_max = 1h;

struct WebhookEngine {
    const Delivery::Parts& parts;
    Tail& tail;
    Durables& durables;
};

// One stretch of serving. Its coroutines hold it; stop() ends them soon after, and nothing is reported any more.
class Serving final : public Dispatcher::Owner, public std::enable_shared_from_this<Serving> {
  public:
    Serving(WebhookEngine& engine, const Durable& durable, WebhookOptions options, Executor executor);

    void begin(const Durable& durable, const DispatchOptions& options);
    void stop();
    // Takes nothing new; what is under way goes on.
    void pause() { paused_ = true; }
    void retry_now() { nudged_.ring(); }
    // To be running before begin(). Until the coroutines have ended.
    static Task<void> join(std::shared_ptr<Serving> serving);

    void ready() override { ready_.ring(); }
    void moved(Offset position, bool acknowledged) override;

    void describe(WebhookStatus& status) const;

  private:
    struct Failure {
        Time since;
        std::uint64_t attempts = 0;
        int status = 0;
        std::string error;
        Uuid event;
        std::optional<Time> next_try;
    };
    using Events = WebhookCaller::Events;
    // To be called for: what it acknowledges, and what it is sent with once that is known.
    struct Next {
        Dispatcher::Taken taken;
        std::optional<std::vector<HookEvent>> hooks;
    };

    static Task<void> begun(std::shared_ptr<Serving> self);
    static Task<void> live(std::shared_ptr<Serving> self);
    static Task<void> deliver(std::shared_ptr<Serving> self, Next next);
    std::vector<Next> take_ready();
    Task<void> prepare(std::vector<Next>& calls);
    Events wanted(const Events& events) const;
    Task<void> load_set_aside();
    Task<CallOutcome> attempt(Next& next);
    Task<bool> set_aside(Events events, CallOutcome outcome, std::uint64_t attempts);
    void note_failure(const Dispatcher::Taken& taken, const CallOutcome& outcome, std::uint64_t attempts);
    void settle(const Uuid& id);
    bool spent(std::uint64_t attempts) const;

    WebhookEngine& engine_;
    Uuid subscription_;
    std::string name_;
    Offset from_;
    WebhookCaller caller_;
    std::unique_ptr<Dispatcher> dispatcher_;  // null when stopped
    Scope calls_;
    Gate begun_;
    Tap ready_, nudged_;
    bool paused_ = false;
    std::uint64_t stamp_ = 0;
    std::set<Uuid> set_aside_;          // dead letters beyond the position where this began
    std::map<Uuid, Failure> failures_;  // of calls that failed and are not settled, by what is acknowledged
};

class Webhooks {
  public:
    Webhooks(const Delivery::Parts& parts, Tail& tail, Durables& durables);
    ~Webhooks();

    // Serves; returns only by cancellation.
    Task<void> run();

    // There is a webhooks subscription of this name from now on, or no longer. After a change of it durables tell.
    void add(const std::string& name);
    void remove(const std::string& name);
    void refuse_new();

    void describe(const std::string& name, WebhookStatus& status) const;
    // False when it is not served.
    bool retry_now(const std::string& name);

  private:
    class Hook;

    WebhookEngine engine_;
    Scope* scope_ = nullptr;  // while it runs
    Executor executor_;
    bool open_ = true;
    std::map<std::string, std::unique_ptr<Hook>> hooks_;
};

}  // namespace lockstep::delivery
