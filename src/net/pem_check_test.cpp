// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "net/pem_check.hpp"

#include "net/frames.hpp"

#include <gtest/gtest.h>

namespace lockstep::net {

TEST(PemCheck, takes_a_pair_of_certificate_and_key_or_none) {
    auto const pair = make_certificate("us");

    EXPECT_EQ(what_is_wrong({}), std::nullopt);
    EXPECT_EQ(what_is_wrong({pair.certificate_pem, "", ""}), std::nullopt);
    EXPECT_EQ(what_is_wrong({"", pair.certificate_pem, pair.key_pem}), std::nullopt);
}

TEST(PemCheck, says_what_is_wrong) {
    auto const pair = make_certificate("us"), other = make_certificate("them");
    auto const reason = [](const PemTexts& texts) { return what_is_wrong(texts).value_or("nothing"); };

    EXPECT_NE(reason({"no pem", "", ""}).find("to believe"), std::string::npos);
    EXPECT_NE(reason({"", "no pem", pair.key_pem}).find("certificate cannot be read"), std::string::npos);
    EXPECT_NE(reason({"", pair.certificate_pem, "no pem"}).find("key"), std::string::npos);
    EXPECT_NE(reason({"", pair.certificate_pem, other.key_pem}).find("key"), std::string::npos);
}

}  // namespace lockstep::net
