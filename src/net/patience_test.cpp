// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "net/detail/patience.hpp"

#include <gtest/gtest.h>

namespace lockstep::net {
namespace {

TEST(Patience, is_used_up_by_waiting_and_renewed_by_many_bytes_alone) {
    Patience patience(10s);
    patience.spend(4s, 1);
    patience.spend(4s, 1);
    EXPECT_EQ(patience.left(), 2s);

    patience.spend(1s, Patience::renewing_bytes - 3);
    EXPECT_EQ(patience.left(), 1s);
    patience.spend(500ms, 1);
    EXPECT_EQ(patience.left(), 10s);

    patience.spend(11s, Patience::renewing_bytes - 1);
    EXPECT_LT(patience.left(), 0s);
}

}  // namespace
}  // namespace lockstep::net
