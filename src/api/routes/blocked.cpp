// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What people do about what waits: see it, have it tried again, and reject what nobody may confirm.
#include "api/blocked.hpp"

#include "api/body.hpp"
#include "api/confirm.hpp"
#include "api/errors.hpp"
#include "core/json.hpp"
#include "delivery/delivery.hpp"
#include "delivery/errors.hpp"
#include "messaging/errors.hpp"
#include "registry/refusals.hpp"

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

// Of a context that waits for a key: all that the key has pinned so far is rejected, by a definition that this member
// sends.
Task<Result<Answer>> reject_blocked(const Call& call) {
    json::Value const body{call.body};
    CO_TRY(auto reason, text_member(body, "reason"));
    if (reason.empty()) co_return refuse(errors::required_field, {{"field", "reason"}});
    if (reason.size() > registry::refusal_reason_max) {
        auto const limit = std::to_string(registry::refusal_reason_max);
        co_return refuse(errors::reason_too_long, {{"limit", limit}});
    }
    auto const context = call.parameter("kind") == "context" ? Hash::parse(call.parameter("id")) : std::nullopt;
    if (!context) co_return refuse(errors::not_found);
    auto look = [ns = call.facts->ns, context = *context](store::Snapshot& snapshot) {
        std::optional<sequencer::Blockage> found;
        for (auto& blockage : sequencer::blockages(snapshot, ns, blocked_lines_max)) {
            if (!found && blockage.context == context) found = std::move(blockage);
        }
        return found;
    };
    auto const waiting = co_await call.services.database.read(std::move(look));
    if (!waiting) co_return refuse(errors::not_found);
    auto const& key = waiting->refusable_key;
    if (!key) co_return refuse(errors::not_to_be_rejected, {{"reason", sequencer::word(waiting->reason)}});

    auto& services = call.services;
    auto const message = services.sender.new_id();
    sequencer::Settled::Watch watch(services.settled, message);
    auto sent = services.sender.refuse_key(*key, std::move(reason), message);
    auto const row = co_await std::move(sent);
    if (!row) co_return row.error();
    if (call.flag("confirm")) {
        auto const done = co_await confirmed(call, watch, message);
        if (!done) co_return done.error();
    }
    json::Writer writer;
    writer.begin_object().field("key", *key).field("message", message.text()).end_object();
    co_return Answer{call.flag("confirm") ? 200 : 202, writer.take()};
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
                  route("POST", "status/blocked/{kind}/{id}/reject",
                        "Rejects what a key that nobody has registered has pinned so far, at every member",
                        reject_blocked)
                      .takes("BlockedReject")
                      .gives("KeyRefusal", {202, 200})
                      .with({confirm}),
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
