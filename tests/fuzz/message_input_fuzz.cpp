// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What a client posts, from bytes to the parsed message, as the API does it: no crash, and what was taken
// has compact values.
#include <cstddef>
#include <cstdint>

#include "base/must.hpp"
#include "core/json.hpp"
#include "messaging/input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace lockstep;
    const auto compacted = json::compact({reinterpret_cast<const char*>(data), size}, 1 << 20);
    if (!compacted) return 0;
    const auto message = messaging::parse_message_input(*compacted);
    if (!message) return 0;
    for (const auto& item : message->data) {
        if (item.value)
            MUST(json::compact(*item.value).value() == *item.value, "a value is stored in its compact form");
    }
    return 0;
}
