// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "delivery/window.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <sstream>

namespace lockstep::delivery {
namespace {

Uuid id_of(std::int64_t n) {
    Uuid id;
    for (int i = 0; i < 8; ++i) id.bytes[static_cast<std::size_t>(15 - i)] = static_cast<std::uint8_t>(n >> (8 * i));
    return id;
}

// A row of the table: steps as text, and what the window says after them.
//   p5  event 5 goes out      s6  up to 6 is filtered out      a5  event 5 is acknowledged      n  nack
struct Situation {
    const char* what;
    std::size_t capacity;
    const char* steps;
    std::int64_t committed, seen;
    std::size_t in_flight;
    bool room;
};

class WindowTable : public testing::TestWithParam<Situation> {};

TEST_P(WindowTable, SaysWhatIsCommitted) {
    auto const& row = GetParam();
    Window window(Offset{0}, row.capacity);

    std::istringstream steps(row.steps);
    for (std::string step; steps >> step;) {
        auto const n = step.size() > 1 ? std::stoll(step.substr(1)) : 0;
        switch (step[0]) {
            case 'p': window.push(Offset{n}, id_of(n)); break;
            case 's': window.skip(Offset{n}); break;
            case 'a': EXPECT_TRUE(window.ack(id_of(n))) << step; break;
            case 'l': EXPECT_FALSE(window.ack(id_of(n))) << step; break;
            case 'n': window.nack(); break;
        }
    }

    EXPECT_EQ(window.committed().value, row.committed) << row.what;
    EXPECT_EQ(window.seen().value, row.seen) << row.what;
    EXPECT_EQ(window.in_flight(), row.in_flight) << row.what;
    EXPECT_EQ(window.has_room(), row.room) << row.what;
}

INSTANTIATE_TEST_SUITE_P(
    Situations,
    WindowTable,
    testing::Values(
        Situation{"a new window stands at its position", 4, "", 0, 0, 0, true},
        Situation{"what goes out holds the position back", 4, "p1", 0, 1, 1, true},
        Situation{"an acknowledgement moves it", 4, "p1 a1", 1, 1, 0, true},
        Situation{"what the filter drops moves it too", 4, "s9", 9, 9, 0, true},
        Situation{"what the filter drops takes no room", 2, "p1 s5 p6 s20", 0, 20, 2, false},
        Situation{"the position stands right before the first unacknowledged, also over what was dropped", 4, "s4 p5",
                  4, 5, 1, true},
        Situation{"an acknowledgement out of order waits for the earlier one", 4, "p1 p2 p3 a2 a3", 0, 3, 1, true},
        Situation{"and counts when that one comes", 4, "p1 p2 p3 a2 a1", 2, 3, 1, true},
        Situation{"an acknowledgement out of order makes room", 2, "p1 p2 a2", 0, 2, 1, true},
        Situation{"no room beyond the capacity", 4, "p1 p2 p3 p4", 0, 4, 4, false},
        Situation{"each acknowledgement lets one more through", 4, "p1 p2 p3 p4 a1 p5", 1, 5, 4, false},
        Situation{"what was dropped behind the last is settled with it", 4, "p1 s7 a1", 7, 7, 0, true},
        Situation{"a repeated acknowledgement does nothing", 4, "p1 p2 a1 l1", 1, 2, 1, true},
        Situation{"an acknowledgement of what never went out does nothing", 4, "p1 l9", 0, 1, 1, true},
        Situation{"a nack goes back to the position", 4, "p1 p2 p3 a1 n", 1, 1, 0, true},
        Situation{"a nack forgets what was acknowledged behind the gap", 4, "p1 p2 p3 a3 n", 0, 0, 0, true},
        Situation{"a late acknowledgement after a nack does nothing", 4, "p1 p2 n l2", 0, 0, 0, true},
        Situation{"after a nack everything goes out again", 2, "p1 p2 n p1 p2 a2 a1", 2, 2, 0, true},
        Situation{"a nack of nothing stays where it is", 1, "p1 a1 n", 1, 1, 0, true},
        Situation{"a nack looks again at what was dropped behind the position", 4, "p1 s9 n", 0, 0, 0, true},
        Situation{"one at a time", 1, "p1", 0, 1, 1, false},
        Situation{"a batch is one frame from its first to its last", 1, "s2 p3 s8", 2, 8, 1, false},
        Situation{"and is settled as a whole", 1, "s2 p3 s8 a3", 8, 8, 0, true}));

TEST(Window, RemembersOnlySoManyAcknowledgementsBehindAGap) {
    Window window(Offset{-1}, 2);
    window.push(Offset{0}, id_of(0));

    std::int64_t next = 1;
    for (; window.has_room(); ++next) {
        window.push(Offset{next}, id_of(next));
        window.ack(id_of(next));
    }

    EXPECT_EQ(static_cast<std::size_t>(next), 2 + Window::waiting_max);
    EXPECT_EQ(window.in_flight(), 1u);
    window.ack(id_of(0));
    EXPECT_EQ(window.committed().value, next - 1);
    EXPECT_TRUE(window.has_room());
}

TEST(Window, KnowsTheOldestAndAllThatIsUnderWay) {
    Window window(Offset{0}, 4);
    window.push(Offset{3}, id_of(3), 70);
    window.push(Offset{5}, id_of(5), 71);
    window.push(Offset{6}, id_of(6), 72);
    window.ack(id_of(5));

    EXPECT_EQ(window.oldest()->id, id_of(3));
    EXPECT_EQ(window.oldest()->stamp, 70u);
    EXPECT_EQ(window.under_way(), (std::vector<Uuid>{id_of(3), id_of(6)}));
    EXPECT_TRUE(window.holds(id_of(6)));
    EXPECT_FALSE(window.holds(id_of(5)));
}

// Against the plainest model that says the same.
TEST(Window, AgreesWithASetOfUnacknowledgedNumbers) {
    std::mt19937 random(7);
    for (int round = 0; round < 200; ++round) {
        auto const capacity = 1 + random() % 6;
        Window window(Offset{0}, capacity);
        std::set<std::int64_t> open;
        std::int64_t seen = 0;
        auto const committed = [&] { return open.empty() ? seen : *open.begin() - 1; };
        for (int step = 0; step < 200; ++step) {
            auto const before = window.committed();
            switch (random() % 4) {
                case 0:
                case 1:
                    if (open.size() < capacity) {
                        seen += 1 + static_cast<std::int64_t>(random() % 3);
                        window.push(Offset{seen}, id_of(seen));
                        open.insert(seen);
                    }
                    break;
                case 2:
                    if (!open.empty()) {
                        auto const one = std::next(open.begin(), static_cast<std::ptrdiff_t>(random() % open.size()));
                        EXPECT_TRUE(window.ack(id_of(*one)));
                        open.erase(one);
                    }
                    break;
                case 3:
                    if (random() % 20 == 0) {
                        seen = committed();
                        window.nack();
                        open.clear();
                    } else {
                        window.skip(Offset{++seen});
                    }
                    break;
            }
            ASSERT_EQ(window.committed().value, committed());
            ASSERT_GE(window.committed(), before);
            ASSERT_EQ(window.in_flight(), open.size());
            ASSERT_EQ(window.has_room(), open.size() < capacity);
        }
    }
}

}  // namespace
}  // namespace lockstep::delivery
