// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "app/descriptors.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace lockstep::app {

TEST(Descriptors, are_as_many_as_the_system_allows) {
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    auto lowered = before;
    lowered.rlim_cur = 64;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &lowered), 0);

    EXPECT_EQ(raise_descriptor_limit(), before.rlim_max);

    rlimit now{};
    ::getrlimit(RLIMIT_NOFILE, &now);
    EXPECT_EQ(now.rlim_cur, before.rlim_max);
    lowered.rlim_cur = 100;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &lowered), 0);
    EXPECT_EQ(connection_descriptor_max(), 74) << "a quarter is left to others";
    ::setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace lockstep::app
