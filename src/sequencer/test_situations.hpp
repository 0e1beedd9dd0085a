// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// For tests: a row of the decision table, and how it is played.
#pragma once

#include "sequencer/test_arrivals.hpp"

namespace lockstep::sequencer {

struct Expected {
    std::map<std::string, std::vector<std::string>> topics;
    std::vector<std::string> batches;            // that were rejected whole
    std::map<std::string, std::string> reasons;  // how each begins
    std::vector<std::string> registered;
};

struct Situation {
    std::string name;
    std::function<Scene(Book&)> scene;
    Expected expected;

    friend void PrintTo(const Situation& row, std::ostream* out) { *out << row.name; }
};

inline void expect(const Outcome& outcome, const Expected& expected) {
    EXPECT_EQ(outcome.topics, expected.topics);
    EXPECT_EQ(outcome.batches, expected.batches);
    EXPECT_EQ(outcome.registered, expected.registered);
    EXPECT_EQ(outcome.reasons.size(), expected.reasons.size()) << testing::PrintToString(outcome);
    for (auto const& [name, reason] : expected.reasons) {
        auto const found = outcome.reasons.find(name);
        ASSERT_NE(found, outcome.reasons.end()) << name;
        EXPECT_THAT(found->second, testing::StartsWith(reason));
    }
}

// To members that get the payloads in every order in which they can arrive, one at a time; and in some, all in one
// page.
inline void play_in_every_order(const Situation& row) {
    Book book;
    Theatre theatre(book, row.scene(book));
    auto const orders = orders_of(theatre.scene());
    auto const first = theatre.play(orders.front());
    expect(first, row.expected);

    for (std::size_t i = 0; i < orders.size(); ++i) {
        auto const& order = orders[i];
        ASSERT_EQ(theatre.play(order), first) << text_of(order);
        if (i % 3 != 0) continue;
        ASSERT_EQ(theatre.play(order, {}, order.size()), first) << "in one page:" << text_of(order);
    }
}

}  // namespace lockstep::sequencer
