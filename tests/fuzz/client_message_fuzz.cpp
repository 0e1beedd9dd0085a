// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What a client says over a socket, and in the address it opens it with: no crash, and a refusal can be
// told in a frame.
#include <cstddef>
#include <cstdint>

#include "base/must.hpp"
#include "core/json.hpp"
#include "delivery/websocket_messages.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace lockstep;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const auto& bound : {std::optional<std::string>(), std::optional<std::string>("default")}) {
        if (const auto message = delivery::parse_client_message(text, bound); !message) {
            MUST(json::compact(delivery::protocol_error(message.error(), true)).has_value(), "a refusal is JSON");
        }
        if (const auto start = delivery::parse_auto_start(text, bound); start && *start && bound) {
            MUST((*start)->namespace_ == *bound, "a socket stays in its namespace");
        }
    }
    return 0;
}
