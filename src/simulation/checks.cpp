// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "simulation/checks.hpp"

#include <map>

namespace lockstep::simulation {

Task<std::vector<Line>> read_timeline(Node& node) {
    std::vector<Line> lines;
    for (;;) {
        auto page = [timeline = &node.member().timeline(),
                     next = static_cast<std::int64_t>(lines.size())](store::Snapshot& snapshot) {
            return timeline->read(snapshot, {.first = Offset{next}, .any_of_tags = {}, .most = 500});
        };
        auto const events = co_await node.member().database().read(std::move(page));
        if (events.empty()) co_return std::move(lines);
        for (auto const& event : events)
            lines.push_back(
                {event.sequence.value, std::string(log::word(event.type)), event.reference.text(), event.topic});
    }
}

Task<Leftovers> read_leftovers(Node& node) {
    auto count = [parking = node.member().parking()](store::Snapshot& snapshot) {
        Leftovers left;
        left.parked = parking.count(snapshot);
        auto rows = snapshot.query("SELECT COUNT(*) FROM submissions");
        left.submissions = rows.first()->integer(0);
        return left;
    };
    auto left = co_await node.member().database().read(std::move(count));
    for (auto const& peer : node.member().exchange().status()) left.queued += peer.queued;
    left.wanted = node.member().exchange().wanted();
    left.waiting = node.member().batcher().waiting();
    co_return left;
}

namespace {

using Orders = std::map<std::string, std::vector<std::string>>;  // topic: references

Orders orders_of(const std::vector<Line>& lines) {
    Orders orders;
    for (auto const& line : lines) {
        if (line.type == "message_confirmed" || line.type == "message_rejected")
            orders[line.topic].push_back(line.type + " " + line.reference);
    }
    return orders;
}

}  // namespace

void check(const std::vector<std::unique_ptr<Node>>& nodes,
           const std::vector<std::vector<Line>>& timelines,
           const std::vector<Leftovers>& leftovers,
           const Workload& work,
           std::vector<std::string>& failures) {
    auto const fail = [&](std::size_t member, const std::string& what) {
        if (failures.size() < 20) failures.push_back("member " + std::to_string(member) + ": " + what);
    };
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        auto const& lines = timelines[i];
        for (std::size_t n = 0; n < lines.size(); ++n) {
            if (lines[n].sequence != static_cast<std::int64_t>(n)) {
                fail(i, "offsets are not dense at " + std::to_string(n));
                break;
            }
        }
        auto const orders = orders_of(lines);
        auto const first = orders_of(timelines[0]);
        for (auto const& [topic, order] : first) {
            auto const found = orders.find(topic);
            if (found == orders.end() || found->second != order)
                fail(i, "the order of topic " + topic + " is not that of member 0");
        }
        if (orders.size() != first.size()) fail(i, "it has other topics than member 0");

        std::map<std::string, int> confirmed;
        for (auto const& line : lines) {
            if (line.type == "message_confirmed") ++confirmed[line.reference + " " + line.topic];
        }
        for (auto const& [key, accepted] : work.book.by_key) {
            for (auto const& topic : accepted.topics) {
                auto const found = confirmed.find(accepted.id.text() + " " + topic);
                auto const times = found == confirmed.end() ? 0 : found->second;
                if (times != 1)
                    fail(i, "message " + key + " is confirmed " + std::to_string(times) + " times on topic " + topic);
            }
        }
        auto const& left = leftovers[i];
        if (left.parked != 0) fail(i, std::to_string(left.parked) + " pins are parked");
        if (left.submissions != 0) fail(i, std::to_string(left.submissions) + " submissions are left");
        if (left.queued != 0) fail(i, std::to_string(left.queued) + " documents are queued for peers");
        if (left.wanted != 0) fail(i, std::to_string(left.wanted) + " payloads are wanted");
        if (left.waiting != 0) fail(i, std::to_string(left.waiting) + " messages wait for a batch");

        auto const& heard = nodes[i]->heard;
        for (auto const& fault : heard.faults) fail(i, fault);
        std::vector<std::int64_t> matching;
        for (auto const& line : lines) {
            if (line.type.starts_with("message_")) matching.push_back(line.sequence);
        }
        if (heard.first_times != matching)
            fail(i, "the durable subscription heard " + std::to_string(heard.first_times.size()) + " of " +
                        std::to_string(matching.size()) + " events, or not in order");
    }
    for (auto const& fault : work.book.faults) failures.push_back(fault);
}

}  // namespace lockstep::simulation
