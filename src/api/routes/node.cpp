// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What operators ask a node: outside the API of the namespaces.
#include "api/list.hpp"
#include "async/deadline.hpp"
#include "core/json.hpp"
#include "delivery/errors.hpp"

namespace lockstep::api {

namespace {

Task<Result<Answer>> metrics(const Call& call) {
    co_return Answer{200, call.services.metrics(), "text/plain; version=0.0.4; charset=utf-8"};
}

Task<Result<Answer>> live(const Call& call) {
    json::Writer writer;
    writer.begin_object().key("live").boolean(true).field("version", call.services.version).end_object();
    co_return Answer{200, writer.take()};
}

Task<Result<Answer>> ready(const Call& call) {
    auto const ready = call.services.ready();
    json::Writer writer;
    writer.begin_object().key("ready").boolean(ready).end_object();
    co_return Answer{ready ? 200 : 503, writer.take()};
}

// The page that an operator keeps open: each cursor against its feed, the ledger, and each peer.
Task<Result<Answer>> stages(const Call& call) {
    auto& services = call.services;
    json::Writer writer;
    writer.begin_object().field("version", services.version).key("stages").begin_array();
    for (auto const& stage : services.stages()) {
        writer.begin_object()
            .field("name", stage.name)
            .key("position")
            .number(stage.position)
            .key("newest")
            .number(stage.newest);
        writer.key("lag")
            .number(std::max<std::int64_t>(stage.newest - stage.position, 0))
            .key("retries")
            .unsigned_number(stage.retries);
        writer.field_if("lastError", stage.last_error).end_object();
    }
    auto const& chain = services.follower.status();
    writer.end_array().key("ledger").begin_object().key("block").number(chain.block).key("head").number(chain.head);
    writer.key("retries").unsigned_number(chain.retries).field_if("lastError", chain.last_error).end_object();
    auto const submitter = services.submitter.status();
    writer.key("submissions")
        .begin_object()
        .key("pending")
        .unsigned_number(submitter.pending)
        .key("sent")
        .unsigned_number(submitter.sent);
    writer.key("refused").unsigned_number(submitter.refused).key("retries").unsigned_number(submitter.retries);
    writer.field_if("lastError", submitter.last_error)
        .end_object()
        .key("messagesWaiting")
        .unsigned_number(services.batcher.waiting());
    writer.key("payloadsWanted").unsigned_number(services.exchange.wanted()).key("peers").begin_array();
    for (auto const& status : services.exchange.status()) {
        writer.begin_object()
            .field("id", status.peer.id)
            .field("endpoint", status.peer.endpoint)
            .key("connected")
            .boolean(status.connected);
        writer.key("queued").unsigned_number(status.queued).key("sent").unsigned_number(status.sent);
        writer.key("received").unsigned_number(status.received).field_if("lastError", status.last_error).end_object();
    }
    writer.end_array().end_object();
    co_return Answer{200, writer.take()};
}

Task<Result<Answer>> faults(const Call& call) {
    if (!call.services.faults) co_return refuse(errors::not_found);
    auto task = call.services.faults(call.body, std::string(call.request.headers.get("Authorization")));
    auto json = co_await within(call.services.clock, call.deadline - call.services.clock.instant(), std::move(task));
    if (!json) co_return json.error();
    co_return Answer{200, std::move(*json)};
}

}  // namespace

Routes node_routes() {
    return under("Node", {
                             route("GET", "metrics", "Metrics in Prometheus' text format", metrics).at_root(),
                             route("GET", "status/live", "Answers while the loop turns", live).at_root(),
                             route("GET", "status/ready", "503 until the stages have caught up", ready).at_root(),
                             route("GET", "status/stages", "Each stage's position against its feed", stages).at_root(),
                             route("POST", "dev/faults", "Disturbs links and ledger", faults).at_root(),
                         });
}

}  // namespace lockstep::api
