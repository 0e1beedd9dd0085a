// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "net/frames.hpp"

#include <gtest/gtest.h>

namespace lockstep::net {
namespace {

TEST(Certificate, has_the_fingerprint_that_its_text_has) {
    auto const certificate = make_certificate("org1");
    EXPECT_EQ(certificate.fingerprint.size(), 64u);
    EXPECT_EQ(certificate_fingerprint(certificate.certificate_pem), certificate.fingerprint);
    EXPECT_TRUE(certificate.key_pem.starts_with("-----BEGIN PRIVATE KEY-----"));
}

TEST(Certificate, is_never_the_same_twice) {
    EXPECT_NE(make_certificate("org1").fingerprint, make_certificate("org1").fingerprint);
}

TEST(Certificate, takes_any_name) {
    for (auto const& name : {std::string("a"), std::string(63, 'x') + "\xe2\x82\xac", std::string(1000, 'x')}) {
        EXPECT_NE(make_certificate(name).fingerprint, "");
    }
}

TEST(Certificate, has_no_fingerprint_when_it_is_none) {
    EXPECT_EQ(certificate_fingerprint(""), "");
    EXPECT_EQ(certificate_fingerprint("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), "");
    EXPECT_EQ(certificate_fingerprint(make_certificate("x").key_pem), "");
}

}  // namespace
}  // namespace lockstep::net
