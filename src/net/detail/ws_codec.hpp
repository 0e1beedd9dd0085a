// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// WebSocket frames (RFC 6455, 5) without a socket: bytes in, messages out, and back. Beast's stream is not
// used because it writes one message at a time, and a hundred small ones in one write is what a socket that
// carries events lives from; and because it keeps timers and buffers of its own for each connection.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace lockstep::net {

enum class WsOpcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

enum class WsSide { server, client };

struct WsCloseCode {
    static constexpr std::uint16_t normal = 1000, going_away = 1001, protocol_error = 1002, bad_text = 1007,
                                   too_big = 1009, internal_error = 1011, none = 1005;
};

using WsMask = std::array<std::uint8_t, 4>;

// One whole frame, masked if a mask is given (clients must).
void append_frame(std::string& out, WsOpcode opcode, std::string_view payload, const WsMask* mask = nullptr);
std::string close_payload(std::uint16_t code, std::string_view reason);

class WsDecoder {
  public:
    enum class Kind { more, message, ping, pong, close, violation };
    struct Event {
        Kind kind = Kind::more;
        std::uint16_t code = 0;  // of a close (1005: none given) or a violation (what to close with)
        std::string payload;     // of a message, ping, pong; the reason of a close or violation
    };

    // `side` is ours: a server takes masked frames only, a client unmasked ones only.
    WsDecoder(WsSide side, std::size_t message_bytes_max) : side_(side), message_bytes_max_(message_bytes_max) {}

    // Takes from the front of `input`. After a violation the stream cannot be read any further.
    Event feed(std::string_view& input);
    // Bytes of the current frame that are still to come.
    std::uint64_t payload_left() const { return payload_left_; }

  private:
    // Empty when it is valid; otherwise the violation.
    Event read_header(std::string_view& input, bool& complete);
    void take_payload(std::string_view& input);
    Event finish_frame();
    Event finish_close();

    WsSide side_;
    std::size_t message_bytes_max_;
    std::string message_, control_;
    bool message_is_text_ = false;
    bool in_message_ = false;
    // the current frame
    bool in_frame_ = false;
    bool final_ = false;
    WsOpcode opcode_{};
    std::uint64_t payload_left_ = 0;
    WsMask mask_{};
    std::size_t mask_at_ = 0;
};

// Whether `text` is valid UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

}  // namespace lockstep::net
