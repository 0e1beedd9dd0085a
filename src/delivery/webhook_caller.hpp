// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// One call of a webhook: what the events are sent with, the signed request, the answer, and the reply that is made
// of it. It knows nothing of trying again.
//
// Of a reply: its idempotency key is made of subscription and event, and the call is left out when a message with
// that key is stored. So a crash anywhere between the call and the position repeats no reply, and loses none.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "delivery/delivery.hpp"
#include "delivery/webhook_request.hpp"

namespace lockstep::delivery {

struct CallOutcome {
    bool taken = false;  // 2xx; with reply any answer that was replied with
    int status = 0;      // 0: there was no answer
    std::string error;   // why it was not taken
    std::optional<Duration> retry_after;
};

inline constexpr std::size_t prepared_bytes_max = 1 << 20;

class WebhookCaller {
  public:
    // `parts` outlives it, and has a web client. `options` are those of the row.
    WebhookCaller(const Delivery::Parts& parts, const SubscriptionRow& row, WebhookOptions options);

    const WebhookOptions& options() const { return options_; }

    using Events = std::vector<std::shared_ptr<const EnrichedEvent>>;
    // What the events of each call are sent with, in one look at the database; without events that need no call (with
    // reply: a message that answers another). Of fewer calls, but of the first, when it comes to prepared_bytes_max.
    Task<std::vector<std::vector<HookEvent>>> prepare(std::vector<Events> calls);
    Task<std::vector<HookEvent>> prepare_one(Events events);
    // Never throws but for cancellation. At least one event; they stay the caller's until it ends.
    Task<CallOutcome> call(const std::vector<HookEvent>& events);

  private:
    Task<std::vector<HookEvent>> without_replied(std::vector<HookEvent> events);
    Task<CallOutcome> call_and_reply(const std::vector<HookEvent>& events);
    Task<CallOutcome> exchange(const std::vector<HookEvent>& events);
    Task<void> reply(const HookEvent& event, std::string answer);
    bool replies() const { return options_.reply && parts_.replier; }
    bool needs_message(const EnrichedEvent& event) const;
    std::string reply_key(const HookEvent& event) const;
    net::WebRequest request_of(const std::vector<HookEvent>& events) const;

    const Delivery::Parts& parts_;
    WebhookOptions options_;
    Uuid subscription_;
    bool batch_;
    std::string reference_;  // {"id","namespace","name"}
    std::vector<Bytes> secrets_;
};

}  // namespace lockstep::delivery
