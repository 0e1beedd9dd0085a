// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What net itself answers.
#pragma once

#include "base/error_list.hpp"

namespace lockstep::errors {

// clang-format off
#define LOCKSTEP_NET_ERRORS(X)                                                                                       \
    X(request_failed, "LS10001", 500, "The request failed inside the server; its log says why")                      \
    X(header_too_large, "LS10003", 431, "The request header is longer than {limit} bytes")                           \
    X(body_too_large, "LS10004", 413, "The request body is longer than {limit} bytes")                               \
    X(malformed_request, "LS10007", 400, "This is no HTTP request: {reason}")                                        \
    X(cannot_listen, "LS10010", 500, "Cannot listen on {endpoint}: {reason}")                                        \
    X(frame_too_large, "LS10402", 413, "A frame of {size} bytes is larger than {limit}")                             \
    X(address_refused, "LS10412", 403, "'{host}' is at {address}, which this node may not call")                     \
    X(bad_address_range, "LS10413", 400, "'{range}' is no range of addresses, such as 127.0.0.0/8")
// clang-format on
LOCKSTEP_ERROR_LIST(of_net, LOCKSTEP_NET_ERRORS)

}  // namespace lockstep::errors
