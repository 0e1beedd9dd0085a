// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Base64 (RFC 4648, the usual alphabet, padded).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace lockstep::delivery {

std::string to_base64(BytesView bytes);
// Empty unless it is exactly what to_base64() would write; padding may be missing.
std::optional<Bytes> from_base64(std::string_view text);

}  // namespace lockstep::delivery
