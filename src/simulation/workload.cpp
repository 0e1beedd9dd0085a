// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "simulation/workload.hpp"

#include <algorithm>

#include "async/deadline.hpp"
#include "core/json.hpp"
#include "delivery/errors.hpp"
#include "messaging/errors.hpp"
#include "registry/groups.hpp"

namespace lockstep::simulation {

namespace {

// The same key makes the same message, so that a repeated try is the same request.
messaging::MessageInput input_of(const std::string& key, const std::vector<std::string>& topics) {
    messaging::MessageInput input;
    input.topics = topics;
    input.tag = "sim";
    input.idempotency_key = key;
    messaging::DataInput data;
    data.value = "{\"key\":\"" + key + "\",\"text\":\"" + std::string(key.size() * 7 % 120, 'x') + "\"}";
    input.data.push_back(std::move(data));
    return input;
}

// Who this one is for: every third is for a group, with the sender in it.
std::set<int> members_of(const Workload& work, int member, int number) {
    std::set<int> members;
    if (number % 3 != 1) return members;
    members.insert(member);
    auto const all = static_cast<int>(work.done.size());
    for (int other = 0; other < all; ++other) {
        if (((number / 3 + member * 5) >> (other % 3)) % 2 == 0) members.insert(other);
    }
    return members;
}

std::vector<std::string> topics_of_group(const std::set<int>& members, int number) {
    std::string name = "group";
    for (auto const member : members) name += "-" + std::to_string(member);
    if (number % 9 == 4) return {std::string(loose) + name};
    std::vector<std::string> topics{name + (number % 2 ? "-a" : "-b")};
    if (number % 4 == 0) topics.push_back(name + "-c");
    return topics;
}

registry::GroupInput group_of(const std::set<int>& members) {
    registry::GroupInput group;
    for (auto const member : members) group.members.push_back({"org_" + std::to_string(member), ""});
    return group;
}

std::vector<std::string> topics_of(const Workload& work, int member, int number) {
    auto const count = work.topics.size();
    auto const first = static_cast<std::size_t>(member * 31 + number * 7) % count;
    std::vector<std::string> topics{work.topics[first]};
    if (number % 5 == 0 && count > 1) topics.push_back(work.topics[(first + 1) % count]);
    return topics;
}

// Every fourth message has a blob, some longer than one question for a part of it.
std::string blob_of(const std::string& key, int number) {
    if (number % 4 != 2) return "";
    auto const size = number % 32 == 6 ? 600'000 : 1'000 + number * 7'919 % 90'000;
    std::string bytes(static_cast<std::size_t>(size), 'b');
    return bytes.replace(0, key.size(), key);
}

// As a client uploads it; then a message may name it.
Task<Hash> bring_blob(Node& node, std::string bytes) {
    auto& blobs = node.member().blobs();
    auto draft = co_await blobs.upload();
    auto const size = bytes.size();
    co_await draft->add(std::move(bytes));
    auto const hash = co_await draft->finish();
    auto const hold = co_await blobs.publish(std::move(draft), hash);
    messaging::DataInput nothing_else;
    auto const stored = co_await node.member().sender().store_blob(std::move(nothing_else), hash, size);
    if (!stored) throw std::runtime_error(stored.error().message());
    co_return hash;
}

}  // namespace

Task<void> send_messages(Workload& work, Node& node) {
    auto const index = node.plan().index;
    auto& done = work.done[static_cast<std::size_t>(index)];
    for (;;) {
        auto const seen = work.more.rings();
        if (done >= work.messages_each) {
            co_await work.more.past(seen);
            continue;
        }
        auto const key = "m" + std::to_string(index) + "-" + std::to_string(done);
        auto const members = members_of(work, index, done);
        auto const topics = members.empty() ? topics_of(work, index, done) : topics_of_group(members, done);
        auto input = input_of(key, topics);
        if (!members.empty()) input.recipients = group_of(members);
        if (is_loose(topics)) input.txtype = word(TxType::unpinned);
        std::string trouble;
        std::optional<Hash> blob;
        try {
            if (auto bytes = blob_of(key, done); !bytes.empty()) {
                blob = co_await bring_blob(node, std::move(bytes));
                messaging::DataInput data;
                data.has_blob = true;
                data.blob_hash = blob;
                input.data.push_back(std::move(data));
            }
            auto& sender = node.member().sender();
            auto sending = members.empty() ? sender.broadcast(std::move(input), sender.new_id())
                                           : sender.private_message(std::move(input), sender.new_id());
            auto const answer = co_await std::move(sending);
            if (answer) {
                work.book.by_key[key] = {answer->message.header.id, topics, members, blob};
                if (!members.empty()) {
                    work.book.of_members[answer->message.header.group->text()] = members;
                    for (auto const& topic : topics) work.book.of_members[topic] = members;
                }
                ++work.book.sent;
                ++done;
            } else if (answer.error().is(errors::idempotency_key_used)) {
                // The try before was stored, and died before it was answered. Its id is in the row.
                auto find = [ns = node.member().profile().ns, key](store::Snapshot& snapshot) {
                    return messaging::find_message_by_key(snapshot, ns, key);
                };
                auto const row = co_await node.member().database().read(std::move(find));
                if (!row) {
                    work.book.faults.push_back("the idempotency key " + key +
                                               " is used by a message that is not there");
                    co_return;
                }
                work.book.by_key[key] = {row->message.header.id, topics, members, blob};
                if (row->message.header.group) {
                    work.book.of_members[row->message.header.group->text()] = members;
                    for (auto const& topic : topics) work.book.of_members[topic] = members;
                }
                ++work.book.doubtful;
                ++done;
            } else {
                trouble = answer.error().message();
                ++work.book.refused;
            }
        } catch (const std::exception& error) {
            if (is_cancelled(error)) throw;
            trouble = error.what();
        }
        auto const most = trouble.empty() ? static_cast<std::uint64_t>(work.pace.count()) : 700'000'000ULL;
        co_await work.clock.sleep(Duration{static_cast<std::int64_t>(work.chance.below(most))});
    }
}

Task<void> listen(Workload& work, Node& node) {
    auto& heard = node.heard;
    auto& delivery = node.member().delivery();
    for (;;) {
        std::string trouble;
        std::unique_ptr<delivery::Connection> connection;
        try {
            if (!co_await delivery.find_by_name("app")) {
                auto const made = co_await delivery.create(
                    R"({"name":"app","transport":"websockets","filter":{"events":"message_.*"},)"
                    R"("options":{"firstEvent":"oldest","readAhead":7}})");
                if (!made && !made.error().is(errors::name_taken)) trouble = made.error().message();
            }
            connection = delivery.connect({"sim", "sim"});
            delivery::StartRequest start;
            start.namespace_ = "default";
            start.name = "app";
            if (auto const started = co_await connection->start(start); !started) trouble = started.error().message();
            std::int64_t last = -1;
            while (trouble.empty()) {
                auto const frame = co_await connection->next();
                if (!frame) break;
                auto text = json::compact(*frame);
                if (!text) {
                    heard.faults.push_back("a frame is no JSON");
                    co_return;
                }
                json::Value const event{*text};
                auto const sequence = event["sequence"].as_int().value_or(-1);
                if (sequence <= heard.acknowledged) ++heard.acknowledged_again;
                if (sequence <= last)
                    heard.faults.push_back("event " + std::to_string(sequence) + " came after " + std::to_string(last) +
                                           " on one connection");
                last = sequence;
                heard.take(sequence);
                if (work.chance.below(4) == 0)
                    co_await work.clock.sleep(Duration{static_cast<std::int64_t>(work.chance.below(20'000'000))});
                if (work.disconnects && work.chance.below(40) == 0) {
                    ++heard.disconnects;
                    break;  // without acknowledging
                }
                delivery::AckRequest ack;
                ack.id = Uuid::parse(event["id"].as_string().value_or(""));
                ack.subscription = delivery::SubscriptionRef{std::nullopt, "default", "app"};
                if (auto const taken = connection->ack(ack); !taken)
                    heard.faults.push_back("an ack was refused: " + taken.error().message());
                heard.acknowledged = std::max(heard.acknowledged, sequence);
            }
        } catch (const std::exception& error) {
            if (is_cancelled(error)) throw;
            trouble = error.what();
        }
        if (connection) connection->close();
        connection.reset();
        co_await work.clock.sleep(Duration{static_cast<std::int64_t>(1'000'000 + work.chance.below(200'000'000))});
    }
}

}  // namespace lockstep::simulation
