// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/types.h>

#include <string>

namespace lockstep::net {

// SHA-256 of the DER form, lower-case hex.
std::string fingerprint_of(X509* certificate);

}  // namespace lockstep::net
