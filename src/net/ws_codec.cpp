// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "net/detail/ws_codec.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace lockstep::net {

namespace {

using Kind = WsDecoder::Kind;
using Event = WsDecoder::Event;

Event violation(std::uint16_t code, std::string reason) { return {Kind::violation, code, std::move(reason)}; }

bool is_control(WsOpcode opcode) { return static_cast<std::uint8_t>(opcode) >= 8; }

std::uint64_t big_endian(std::string_view bytes) {
    std::uint64_t out = 0;
    for (auto const c : bytes) out = out << 8 | static_cast<std::uint8_t>(c);
    return out;
}

void append_big_endian(std::string& out, std::uint64_t value, int bytes) {
    for (auto shift = (bytes - 1) * 8; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
}

// XORs with the mask, beginning at mask byte `at`; eight bytes at a time.
void apply_mask(char* data, std::size_t size, const WsMask& mask, std::size_t at) {
    std::array<std::uint8_t, 8> turned;
    for (std::size_t i = 0; i < turned.size(); ++i) turned[i] = mask[(at + i) % 4];
    std::uint64_t key;
    std::memcpy(&key, turned.data(), sizeof key);
    std::size_t i = 0;
    for (; i + 8 <= size; i += 8) {
        std::uint64_t word;
        std::memcpy(&word, data + i, sizeof word);
        word ^= key;
        std::memcpy(data + i, &word, sizeof word);
    }
    for (; i < size; ++i) data[i] = static_cast<char>(data[i] ^ turned[i % 4]);
}

// RFC 6455, 7.4, with the codes that IANA registered since.
bool may_be_sent(std::uint64_t code) {
    if (code >= 3000 && code <= 4999) return true;
    return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

}  // namespace

void append_frame(std::string& out, WsOpcode opcode, std::string_view payload, const WsMask* mask) {
    auto const masked = mask ? 0x80 : 0;
    out += static_cast<char>(0x80 | static_cast<std::uint8_t>(opcode));
    if (payload.size() < 126) {
        out += static_cast<char>(masked | static_cast<int>(payload.size()));
    } else if (payload.size() <= 0xffff) {
        out += static_cast<char>(masked | 126);
        append_big_endian(out, payload.size(), 2);
    } else {
        out += static_cast<char>(masked | 127);
        append_big_endian(out, payload.size(), 8);
    }
    if (mask) out.append(reinterpret_cast<const char*>(mask->data()), mask->size());
    auto const begin = out.size();
    out += payload;
    if (mask) apply_mask(out.data() + begin, payload.size(), *mask, 0);
}

std::string close_payload(std::uint16_t code, std::string_view reason) {
    constexpr std::size_t reason_bytes_max = 123;
    auto size = std::min(reason.size(), reason_bytes_max);
    // Not through the middle of a character.
    while (size > 0 && size < reason.size() && (static_cast<std::uint8_t>(reason[size]) & 0xc0) == 0x80) --size;
    std::string out;
    append_big_endian(out, code, 2);
    out += reason.substr(0, size);
    return out;
}

Event WsDecoder::feed(std::string_view& input) {
    for (;;) {
        if (!in_frame_) {
            auto complete = false;
            auto wrong = read_header(input, complete);
            if (!complete) return wrong;
            in_frame_ = true;
        }
        take_payload(input);
        if (payload_left_ > 0) return {};
        in_frame_ = false;
        auto event = finish_frame();
        if (event.kind != Kind::more) return event;
    }
}

Event WsDecoder::read_header(std::string_view& input, bool& complete) {
    if (input.size() < 2) return {};
    auto const first = static_cast<std::uint8_t>(input[0]);
    auto const second = static_cast<std::uint8_t>(input[1]);
    auto const masked = (second & 0x80) != 0;
    auto const short_length = second & 0x7f;
    auto const length_bytes = short_length == 126 ? 2u : short_length == 127 ? 8u : 0u;
    auto const opcode = static_cast<WsOpcode>(first & 0x0f);
    auto const final = (first & 0x80) != 0;

    // Whatever two bytes can show to be wrong is refused before more is waited for.
    auto const known = opcode <= WsOpcode::binary || (opcode >= WsOpcode::close && opcode <= WsOpcode::pong);
    if ((first & 0x70) != 0) return violation(WsCloseCode::protocol_error, "reserved bits are set");
    if (!known) return violation(WsCloseCode::protocol_error, "unknown opcode");
    if (masked != (side_ == WsSide::server))
        return violation(WsCloseCode::protocol_error, masked ? "masked frame" : "unmasked frame");
    if (is_control(opcode) && (!final || short_length > 125))
        return violation(WsCloseCode::protocol_error, "bad control frame");
    if (opcode == WsOpcode::continuation && !in_message_)
        return violation(WsCloseCode::protocol_error, "continuation of nothing");
    if (!is_control(opcode) && opcode != WsOpcode::continuation && in_message_) {
        return violation(WsCloseCode::protocol_error, "a message within a message");
    }

    auto const header_bytes = 2 + length_bytes + (masked ? 4 : 0);
    if (input.size() < header_bytes) return {};
    auto const length =
        length_bytes == 0 ? static_cast<std::uint64_t>(short_length) : big_endian(input.substr(2, length_bytes));
    if ((length_bytes == 2 && length < 126) || (length_bytes == 8 && length <= 0xffff)) {
        return violation(WsCloseCode::protocol_error, "length not in its shortest form");
    }
    if (!is_control(opcode) && length > message_bytes_max_ - message_.size()) {
        return violation(WsCloseCode::too_big,
                         "the message is longer than " + std::to_string(message_bytes_max_) + " bytes");
    }
    if (masked) std::memcpy(mask_.data(), input.data() + 2 + length_bytes, mask_.size());
    input.remove_prefix(header_bytes);
    final_ = final;
    opcode_ = opcode;
    payload_left_ = length;
    mask_at_ = 0;
    if (opcode == WsOpcode::text || opcode == WsOpcode::binary) {
        in_message_ = true;
        message_is_text_ = opcode == WsOpcode::text;
    }
    complete = true;
    return {};
}

void WsDecoder::take_payload(std::string_view& input) {
    // The message grows with what comes, never by what is claimed.
    auto& into = is_control(opcode_) ? control_ : message_;
    auto const bytes = static_cast<std::size_t>(std::min<std::uint64_t>(payload_left_, input.size()));
    auto const begin = into.size();
    into.append(input.substr(0, bytes));
    if (side_ == WsSide::server) apply_mask(into.data() + begin, bytes, mask_, mask_at_);
    mask_at_ = (mask_at_ + bytes) % 4;
    payload_left_ -= bytes;
    input.remove_prefix(bytes);
}

Event WsDecoder::finish_frame() {
    switch (opcode_) {
        case WsOpcode::ping: return {Kind::ping, 0, std::exchange(control_, {})};
        case WsOpcode::pong: return {Kind::pong, 0, std::exchange(control_, {})};
        case WsOpcode::close: return finish_close();
        default: break;
    }
    if (!final_) return {};
    in_message_ = false;
    if (message_is_text_ && !is_utf8(message_)) return violation(WsCloseCode::bad_text, "the text is not UTF-8");
    return {Kind::message, 0, std::exchange(message_, {})};
}

Event WsDecoder::finish_close() {
    auto const payload = std::exchange(control_, {});
    if (payload.empty()) return {Kind::close, WsCloseCode::none, {}};
    if (payload.size() == 1) return violation(WsCloseCode::protocol_error, "half a close code");
    auto const code = big_endian(std::string_view(payload).substr(0, 2));
    if (!may_be_sent(code)) return violation(WsCloseCode::protocol_error, "close code " + std::to_string(code));
    auto reason = payload.substr(2);
    if (!is_utf8(reason)) return violation(WsCloseCode::bad_text, "the close reason is not UTF-8");
    return {Kind::close, static_cast<std::uint16_t>(code), std::move(reason)};
}

bool is_utf8(std::string_view text) {
    auto const* p = reinterpret_cast<const std::uint8_t*>(text.data());
    auto const* const end = p + text.size();
    auto follows = [&](int n) {
        for (; n > 0; --n, ++p) {
            if (p == end || (*p & 0xc0) != 0x80) return false;
        }
        return true;
    };
    while (p != end) {
        if (end - p >= 8) {
            std::uint64_t word;
            std::memcpy(&word, p, sizeof word);
            if ((word & 0x8080808080808080) == 0) {
                p += 8;
                continue;
            }
        }
        auto const lead = *p++;
        if (lead < 0x80) continue;
        if (lead < 0xc2 || lead > 0xf4) return false;
        if (p == end) return false;
        auto const next = *p;
        // The second byte decides about overlong forms, surrogates and the upper end.
        if (lead == 0xe0 && next < 0xa0) return false;
        if (lead == 0xed && next > 0x9f) return false;
        if (lead == 0xf0 && next < 0x90) return false;
        if (lead == 0xf4 && next > 0x8f) return false;
        if (!follows(lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3)) return false;
    }
    return true;
}

}  // namespace lockstep::net
