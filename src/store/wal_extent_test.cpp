// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "store/detail/wal_extent.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "store/test_world.hpp"

namespace lockstep::store {
namespace {

using detail::WalExtent;
constexpr std::uint64_t mib = 1 << 20;

bool never() { return false; }

class WalExtentTest : public testing::Test {
  protected:
    WalExtentTest() { std::ofstream(path) << ""; }

    // As SQLite's writer does: so many bytes of `of` at `at`.
    int write(std::uint64_t at, std::size_t bytes, char of) {
        return extent.write(at + bytes, [&] {
            std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
            file.seekp(static_cast<std::streamoff>(at));
            file << std::string(bytes, of);
            return 0;
        });
    }
    std::string content() const {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    TestWorld world{Kind::threaded};
    std::string path = world.path() + "-wal";
    WalExtent extent;
};

TEST_F(WalExtentTest, fills_behind_what_is_there) {
    write(0, 1000, 'x');
    EXPECT_EQ(extent.fill(path, 5 * mib, never), WalExtent::Filled::done);
    auto const text = content();
    EXPECT_GE(text.size(), 5 * mib);
    EXPECT_EQ(extent.bytes(), text.size());
    EXPECT_EQ(text.substr(0, 1000), std::string(1000, 'x'));
    EXPECT_EQ(text.find_first_not_of('\0', 1000), std::string::npos);
}

TEST_F(WalExtentTest, leaves_a_long_file_as_it_is) {
    extent.opened(6 * mib);
    EXPECT_EQ(extent.fill(path, 5 * mib, never), WalExtent::Filled::done);
    EXPECT_EQ(content(), "");
}

TEST_F(WalExtentTest, ends_when_it_is_told_to) {
    auto steps = 0;
    EXPECT_EQ(extent.fill(path, 50 * mib, [&] { return ++steps > 4; }), WalExtent::Filled::stopped);
    EXPECT_LE(content().size(), 2 * mib);
}

TEST_F(WalExtentTest, says_when_there_is_no_file_or_no_room) {
    EXPECT_EQ(extent.fill(path + "/none", mib, never), WalExtent::Filled::no_room);
    EXPECT_EQ(extent.fill("/dev/full", mib, never), WalExtent::Filled::no_room);
}

TEST_F(WalExtentTest, never_writes_over_what_a_writer_appends_meanwhile) {
    constexpr auto piece = 10'000;
    constexpr auto pieces = 800;
    std::thread filler([&] { EXPECT_EQ(extent.fill(path, 12 * mib, never), WalExtent::Filled::done); });
    for (auto i = 0; i < pieces; ++i) write(static_cast<std::uint64_t>(i) * piece, piece, 'x');
    filler.join();
    auto const text = content();
    EXPECT_EQ(text.find_first_not_of('x'), static_cast<std::size_t>(piece) * pieces);
}

}  // namespace
}  // namespace lockstep::store
