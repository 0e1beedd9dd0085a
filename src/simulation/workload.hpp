// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What applications do in the simulation: they broadcast on shared topics, tell groups of members what is for
// them, and live from subscriptions.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "async/tap.hpp"
#include "base/chance.hpp"
#include "simulation/node.hpp"

namespace lockstep::simulation {

// What was accepted: a 2xx in the real thing. Kept outside the members, as an application keeps it.
struct Book {
    struct Accepted {
        Uuid id;
        std::vector<std::string> topics;
        std::set<int> members;       // who is to have it; empty: everybody
        std::optional<Hash> blob{};  // that comes with it, and with no other
        bool beyond = false;         // not of those that are counted
    };
    std::map<std::string, Accepted> by_key;           // idempotency key
    std::map<std::string, std::set<int>> of_members;  // topics of groups
    std::uint64_t sent = 0, doubtful = 0, refused = 0;
    std::set<Uuid> lies, may_be_true;  // of messages and batches of a liar: never to be confirmed, and perhaps
    std::map<std::string, std::uint64_t> lies_told;
    std::uint64_t answered = 0, unanswered = 0;  // requests whose caller heard a reply in time, or none
    std::vector<std::string> faults;
};

// Topics of messages that are not pinned, and so have no order between members.
inline constexpr std::string_view loose = "loose-";
inline bool is_loose(const std::vector<std::string>& topics) { return topics.front().starts_with(loose); }

inline constexpr std::string_view ask_tag = "ask", answer_tag = "answer";

struct Workload {
    Chance& chance;
    Clock& clock;
    int messages_each = 0;
    std::vector<std::string> topics;
    Book book;
    // By member: how many keys are done, and the one that is in doubt.
    std::vector<int> done;
    bool disconnects = true;
    Duration pace = 120ms;
    Tap more{};  // rung when messages_each or asks_each has grown
    bool lying = true;
    int asks_each = 0;
    std::vector<int> asked{};  // as `done`, of requests

    bool complete() const {
        for (auto const count : done) {
            if (count < messages_each) return false;
        }
        for (auto const count : asked) {
            if (count < asks_each) return false;
        }
        return true;
    }
};

// Sends until this member's share is accepted, and when there is more again; goes on after a restart with the key that
// was in doubt.
Task<void> send_messages(Workload& work, Node& node);
// Asks groups of two, as POST messages/requestreply does it, and waits a while for the reply.
Task<void> ask(Workload& work, Node& node);
// Sees to it that the member's webhooks are there: "hook" hears all, "answers" replies to what is asked.
Task<void> keep_hooks(Workload& work, Node& node);
// Lives from the durable subscription "app": acknowledges, sometimes leaves and comes back.
Task<void> listen(Workload& work, Node& node);

}  // namespace lockstep::simulation
