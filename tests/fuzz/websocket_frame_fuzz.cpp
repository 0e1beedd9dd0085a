// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// WebSocket frames on any bytes, at both sides and in two pieces: no crash, no message beyond its limit,
// and text is UTF-8.
#include <cstddef>
#include <cstdint>

#include "base/must.hpp"
#include "net/detail/ws_codec.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace lockstep::net;
    constexpr std::size_t message_max = 4096;
    const std::string_view all(reinterpret_cast<const char*>(data), size);
    const auto cut = size ? data[size - 1] % size : 0;
    for (const auto side : {WsSide::server, WsSide::client}) {
        WsDecoder decoder(side, message_max);
        for (auto piece : {all.substr(0, cut), all.substr(cut)}) {
            while (true) {
                const auto event = decoder.feed(piece);
                if (event.kind == WsDecoder::Kind::violation) return 0;
                if (event.kind == WsDecoder::Kind::more) break;
                MUST(event.payload.size() <= message_max, "a message stays within its limit");
                if (event.kind == WsDecoder::Kind::close) MUST(is_utf8(event.payload), "a reason is text");
            }
        }
    }
    return 0;
}
