// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "auth/secrets.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "auth/errors.hpp"
#include "core/sha256.hpp"

namespace lockstep::auth {

namespace {

// Of "secret", made by crypt(3) with cost 4.
const std::string secret_hash = "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";

}  // namespace

TEST(Passwords, are_read_with_comments_and_empty_lines_passed_over) {
    auto const read = parse_passwords("# who\n\nann:" + secret_hash + "\r\nbob:" + secret_hash, "users");

    ASSERT_TRUE(read.has_value()) << read.error().message();
    EXPECT_EQ(read->hashes.size(), 2u);
    EXPECT_EQ(read->hashes.at("ann"), secret_hash);
}

TEST(Passwords, are_refused_with_the_line_that_is_wrong) {
    struct Case {
        std::string text, line, reason;
    };
    Case const cases[] = {
        {"", "1", "no user"},
        {"# nobody\n", "1", "no user"},
        {"ann", "1", "user:hash"},
        {":" + secret_hash, "1", "user:hash"},
        {"\nann:plain", "2", "bcrypt"},
        {"ann:$apr1$abc$def", "1", "bcrypt"},
        {"ann:{SHA}aaaa", "1", "bcrypt"},
        {"ann:" + secret_hash.substr(0, 59), "1", "bcrypt"},
        {"ann:" + secret_hash.substr(0, 59) + ":", "1", "bcrypt"},
        {"ann:$2y$31$" + secret_hash.substr(7), "1", "cost"},
        {"ann:$2y$03$" + secret_hash.substr(7), "1", "cost"},
        {"ann:" + secret_hash + "\nann:" + secret_hash, "2", "twice"},
    };
    for (auto const& one : cases) {
        auto const read = parse_passwords(one.text, "users");
        ASSERT_TRUE(read.has_error()) << one.text;
        EXPECT_TRUE(read.error().is(errors::bad_password_file));
        EXPECT_TRUE(read.error().text().starts_with("users:" + one.line + ":")) << read.error().text();
        EXPECT_NE(read.error().text().find(one.reason), std::string::npos) << read.error().text();
    }
}

TEST(Passwords, match_their_bcrypt_hash_and_no_other) {
    EXPECT_TRUE(bcrypt_matches("secret", secret_hash));
    EXPECT_TRUE(bcrypt_matches("open:sesame", "$2y$04$abcdefghijklmnopqrstuu2GbQLdjwBFdH8CcOE866nGziodmvO8K"));
    EXPECT_FALSE(bcrypt_matches("Secret", secret_hash));
    EXPECT_FALSE(bcrypt_matches("", secret_hash));
    EXPECT_FALSE(bcrypt_matches("secret", "*0"));
    EXPECT_FALSE(bcrypt_matches("secret", "secret"));
}

TEST(Tokens, are_themselves_or_their_hash) {
    std::string const one = "0123456789abcdef", other = "another-token-of-somebody";
    auto const read = parse_tokens("# tokens\n" + one + "\nsha256:" + sha256(other).text() + "\n", "tokens");

    ASSERT_TRUE(read.has_value()) << read.error().message();
    EXPECT_TRUE(read->has(one));
    EXPECT_TRUE(read->has(other));
    EXPECT_FALSE(read->has("sha256:" + sha256(other).text()));
    EXPECT_FALSE(read->has(sha256(other).text()));
    EXPECT_FALSE(read->has(""));
    EXPECT_FALSE(read->has(one + "0"));
}

TEST(Tokens, are_refused_with_the_line_that_is_wrong) {
    struct Case {
        std::string text, line, reason;
    };
    Case const cases[] = {
        {"", "1", "no token"},
        {"short", "1", "16"},
        {"0123456789abcdef\n0123456789 abcdef", "2", "visible"},
        {"sha256:abc", "1", "64"},
        {"sha256:" + std::string(64, 'g'), "1", "64"},
        {std::string(5000, 'a'), "1", "4096"},
    };
    for (auto const& one : cases) {
        auto const read = parse_tokens(one.text, "tokens");
        ASSERT_TRUE(read.has_error()) << one.text;
        EXPECT_TRUE(read.error().is(errors::bad_token_file));
        EXPECT_TRUE(read.error().text().starts_with("tokens:" + one.line + ":")) << read.error().text();
        EXPECT_NE(read.error().text().find(one.reason), std::string::npos) << read.error().text();
    }
}

TEST(Secrets, are_read_whole_or_refused_with_a_reason) {
    auto const folder = std::filesystem::temp_directory_path() / ("lockstep-secrets-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    auto const path = (folder / "file").string();
    std::ofstream(path) << "line\n";
    ::chmod(path.c_str(), 0600);

    EXPECT_EQ(read_secrets(path).value(), "line\n");
    EXPECT_TRUE(read_secrets((folder / "none").string()).error().is(errors::cannot_read_secrets));
    EXPECT_TRUE(read_secrets(folder.string()).error().is(errors::cannot_read_secrets));
    std::filesystem::resize_file(path, secrets_bytes_max + 1);
    EXPECT_NE(read_secrets(path).error().text().find("1 MiB"), std::string::npos);
    std::filesystem::remove_all(folder);
}

}  // namespace lockstep::auth
