// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "core/sha256.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace lockstep {
namespace {

TEST(Sha256, hashes_the_standard_examples) {
    EXPECT_EQ(sha256("").text(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256("abc").text(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha256(std::string(1'000'000, 'a')).text(),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, hashes_pieces_as_their_concatenation) {
    EXPECT_EQ(Sha256().add("a").add("").add("bc").finish(), sha256("abc"));
    EXPECT_EQ(Sha256().finish(), sha256(""));
}

TEST(Sha256, begins_anew_when_it_has_finished) {
    Sha256 hash;
    hash.add("abc");

    EXPECT_EQ(hash.finish(), sha256("abc"));
    EXPECT_EQ(hash.add("x").finish(), sha256("x"));
}

TEST(Sha256, keeps_several_hashes_apart) {
    std::vector<std::unique_ptr<Sha256>> hashes;
    for (int i = 0; i < 20; ++i) hashes.push_back(std::make_unique<Sha256>());
    for (auto& hash : hashes) hash->add("a");
    sha256("between");
    for (auto& hash : hashes) hash->add("bc");

    for (auto& hash : hashes) EXPECT_EQ(hash->finish(), sha256("abc"));
}

TEST(Sha256, works_on_many_threads) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([] {
            for (int k = 0; k < 100; ++k) EXPECT_EQ(Sha256().add("a").add("bc").finish(), sha256("abc"));
        });
    }
    for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace lockstep
