// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "delivery/signature.hpp"

#include <gtest/gtest.h>

#include "delivery/base64.hpp"

namespace lockstep::delivery {
namespace {

std::string whsec_of(std::size_t bytes) { return "whsec_" + to_base64(Bytes(bytes, 7)); }

TEST(Base64, is_written_and_read) {
    for (auto const& [plain, text] : std::vector<std::pair<std::string, std::string>>{{"", ""},
                                                                                      {"f", "Zg=="},
                                                                                      {"fo", "Zm8="},
                                                                                      {"foo", "Zm9v"},
                                                                                      {"foob", "Zm9vYg=="},
                                                                                      {"\xff\xfe\xfd", "//79"}}) {
        EXPECT_EQ(to_base64(as_bytes(plain)), text);
        ASSERT_TRUE(from_base64(text)) << text;
        EXPECT_EQ(as_text(*from_base64(text)), plain);
    }
    EXPECT_EQ(as_text(*from_base64("Zg")), "f");
    for (auto const* const bad : {"Z", "Zg=", "Zg===", "Zh==", "Zg==Zg==", "Zm9v=", "Zm 9v", "Zm9-", "="})
        EXPECT_FALSE(from_base64(bad)) << bad;
}

// RFC 4231, cases 1, 2 and 6.
TEST(Hmac, is_that_of_the_rfc) {
    EXPECT_EQ(hmac_sha256(Bytes(20, 0x0b), "Hi There").text(),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    EXPECT_EQ(hmac_sha256(as_bytes("Jefe"), "what do ya want for nothing?").text(),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(hmac_sha256(Bytes(131, 0xaa), "Test Using Larger Than Block-Size Key - Hash Key First").text(),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

// The example of the specification's libraries.
TEST(Signature, is_that_of_the_specification) {
    auto const secrets = parse_signing_secrets(json::Value{R"(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])"});
    ASSERT_TRUE(secrets);
    EXPECT_EQ(webhook_signature(*secrets, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", R"({"test": 2432232314})"),
              "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(Signature, has_one_entry_for_each_secret) {
    EXPECT_EQ(webhook_signature({Bytes(24, 1), Bytes(24, 2)}, "a", "1", "").size(), 2 * 47u + 1);
    EXPECT_EQ(webhook_signature({}, "a", "1", ""), "");
}

TEST(Signature, secrets_have_a_form) {
    std::string many = "[";
    for (auto i = 0; i < 9; ++i) many += (i ? ",\"" : "\"") + whsec_of(24) + "\"";
    for (auto const& bad : {std::string("{}"), std::string("\"whsec_\""), std::string("[1]"), std::string("[null]"),
                            std::string(R"(["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])"), std::string(R"(["whsec_!"])"),
                            "[\"" + whsec_of(23) + "\"]", "[\"" + whsec_of(65) + "\"]", many + "]"}) {
        auto const secrets = parse_signing_secrets(json::Value{bad});
        ASSERT_FALSE(secrets) << bad;
        EXPECT_EQ(secrets.error().code(), "LS10411");
        EXPECT_EQ(secrets.error().message().find("whsec_A"), std::string::npos) << "a secret is not repeated";
    }
    EXPECT_EQ(parse_signing_secrets(json::Value{"[\"" + whsec_of(24) + "\",\"" + whsec_of(64) + "\"]"})->size(), 2u);
    EXPECT_TRUE(parse_signing_secrets(json::Value{})->empty());
    EXPECT_TRUE(parse_signing_secrets(json::Value{"[]"})->empty());
}

}  // namespace
}  // namespace lockstep::delivery
