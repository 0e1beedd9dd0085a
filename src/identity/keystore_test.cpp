// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "identity/keystore.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace lockstep::identity {
namespace {

namespace fs = std::filesystem;

constexpr auto anvil_secret = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
constexpr auto anvil_address = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";
const Keystore::PeerPair a_pair{"-----BEGIN PRIVATE KEY-----\nk\n-----END PRIVATE KEY-----\n",
                                "-----BEGIN CERTIFICATE-----\nc\n-----END CERTIFICATE-----\n"};

class KeystoreTest : public testing::Test {
  protected:
    KeystoreTest() {
        auto name = (fs::temp_directory_path() / "lockstep-keys-XXXXXX").string();
        parent_ = ::mkdtemp(name.data());
        folder_ = parent_ + "/keys";
    }
    ~KeystoreTest() override { fs::remove_all(parent_); }

    Keystore open() { return *Keystore::open(folder_); }
    std::string file(const std::string& name) const { return folder_ + "/" + name; }
    void put(const std::string& name, const std::string& text, mode_t mode = 0600) {
        fs::create_directory(folder_);
        ::chmod(folder_.c_str(), 0700);
        std::ofstream(file(name)) << text;
        ::chmod(file(name).c_str(), mode);
    }
    std::string get(const std::string& name) const {
        std::ifstream in(file(name));
        return {std::istreambuf_iterator<char>(in), {}};
    }
    static mode_t mode(const std::string& path) {
        struct stat facts {};
        ::stat(path.c_str(), &facts);
        return facts.st_mode & 07777;
    }

    std::unique_ptr<Chance> chance_ = make_seeded_chance(11);
    std::string parent_, folder_;
};

TEST_F(KeystoreTest, keys_are_made_once_and_found_again) {
    auto first = open();
    auto const address = (*first.ledger_key(*chance_))->address();
    auto const node = first.node_key(*chance_)->id();

    auto second = open();

    EXPECT_EQ((*second.ledger_key(*chance_))->address(), address);
    EXPECT_EQ(second.node_key(*chance_)->id(), node);
    EXPECT_NE(second.find_ledger_key(address), nullptr);
}

TEST_F(KeystoreTest, files_are_for_the_owner_alone_and_nothing_is_left_aside) {
    auto store = open();
    ASSERT_TRUE(store.ledger_key(*chance_));
    ASSERT_TRUE(store.node_key(*chance_));
    ASSERT_TRUE(store.peer_pair([] { return a_pair; }));

    EXPECT_EQ(mode(folder_), 0700U);
    int files = 0;
    for (auto const& entry : fs::directory_iterator(folder_)) {
        EXPECT_EQ(mode(entry.path()), 0600U) << entry.path();
        EXPECT_NE(entry.path().extension(), ".tmp");
        ++files;
    }
    EXPECT_EQ(files, 4);
}

TEST_F(KeystoreTest, several_ledger_keys_are_told_apart_by_address) {
    auto store = open();
    auto const zero = (*store.ledger_key(*chance_))->address();
    auto const two = (*store.ledger_key(*chance_, 2))->address();

    auto again = open();

    EXPECT_EQ(again.ledger_addresses(), (std::vector<std::string>{zero, two}));
    EXPECT_EQ(again.find_ledger_key(two)->address(), two);
    EXPECT_EQ(again.find_ledger_key("0x0000000000000000000000000000000000000000"), nullptr);
}

TEST_F(KeystoreTest, a_key_that_was_put_there_is_used) {
    put("ledger-1.key", std::string(anvil_secret) + "\r\n");

    auto store = open();

    EXPECT_NE(store.find_ledger_key(anvil_address), nullptr);
    EXPECT_EQ((*store.ledger_key(*chance_, 1))->address(), anvil_address);
}

TEST_F(KeystoreTest, a_key_file_that_others_can_read_is_refused) {
    put("ledger.key", anvil_secret, 0640);

    auto const store = Keystore::open(folder_);

    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code(), "LS10312");
    EXPECT_NE(store.error().message().find("0640"), std::string::npos);
    EXPECT_NE(store.error().message().find("ledger.key"), std::string::npos);
}

TEST_F(KeystoreTest, a_folder_that_others_can_write_is_refused) {
    open();
    ::chmod(folder_.c_str(), 0770);

    auto const store = Keystore::open(folder_);

    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code(), "LS10312");
}

TEST_F(KeystoreTest, a_malformed_key_is_refused_and_not_overwritten) {
    put("node.key", "half a key");
    auto store = open();

    auto const node = store.node_key(*chance_);

    ASSERT_FALSE(node);
    EXPECT_EQ(node.error().code(), "LS10310");
    EXPECT_EQ(get("node.key"), "half a key");

    put("ledger.key", std::string(100'000, 'a'));
    auto const again = Keystore::open(folder_);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code(), "LS10310");
}

TEST_F(KeystoreTest, an_empty_key_file_is_malformed_and_not_missing) {
    put("ledger.key", "");
    EXPECT_EQ(Keystore::open(folder_).error().code(), "LS10310");
}

TEST_F(KeystoreTest, the_peer_pair_is_made_once) {
    int made = 0;
    auto const make = [&made] {
        ++made;
        return a_pair;
    };

    auto const first = *open().peer_pair(make);
    auto const second = *open().peer_pair(make);

    EXPECT_EQ(made, 1);
    EXPECT_EQ(first, a_pair);
    EXPECT_EQ(second, a_pair);
}

TEST_F(KeystoreTest, a_peer_key_without_its_certificate_is_the_rest_of_a_crash_and_replaced) {
    put("peer.key.pem", "-----BEGIN PRIVATE KEY-----\nold\n");

    auto const pair = *open().peer_pair([] { return a_pair; });

    EXPECT_EQ(pair, a_pair);
    EXPECT_EQ(get("peer.key.pem"), a_pair.first);
}

TEST_F(KeystoreTest, a_certificate_without_its_key_is_refused) {
    put("peer.cert.pem", a_pair.second);

    auto const pair = open().peer_pair([] { return a_pair; });

    ASSERT_FALSE(pair);
    EXPECT_EQ(pair.error().code(), "LS10310");
    EXPECT_FALSE(fs::exists(file("peer.key.pem")));
}

TEST_F(KeystoreTest, other_files_in_the_folder_are_left_alone) {
    put("ledger-x.key", "whatever", 0644);
    put("ledger-01.key", "whatever", 0644);
    put("ledger.key.tmp", "half");
    auto store = open();

    ASSERT_TRUE(store.ledger_key(*chance_));

    EXPECT_EQ(store.ledger_addresses().size(), 1U);
    EXPECT_EQ(get("ledger-x.key"), "whatever");
}

TEST_F(KeystoreTest, a_folder_that_cannot_be_made_is_a_failure) {
    EXPECT_THROW((void)Keystore::open(parent_ + "/no/such/keys"), std::system_error);
}

}  // namespace
}  // namespace lockstep::identity
