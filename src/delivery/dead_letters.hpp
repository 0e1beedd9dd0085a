// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Dead letters: events that a webhook with onFailure: deadLetter did not take within its tries, kept until somebody
// sends them again or removes them. The event itself is in the timeline.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "delivery/ports.hpp"
#include "store/session.hpp"

namespace lockstep::delivery {

struct DeadLetter {
    std::int64_t seq = 0;
    Uuid subscription, event;
    Offset sequence{-1};
    std::string type, topic;
    Uuid reference;
    std::uint64_t attempts = 0;
    int status = 0;     // of the last answer; 0: there was none
    std::string error;  // of the last attempt
    Time created;       // set aside
    Time updated;       // tried last
};

extern const std::string dead_letter_columns;
DeadLetter dead_letter_row(const store::Statement& row);
// {"id","subscription","sequence","type","topic","reference","attempts","status"?,"error","created","updated"}
std::string dead_letter_json(const DeadLetter& letter);

std::optional<DeadLetter> find_dead_letter(store::Session& session,
                                           NamespaceId ns,
                                           const Uuid& subscription,
                                           const Uuid& event);
// Ids of the events beyond a position that were set aside already.
std::vector<Uuid> dead_letters_after(store::Session& session,
                                     NamespaceId ns,
                                     const Uuid& subscription,
                                     Offset position);

// Only of a subscription that is there; an event that is there already is left as it is.
void insert(store::Transaction& tx, NamespaceId ns, const DeadLetter& letter);
// One more attempt, and how it ended.
void note_attempt(store::Transaction& tx, NamespaceId ns, const DeadLetter& letter);
// False when there is none.
bool erase_dead_letter(store::Transaction& tx, NamespaceId ns, const Uuid& subscription, const Uuid& event);

}  // namespace lockstep::delivery
