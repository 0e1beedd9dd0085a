// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "app/ledger_host.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "app/host.hpp"

namespace lockstep::app {
namespace {

class FolderTest : public testing::Test {
  protected:
    FolderTest() {
        auto name = (std::filesystem::temp_directory_path() / "lockstep-app-XXXXXX").string();
        folder = ::mkdtemp(name.data());
    }
    ~FolderTest() override { std::filesystem::remove_all(folder); }

    std::string folder;
};

using LedgerHostTest = FolderTest;

TEST_F(LedgerHostTest, ItsSocketIsThereWhenItHasStarted) {
    LedgerHost host({.folder = folder});

    host.start();

    EXPECT_TRUE(std::filesystem::is_socket(LedgerHost::socket_path(folder)));
}

TEST_F(LedgerHostTest, StartsAgainWhereOneHasEnded) {
    for (int life = 0; life < 2; ++life) {
        LedgerHost host({.folder = folder});
        host.start();
        host.set_instant(true);
        host.stop();
    }

    EXPECT_TRUE(std::filesystem::exists(folder + "/ledger.db"));
}

TEST_F(LedgerHostTest, ASecondOneInTheSameFolderIsRefused) {
    LedgerHost first({.folder = folder});
    first.start();
    LedgerHost second({.folder = folder});

    EXPECT_THROW(second.start(), std::runtime_error);
}

using PrepareMemberTest = FolderTest;

TEST_F(PrepareMemberTest, KeepsWhatItHasMade) {
    auto const made = prepare_member(folder, 3);
    auto const read = prepare_member(folder, 3);

    ASSERT_TRUE(made) << made.error().message();
    ASSERT_TRUE(read) << read.error().message();
    EXPECT_EQ(made->peer, read->peer);
    EXPECT_EQ(made->node_profile, read->node_profile);
    EXPECT_EQ(made->peer.fingerprint.size(), 64u);
    EXPECT_TRUE(made->peer.id.ends_with("/node_3")) << made->peer.id;
}

TEST_F(PrepareMemberTest, MembersDiffer) {
    auto const one = prepare_member(folder, 0);
    std::filesystem::create_directory(folder + "/other");
    auto const other = prepare_member(folder + "/other", 0);

    ASSERT_TRUE(one && other);
    EXPECT_NE(one->peer.fingerprint, other->peer.fingerprint);
    EXPECT_NE(one->peer.endpoint, other->peer.endpoint);
}

}  // namespace
}  // namespace lockstep::app
