// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What people do about what waits: see it, and have it tried again.
#include "api/blocked.hpp"

#include "api/errors.hpp"
#include "core/json.hpp"
#include "delivery/delivery.hpp"
#include "delivery/errors.hpp"
#include "messaging/errors.hpp"

namespace lockstep::api {

namespace {

Task<Result<Answer>> blocked(const Call& call) {
    auto const lines = co_await blocked_lines(call);
    co_return Answer{200, blocked_json(lines)};
}

Task<bool> retry(const Call& call, const std::string& kind, const std::string& id) {
    auto& services = call.services;
    if (kind == "peer") co_return services.exchange.reconnect(id);
    if (kind == "signer") {
        if (!services.submitter.can_sign(id)) co_return false;
        services.submitter.resend();
        co_return true;
    }
    if (kind == "subscription") {
        auto const subscription = Uuid::parse(id);
        co_return subscription&& services.delivery.retry_now(*subscription);
    }
    auto const context = Hash::parse(id);
    if (kind != "context" || !context) co_return false;
    sequencer::RewindTarget target;
    target.context = *context;
    auto const found = co_await services.rewind(target);
    co_return found.has_value();
}

Task<Result<Answer>> retry_blocked(const Call& call) {
    auto const tried = co_await retry(call, call.parameter("kind"), call.parameter("id"));
    if (!tried) co_return refuse(errors::not_found);
    co_return Answer{202, "{}"};
}

// firefly-core.md 8.9. A pin that is settled already is found, and nothing happens to it.
Task<Result<Answer>> rewind_pins(const Call& call) {
    json::Value const body{call.body};
    sequencer::RewindTarget target;
    target.pin = body["sequence"].as_int();
    if (!body["batch"].is_null()) {
        auto const text = body["batch"].as_string().value_or("");
        target.batch = Uuid::parse(text);
        if (!target.batch) co_return refuse(errors::bad_uuid, {{"field", "batch"}, {"value", text}});
        target.pin.reset();
    }
    if (!target.pin && !target.batch) co_return refuse(errors::rewind_of_nothing);
    auto const found = co_await call.services.rewind(target);
    if (!found) co_return refuse(errors::not_found);
    json::Writer writer;
    writer.begin_object();
    if (target.pin) writer.key("sequence").number(*target.pin);
    if (found->batch) writer.field("batch", found->batch->text());
    writer.end_object();
    co_return Answer{200, writer.take()};
}

}  // namespace

Routes blocked_routes() {
    return join({
        under("Status",
              {
                  route("GET", "status/blocked", "Tells what waits, why, since when, and what can be done", blocked)
                      .gives("Blocked"),
                  route("POST", "status/blocked/{kind}/{id}/retry", "Tries what waits again, now", retry_blocked)
                      .gives("Any", {202}),
              }),
        under("Batches",
              {
                  route("POST", "pins/rewind", "Looks again at the messages of a pin or a batch", rewind_pins)
                      .takes("PinRewind")
                      .gives("PinRewind"),
              }),
    });
}

}  // namespace lockstep::api
