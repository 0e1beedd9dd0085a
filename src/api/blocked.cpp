// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/blocked.hpp"

#include <algorithm>

#include "core/json.hpp"
#include "delivery/delivery.hpp"
#include "messaging/rows.hpp"
#include "net/http.hpp"

namespace lockstep::api {

namespace {

std::string path_of(const Call& call, const std::string& path) {
    return "/api/v1/namespaces/" + call.facts->namespace_name + "/" + path;
}

BlockedAction action_on(const Call& call, const BlockedLine& line, const std::string& name) {
    return {name, "POST",
            path_of(call, "status/blocked/" + line.kind + "/" + net::percent_encode(line.id) + "/" + name), ""};
}

BlockedLine of_context(const Call& call, const sequencer::Blockage& blockage) {
    BlockedLine line;
    line.kind = "context";
    line.id = blockage.context.text();
    line.topic = blockage.topic;
    if (blockage.group) line.group = blockage.group->text();
    line.reason = sequencer::word(blockage.reason);
    line.missing = blockage.missing;
    line.detail = blockage.detail;
    line.since = blockage.since;
    line.behind = blockage.behind;
    if (blockage.pin != 0) {
        json::Writer body;
        body.begin_object().key("sequence").number(blockage.pin).end_object();
        line.actions.push_back({"rewind", "POST", path_of(call, "pins/rewind"), body.take()});
    }
    line.actions.push_back(action_on(call, line, "retry"));
    if (blockage.refusable_key) line.actions.push_back(action_on(call, line, "reject"));
    return line;
}

struct Stored {
    std::vector<sequencer::Blockage> contexts;
    std::vector<transactions::WaitingAccount> accounts;
    std::vector<std::optional<Time>> peers;  // since when the oldest document waits
    Offset newest_event;
};

std::optional<BlockedLine> of_peer(const swarm::PeerStatus& peer, std::optional<Time> since, Time now) {
    if (peer.queued == 0) return std::nullopt;
    if (peer.connected && (!since || now.ns - since->ns < blocked_after.count())) return std::nullopt;
    BlockedLine line;
    line.kind = "peer";
    line.id = peer.peer.id;
    line.reason = "peer";
    line.missing = peer.peer.endpoint;
    line.detail = peer.connected ? "it is connected and does not acknowledge what was sent" : "it is not connected";
    if (!peer.last_error.empty()) line.detail += ": " + peer.last_error;
    line.since = since;
    line.behind = static_cast<std::int64_t>(peer.queued);
    return line;
}

std::optional<BlockedLine> of_signer(const transactions::WaitingAccount& account,
                                     const transactions::SubmitterStatus& status,
                                     Time now) {
    if (now.ns - account.since.ns < blocked_after.count()) return std::nullopt;
    BlockedLine line;
    line.kind = "signer";
    line.id = account.account;
    line.reason = "pin";
    line.missing = "a block of the ledger";
    line.detail = "its pins are in no confirmed block";
    if (!status.last_error.empty()) line.detail += "; the ledger said: " + status.last_error;
    line.since = account.since;
    line.behind = account.waiting;
    return line;
}

std::optional<BlockedLine> of_webhook(const delivery::WebhookStatus& webhook, Offset newest) {
    if (!webhook.failing) return std::nullopt;
    auto const& failing = *webhook.failing;
    BlockedLine line;
    line.kind = "subscription";
    line.id = webhook.subscription.text();
    line.reason = "endpoint";
    line.missing = webhook.url;
    line.detail = webhook.name + " was tried " + std::to_string(failing.attempts) + " times: " + failing.error;
    line.detail += failing.next_try ? "; again at " + failing.next_try->text() : "; not again until somebody acts";
    line.since = failing.since;
    line.behind = std::max<std::int64_t>(newest.value - webhook.position.value - 1, 0);
    return line;
}

}  // namespace

Task<std::vector<BlockedLine>> blocked_lines(const Call& call) {
    auto const peers = call.services.exchange.status();
    auto look = [facts = call.facts, &peers](store::Snapshot& snapshot) {
        Stored stored;
        stored.contexts = sequencer::blockages(snapshot, facts->ns, blocked_lines_max);
        stored.accounts = transactions::Submitter::waiting_accounts(snapshot, facts->ns);
        stored.newest_event = facts->timeline.newest(snapshot);
        for (auto const& peer : peers) {
            auto& since = stored.peers.emplace_back();
            if (peer.queued == 0) continue;
            auto const payload = swarm::Exchange::oldest_queued(snapshot, facts->ns, peer.peer.id);
            auto const batch = payload ? messaging::find_batch_by_payload(snapshot, facts->ns, *payload) : std::nullopt;
            if (batch) since = batch->batch.created;
        }
        return stored;
    };
    auto const stored = co_await call.services.database.read(std::move(look));
    auto const now = call.services.clock.now();
    std::vector<BlockedLine> lines;
    for (auto const& blockage : stored.contexts) lines.push_back(of_context(call, blockage));
    auto const add = [&](std::optional<BlockedLine> line) {
        if (!line) return;
        line->actions = {action_on(call, *line, "retry")};
        lines.push_back(std::move(*line));
    };
    for (std::size_t i = 0; i < peers.size(); ++i) add(of_peer(peers[i], stored.peers[i], now));
    auto const submitter = call.services.submitter.status();
    for (auto const& account : stored.accounts) add(of_signer(account, submitter, now));
    for (auto const& webhook : call.services.delivery.webhooks()) add(of_webhook(webhook, stored.newest_event));
    co_return lines;
}

std::string blocked_json(const std::vector<BlockedLine>& lines) {
    json::Writer writer;
    writer.begin_object().key("blocked").begin_array();
    for (auto const& line : lines) {
        writer.begin_object().field("kind", line.kind).field("id", line.id);
        writer.field_if("topic", line.topic).field_if("group", line.group);
        writer.field("reason", line.reason).field_if("missing", line.missing).field("detail", line.detail);
        if (line.since) writer.field("since", line.since->text());
        writer.key("behind").number(line.behind).key("actions").begin_array();
        for (auto const& action : line.actions) {
            writer.begin_object().field("name", action.name).field("method", action.method).field("path", action.path);
            if (!action.body.empty()) writer.key("body").raw(action.body);
            writer.end_object();
        }
        writer.end_array().end_object();
    }
    writer.end_array().end_object();
    return writer.take();
}

}  // namespace lockstep::api
