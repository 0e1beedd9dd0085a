// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What a webhook is told, and what its answer means (firefly-core.md 13.2, 13.3). Pure.
//
// Where the original sends an empty object instead of a value that is no object, the value is sent: {"value":7},
// and with input.body the value itself. Path segments "." and ".." that come from data are left out, and so are
// headers from data that would frame the message anew.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/message.hpp"
#include "core/positions.hpp"
#include "delivery/webhook_options.hpp"
#include "net/http.hpp"

namespace lockstep::delivery {

// One event on its way to a webhook.
struct HookEvent {
    Uuid id;
    Offset sequence{-1};
    std::string delivery;             // the delivery object, JSON
    std::vector<std::string> values;  // of its message's data, without nulls; empty when none are wanted
    std::optional<MessageHeader> message;
};

struct HookCall {
    std::string method, url;
    net::Headers headers;
    std::string body;
};

// `batch`: the body is an array of what each event would be sent as alone; `input` does not count then.
// At least one event.
HookCall make_hook_call(const WebhookOptions& options, const std::vector<HookEvent>& events, bool batch);

// Tells one call from others for the receiver, the same each time it is tried: the header webhook-id.
std::string hook_call_id(const Uuid& subscription, const std::vector<HookEvent>& events);

// "batch_pin" or "unpinned": of the reply to this event.
std::string reply_tx_type(const WebhookOptions& options, const HookEvent& event);

// {"status","headers","body"}: headers by name in Go's spelling, the first of each; the body as JSON when it says
// so or `json` is set, otherwise base64 as a text. FF10257.
Result<std::string> hook_answer_object(const WebhookOptions& options, const net::Response& response);
// The same for what is no answer: status 502 and {"error"}.
std::string failed_answer_object(std::string_view reason);

// What Retry-After asks for: seconds or a date. Nothing when there is none, or it is neither.
std::optional<Duration> retry_after(const net::Response& response, Time now);

}  // namespace lockstep::delivery
