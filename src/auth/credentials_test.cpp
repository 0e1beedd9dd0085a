// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "auth/credentials.hpp"

#include <gtest/gtest.h>

namespace lockstep::auth {

namespace {

std::string shown(const Credentials& credentials) {
    if (auto const* login = std::get_if<Login>(&credentials)) return login->user + " with " + login->password;
    if (auto const* token = std::get_if<Token>(&credentials)) return "token " + token->text;
    return "nobody";
}

}  // namespace

TEST(Credentials, are_read_from_the_two_schemes) {
    EXPECT_EQ(shown(parse_authorization("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")), "Aladdin with open sesame");
    EXPECT_EQ(shown(parse_authorization("bAsIc   QWxhZGRpbjpvcGVuIHNlc2FtZQ== ")), "Aladdin with open sesame");
    EXPECT_EQ(shown(parse_authorization("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ")), "Aladdin with open sesame");
    EXPECT_EQ(shown(parse_authorization("Bearer abc.def-123")), "token abc.def-123");
    EXPECT_EQ(shown(parse_authorization("bearer abc")), "token abc");
}

TEST(Credentials, split_at_the_first_colon_only) {
    EXPECT_EQ(shown(parse_authorization(basic_authorization("user:pass:with:colons"))), "user with pass:with:colons");
    EXPECT_EQ(shown(parse_authorization(basic_authorization(":"))), " with ");
}

TEST(Credentials, are_nobodys_when_they_are_anything_else) {
    for (auto const* header :
         {"", "Basic", "Basic ", "Bearer", "Bearer ", "Basic QWxhZGRpbg==", "Basic %%%%", "Basic Q",
          "Basic QTo=QTo=", "Digest a=b", "BasicQTpi", "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="}) {
        EXPECT_EQ(shown(parse_authorization(header)), "nobody") << header;
    }
    EXPECT_EQ(shown(parse_authorization(basic_authorization(std::string_view("a:\0b", 4)))), "nobody");
    EXPECT_EQ(shown(parse_authorization("Bearer " + std::string(authorization_bytes_max, 'a'))), "nobody");
}

TEST(Credentials, come_back_as_they_were_sent) {
    for (auto const* pair : {"a:", "a:b", "a:bc", "a:bcd", "\xc3\xbc:\xf0\x9f\x94\x91"}) {
        auto const read = parse_authorization(basic_authorization(pair));
        auto const* login = std::get_if<Login>(&read);
        ASSERT_NE(login, nullptr) << pair;
        EXPECT_EQ(login->user + ":" + login->password, pair);
    }
    EXPECT_EQ(shown(parse_authorization(bearer_authorization("xyz"))), "token xyz");
}

}  // namespace lockstep::auth
