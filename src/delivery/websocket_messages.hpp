// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What clients say over a socket (firefly-core.md 12.2, 12.3), read from text; pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "delivery/delivery.hpp"

namespace lockstep::delivery {

struct NackRequest {
    AckRequest of;
};
using ClientMessage = std::variant<StartRequest, AckRequest, NackRequest>;

// FF10177 for an unknown type, LS101xx for what is no JSON, FF10176 for a member of the wrong kind,
// FF00138 for an id that is no UUID, FF10462 for a start in another namespace than the socket's.
Result<ClientMessage> parse_client_message(std::string_view text, const std::optional<std::string>& bound);

// The start that the query string asks for, if it does: by `ephemeral` or `name`. FF10178 without a
// namespace, FF10462.
Result<std::optional<StartRequest>> parse_auto_start(std::string_view query, const std::optional<std::string>& bound);

// {"type":"protocol_error","error":…} with a newline. What came in as a message is told inside FF10176.
std::string protocol_error(const Error& error, bool of_message);

}  // namespace lockstep::delivery
