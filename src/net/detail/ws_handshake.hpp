// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The handshake's arithmetic: Sec-WebSocket-Key and its answer.
#pragma once

#include "base/chance.hpp"
#include "net/http.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace lockstep::net {

// What Sec-WebSocket-Accept says to this key.
std::string accept_of_key(std::string_view key);
// A client's new key.
std::string make_websocket_key(Chance& chance);
// The value of Sec-WebSocket-Accept, or nothing when it is no handshake of version 13.
std::optional<std::string> websocket_accept(const Headers& headers);

}  // namespace lockstep::net
