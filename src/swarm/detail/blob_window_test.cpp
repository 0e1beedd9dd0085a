// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "swarm/detail/blob_window.hpp"

#include <gtest/gtest.h>

namespace lockstep::swarm {
namespace {

using Verdict = BlobWindow::Verdict;
constexpr std::uint64_t mib = 1 << 20;

TEST(BlobWindow, AsksOnceUntilTheLengthIsKnownAndThenForAsMuchAsMayWait) {
    BlobWindow window;
    EXPECT_EQ(window.next(), (BlobWindow::Ask{0, 2 * mib}));
    EXPECT_EQ(window.next(), std::nullopt);

    EXPECT_EQ(window.chunk(100 * mib, 0, mib), Verdict::taken);
    EXPECT_EQ(window.next(), (BlobWindow::Ask{2 * mib, 2 * mib}));
    EXPECT_EQ(window.next(), (BlobWindow::Ask{4 * mib, 2 * mib}));
    EXPECT_EQ(window.next(), (BlobWindow::Ask{6 * mib, 2 * mib}));
    EXPECT_EQ(window.next(), std::nullopt) << "nothing is written yet";

    window.written(mib);
    EXPECT_EQ(window.next(), std::nullopt) << "room for half a part";
    EXPECT_EQ(window.chunk(100 * mib, mib, mib), Verdict::taken);
    window.written(mib);
    EXPECT_EQ(window.next(), (BlobWindow::Ask{8 * mib, 2 * mib}));
}

TEST(BlobWindow, GoesOnFromWhatIsHereAndEndsAtTheEnd) {
    BlobWindow window(5);
    EXPECT_EQ(window.next(), (BlobWindow::Ask{5, 2 * mib}));
    EXPECT_EQ(window.chunk(8, 5, 3), Verdict::taken);
    EXPECT_EQ(window.next(), std::nullopt);
    EXPECT_FALSE(window.is_complete());
    window.written(3);
    EXPECT_TRUE(window.is_complete());
}

TEST(BlobWindow, ABlobOfNothingAndOneThatIsHereAlreadyEndWithAnEmptyChunk) {
    for (std::uint64_t const size : {0, 7}) {
        BlobWindow window(size);
        EXPECT_TRUE(window.next());
        EXPECT_FALSE(window.is_complete());
        EXPECT_EQ(window.chunk(size, size, 0), Verdict::taken);
        EXPECT_TRUE(window.is_complete());
    }
}

TEST(BlobWindow, WhatWasNotAskedForIsWrong) {
    auto const begun = [] {
        BlobWindow window(10);
        window.next();
        return window;
    };
    EXPECT_EQ(begun().chunk(100, 0, 10), Verdict::wrong) << "from another place";
    EXPECT_EQ(begun().chunk(100 * mib, 10, 2 * mib + 1), Verdict::wrong) << "more than was asked for";
    EXPECT_EQ(begun().chunk(9, 9, 0), Verdict::wrong) << "shorter than what is here";
    EXPECT_EQ(begun().chunk(11, 10, 0), Verdict::wrong) << "nothing, before the end";
    auto window = begun();
    EXPECT_EQ(window.chunk(100, 10, 10), Verdict::taken);
    EXPECT_EQ(window.chunk(101, 20, 10), Verdict::wrong) << "of another length";
    EXPECT_EQ(BlobWindow().chunk(5, 0, 5), Verdict::wrong) << "nothing was asked for";
}

}  // namespace
}  // namespace lockstep::swarm
