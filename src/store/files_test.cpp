// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Both kinds of folder, by one list of promises; and what a crash of the simulated one leaves.
#include "store/files.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "store/test_world.hpp"

namespace lockstep::store {
namespace {

class FilesTest : public testing::TestWithParam<Kind> {
  protected:
    FilesTest() : world(GetParam()) {
        files = GetParam() == Kind::threaded ? make_files(world.path() + ".folder/deep") : world.disk().files("blobs");
    }
    std::string content(const std::string& name) {
        auto const file = files->find(name);
        if (!file) return "none";
        std::string out(file->size() + 10, '?');
        auto const bytes = file->read(0, {reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
        return out.substr(0, bytes);
    }
    void put(const std::string& name, const std::string& text) {
        auto const file = files->open(name);
        file->append(as_bytes(text));
        file->sync();
    }
    std::vector<std::string> names() {
        std::vector<std::string> out;
        for (auto const& entry : files->list()) out.push_back(entry.name + ":" + std::to_string(entry.size));
        std::sort(out.begin(), out.end());
        return out;
    }

    TestWorld world;
    std::unique_ptr<Files> files;
};

TEST_P(FilesTest, what_is_appended_is_read_from_any_place) {
    put("a", "hello");
    put("a", " world");
    EXPECT_EQ(content("a"), "hello world");
    std::string piece(5, '?');
    auto const file = files->find("a");
    EXPECT_EQ(file->read(6, {reinterpret_cast<std::uint8_t*>(piece.data()), piece.size()}), 5u);
    EXPECT_EQ(piece, "world");
    EXPECT_EQ(file->read(11, {reinterpret_cast<std::uint8_t*>(piece.data()), piece.size()}), 0u);
    EXPECT_EQ(names(), (std::vector<std::string>{"a:11"}));
}

TEST_P(FilesTest, what_is_not_there_is_no_failure_to_look_for_or_to_remove) {
    EXPECT_EQ(files->find("a"), nullptr);
    files->remove("a");
    EXPECT_TRUE(files->list().empty());
    EXPECT_THROW(files->rename("a", "b"), StoreError);
}

TEST_P(FilesTest, a_rename_replaces_and_what_is_open_can_still_be_read) {
    put("new", "2");
    put("name", "1");
    auto const old = files->find("name");
    files->rename("new", "name");
    EXPECT_EQ(content("name"), "2");
    EXPECT_EQ(content("new"), "none");
    files->remove("name");
    std::string byte(1, '?');
    EXPECT_EQ(old->read(0, {reinterpret_cast<std::uint8_t*>(byte.data()), 1}), 1u);
    EXPECT_EQ(byte, "1");
}

INSTANTIATE_TEST_SUITE_P(Kinds, FilesTest, testing::Values(Kind::threaded, Kind::simulated), kind_name);

TEST(SimFiles, what_was_synced_and_renamed_is_there_after_a_crash) {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        TestWorld world(Kind::simulated, seed);
        auto const files = world.disk().files("blobs");
        files->open("draft")->append(as_bytes(std::string_view("unsynced")));
        {
            auto const file = files->open("part");
            file->append(as_bytes(std::string_view("synced")));
            file->sync();
        }
        files->rename("part", "whole");
        world.disk().freeze();
        files->remove("whole");
        files->open("late")->append(as_bytes(std::string_view("late")));
        world.disk().crash();

        auto const found = files->find("whole");
        ASSERT_TRUE(found) << seed;
        EXPECT_EQ(found->size(), 6u);
        EXPECT_FALSE(files->find("part"));
        auto const draft = files->find("draft");
        EXPECT_TRUE(!draft || draft->size() <= 8u);
        auto const late = files->find("late");
        EXPECT_TRUE(!late || late->size() == 0u) << "made when nothing reached the platter any more";
    }
}

TEST(SimFiles, a_full_disk_fails_the_write) {
    TestWorld world(Kind::simulated);
    auto const files = world.disk().files("blobs");
    world.disk().set_capacity(4);
    EXPECT_THROW(files->open("a")->append(as_bytes(std::string_view("hello"))), StoreError);
    world.disk().set_capacity(std::nullopt);
    world.disk().fail_syncs(1);
    EXPECT_THROW(files->open("a")->sync(), StoreError);
}

}  // namespace
}  // namespace lockstep::store
