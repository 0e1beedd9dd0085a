// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Signatures of webhooks after the Standard Webhooks specification 1.0: HMAC-SHA256 over "id.timestamp.body"
// with each secret, so that a secret can be replaced while both are known.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "core/json.hpp"

namespace lockstep::delivery {

inline constexpr std::size_t signing_secrets_max = 8;

// options.signingSecrets: an array of "whsec_" + base64 of 24 to 64 bytes, or null. LS10411, which does not
// repeat what was given.
Result<std::vector<Bytes>> parse_signing_secrets(json::Value secrets);

// RFC 2104 with SHA-256.
Hash hmac_sha256(BytesView key, std::string_view text);

// The value of the header webhook-signature: "v1,<base64> v1,<base64>".
std::string webhook_signature(const std::vector<Bytes>& secrets,
                              std::string_view id,
                              std::string_view timestamp,
                              std::string_view body);

}  // namespace lockstep::delivery
