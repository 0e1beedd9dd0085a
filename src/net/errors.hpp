// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What net itself answers. The numbers are part of the one catalogue (LS100xx, general).
#pragma once

#include "base/error.hpp"

namespace lockstep::net::errors {

inline constexpr ErrorSpec failed{"LS10001", 500, "The request failed inside the server; its log says why"};
inline constexpr ErrorSpec header_too_large{"LS10003", 431, "The request header is longer than {limit} bytes"};
inline constexpr ErrorSpec body_too_large{"LS10004", 413, "The request body is longer than {limit} bytes"};
inline constexpr ErrorSpec malformed_request{"LS10007", 400, "This is no HTTP request: {reason}"};
inline constexpr ErrorSpec cannot_listen{"LS10010", 500, "Cannot listen on {endpoint}: {reason}"};

}  // namespace lockstep::net::errors
