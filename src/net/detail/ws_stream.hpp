// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// One WebSocket after its handshake, of either side.
//
// Closing: whoever closes sends a close frame, waits a moment for the other's, and closes the connection.
// Pongs and pings ride with the next write; of several pings only the last is answered (RFC 6455, 5.5.3),
// so that a peer that pings and does not read costs no memory.
#pragma once

#include "base/chance.hpp"
#include "net/detail/input_buffer.hpp"
#include "net/detail/outbox.hpp"
#include "net/detail/ws_codec.hpp"
#include "net/http.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <optional>

namespace lockstep::net {

class WebSocketStream final : public WebSocket, public Outbox {
  public:
    struct Options {
        WsSide side = WsSide::server;
        std::size_t message_bytes_max = 1 << 20;
        Duration ping_interval{0};  // 0: no pings, and silence is not noticed
        Duration write_timeout = 30s;
    };

    // `input`: what came behind the handshake.
    WebSocketStream(Clock& clock, asio::ip::tcp::socket socket, InputBuffer input, std::string remote, Options options);

    Task<std::optional<std::string>> receive() override;
    Task<void> send(std::string text) override;
    Task<void> close(std::uint16_t code, std::string reason) override;
    void abort() override { break_off(); }
    const std::string& remote() const override { return remote_; }

    // At the end of the server: says 1001 if the socket takes it at once, and cuts.
    void leave();
    // Arms the pings; once, when it is held by its shared_ptr.
    void begin();

  private:
    void start_write(asio::const_buffer bytes, Written written) override;
    void top_up(std::string& tail) override;
    void cut() override;

    void append(WsOpcode opcode, std::string_view payload);
    void begin_close(std::string payload);
    void pulse();
    Duration silence() const;
    bool silent();
    Task<bool> read();
    Task<void> answer_close(std::uint16_t code);
    Task<void> fail(std::uint16_t code, std::string reason);
    Task<void> flush();
    void end();

    Clock& clock_;
    asio::ip::tcp::socket socket_;
    InputBuffer input_;
    std::string remote_;
    Options options_;
    WsDecoder decoder_;
    std::unique_ptr<Chance> chance_;  // of a client's masks
    Alarm pulse_, closing_;
    // How long the peer has said nothing while somebody was listening: a handler that is busy with a message
    // does not make its peer silent.
    Duration silence_{0};
    Instant read_begun_;
    std::optional<std::string> pong_;
    bool ping_due_ = false;
    bool asked_ = false;  // a ping was sent after the peer's last byte
    bool receiving_ = false;
    bool close_sent_ = false;
    bool ended_ = false;  // nothing more will be received
    Waiters end_;
};

std::shared_ptr<WebSocketStream> make_websocket_stream(Clock& clock,
                                                       asio::ip::tcp::socket socket,
                                                       InputBuffer input,
                                                       std::string remote,
                                                       WebSocketStream::Options options);

}  // namespace lockstep::net
