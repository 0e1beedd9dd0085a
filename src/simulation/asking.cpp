// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Requests, and the webhooks that answer them.
#include "async/deadline.hpp"
#include "core/json.hpp"
#include "delivery/errors.hpp"
#include "messaging/errors.hpp"
#include "simulation/workload.hpp"

namespace lockstep::simulation {

namespace {

constexpr Duration patience = 30s;

// True when the reply that the call came back with is one to that request.
Task<bool> is_reply(Node& node, Uuid request, Uuid reply) {
    auto find = [ns = node.member().profile().ns, reply](store::Snapshot& snapshot) {
        return messaging::find_message(snapshot, ns, reply);
    };
    auto const row = co_await node.member().database().read(std::move(find));
    co_return row && row->message.header.cid == request && row->message.header.tag == answer_tag;
}

}  // namespace

Task<void> ask(Workload& work, Node& node) {
    auto const index = node.plan().index;
    auto const all = static_cast<int>(work.asked.size());
    auto& asked = work.asked[static_cast<std::size_t>(index)];
    for (;;) {
        auto const seen = work.more.rings();
        if (asked >= work.asks_each) {
            co_await work.more.past(seen);
            continue;
        }
        auto const other = (index + 1 + asked % (all - 1)) % all;
        auto const key = "ask-" + std::to_string(index) + "-" + std::to_string(asked);
        std::set<int> const members{index, other};
        std::vector<std::string> const topics{"asks-" + std::to_string(*members.begin()) + "-" +
                                              std::to_string(*members.rbegin())};
        messaging::MessageInput input;
        input.topics = topics;
        input.tag = std::string(ask_tag);
        input.idempotency_key = key;
        input.recipients = registry::GroupInput{};
        for (auto const member : members) input.recipients->members.push_back({"org_" + std::to_string(member), ""});
        input.data.push_back({});
        input.data.back().value = "{\"ask\":\"" + key + "\"}";
        auto const accept = [&](const MessageHeader& header) {
            work.book.by_key[key] = {header.id, topics, members, std::nullopt, true};
            work.book.of_members[header.group->text()] = members;
            work.book.of_members[topics[0]] = members;
            ++asked;
        };
        try {
            auto& sender = node.member().sender();
            auto const services = node.member().services();
            auto const id = sender.new_id();
            sequencer::Settled::Request request(services.settled, id);
            auto sending = sender.private_message(std::move(input), id);
            auto const answer = co_await std::move(sending);
            if (answer) {
                accept(answer->message.header);
                auto const deadline = work.clock.instant() + patience;
                for (auto woken = Woken::rung; !request.answer() && woken != Woken::timed_out;)
                    woken = co_await request.news(work.clock, deadline);
                ++(request.answer() ? work.book.answered : work.book.unanswered);
                auto const is_good = !request.answer() || co_await is_reply(node, id, *request.answer());
                if (!is_good) work.book.faults.push_back("the reply to " + key + " is none");
            } else if (answer.error().is(errors::idempotency_key_used)) {
                auto find = [ns = node.member().profile().ns, key](store::Snapshot& snapshot) {
                    return messaging::find_message_by_key(snapshot, ns, key);
                };
                auto const row = co_await node.member().database().read(std::move(find));
                if (row) accept(row->message.header);
            }
        } catch (const std::exception& error) {
            if (is_cancelled(error)) throw;
        }
        co_await work.clock.sleep(Duration{static_cast<std::int64_t>(work.chance.below(700'000'000))});
    }
}

Task<void> keep_hooks(Workload& work, Node& node) {
    auto const retry =
        std::string(R"("retry":{"initialDelay":"50ms","maxDelay":"1s"},"firstEvent":"oldest","readAhead":20,"url":")");
    std::vector<std::string> const wanted{
        R"({"name":"hook","transport":"webhooks","filter":{"events":"message_.*"},"options":{"withData":false,)" +
            retry + std::string(hearing_url) + R"("}})",
        R"({"name":"answers","transport":"webhooks","filter":{"events":"message_confirmed","message":{"tag":"^)" +
            std::string(ask_tag) + R"($"}},"options":{"reply":true,"replytag":")" + std::string(answer_tag) + "\"," +
            retry + std::string(answering_url) + R"("}})"};
    for (std::size_t made = 0; made < wanted.size();) {
        try {
            auto const created = co_await node.member().delivery().create(wanted[made]);
            if (created || created.error().is(errors::name_taken)) {
                ++made;
                continue;
            }
            node.heard.faults.push_back("a webhook is refused: " + created.error().message());
            co_return;
        } catch (const std::exception& error) {
            if (is_cancelled(error)) throw;
        }
        co_await work.clock.sleep(200ms);
    }
}

}  // namespace lockstep::simulation
