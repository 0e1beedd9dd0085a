// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// FireFly's WebSocket dialect (firefly-core.md 12) over one socket: start and ack come in, deliveries and
// batches go out, one JSON object a frame, each with a newline at its end.
//
// A message that cannot be used is answered with {"type":"protocol_error"} and the connection is cut
// without a close frame, as clients know it. A start by the query string that is refused is answered
// likewise, without "FF10176" before it, and the socket stays open.
#pragma once

#include <optional>
#include <string>

#include "delivery/delivery.hpp"
#include "net/http.hpp"

namespace lockstep::delivery {

// Runs an accepted socket to its end. `bound` is the namespace of the path, empty for /ws. Both
// references must outlive it.
Task<void> run_websocket(Delivery& delivery,
                         net::WebSocket& socket,
                         net::Request request,
                         std::optional<std::string> bound);

}  // namespace lockstep::delivery
