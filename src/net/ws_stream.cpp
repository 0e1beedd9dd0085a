// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "net/detail/ws_stream.hpp"

#include "base/logging.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace lockstep::net {

using asio::ip::tcp;
using boost::system::error_code;

namespace {
constexpr Duration close_time = 2s;  // for the peer's close frame, or its end of the connection
}

std::shared_ptr<WebSocketStream> make_websocket_stream(
    Clock& clock, tcp::socket socket, InputBuffer input, std::string remote, WebSocketStream::Options options) {
    auto stream =
        std::make_shared<WebSocketStream>(clock, std::move(socket), std::move(input), std::move(remote), options);
    stream->begin();
    return stream;
}

WebSocketStream::WebSocketStream(
    Clock& clock, tcp::socket socket, InputBuffer input, std::string remote, Options options)
    : Outbox(socket.get_executor(), clock, options.write_timeout),
      clock_(clock),
      socket_(std::move(socket)),
      input_(std::move(input)),
      remote_(std::move(remote)),
      options_(options),
      decoder_(options.side, options.message_bytes_max),
      chance_(options.side == WsSide::client ? make_system_chance() : nullptr),
      pulse_(clock, [this] { pulse(); }),
      closing_(clock, [this] { break_off(); }) {}

void WebSocketStream::begin() {
    error_code ignored;
    socket_.non_blocking(true, ignored);
    if (options_.ping_interval > 0ns) pulse_.set_in(options_.ping_interval);
}

Task<std::optional<std::string>> WebSocketStream::receive() {
    auto const self = shared_from_this();
    for (;;) {
        if (ended_) co_return std::nullopt;
        auto left = input_.view();
        auto event = decoder_.feed(left);
        input_.consume(input_.size() - left.size());
        switch (event.kind) {
            case WsDecoder::Kind::message: co_return std::move(event.payload);
            case WsDecoder::Kind::more: {
                auto const more = co_await read();
                if (!more) end();
                break;
            }
            case WsDecoder::Kind::ping:
                pong_ = std::move(event.payload);
                kick();
                break;
            case WsDecoder::Kind::pong: break;
            case WsDecoder::Kind::close: co_await answer_close(event.code); break;
            case WsDecoder::Kind::violation: co_await fail(event.code, std::move(event.payload)); break;
        }
    }
}

Task<bool> WebSocketStream::read() {
    auto const left = decoder_.payload_left();
    if (left == 0) input_.shrink();
    auto const room = input_.room(left > InputBuffer::base_bytes ? InputBuffer::large_bytes : InputBuffer::base_bytes);
    error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    receiving_ = true;
    read_begun_ = clock_.instant();
    auto const bytes = co_await socket_.async_read_some(room, token);
    silence_ = bytes > 0 ? 0ns : silence();
    if (bytes > 0) asked_ = false;
    receiving_ = false;
    // The receiver was cancelled, not the socket: nothing is lost and another may receive.
    if (error == asio::error::operation_aborted && !broken()) throw boost::system::system_error(error);
    input_.filled(bytes);
    co_return !error && bytes > 0;
}

void WebSocketStream::end() {
    ended_ = true;
    end_.wake_all();
}

Task<void> WebSocketStream::answer_close(std::uint16_t code) {
    if (!close_sent_) {
        begin_close(code == WsCloseCode::none ? std::string{} : close_payload(code, {}));
        co_await flush();
    }
    end();
}

Task<void> WebSocketStream::fail(std::uint16_t code, std::string reason) {
    logging::debug("socket refused", {{"peer", remote_}, {"code", code}, {"reason", reason}});
    if (!close_sent_) begin_close(close_payload(code, reason));
    co_await flush();
    // The stream cannot be read any more. Closing with unread bytes would take the close frame away from
    // the peer, so what comes is thrown away until the peer closes or the closing time is over.
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    auto more = true;
    while (more) {
        input_.consume(input_.size());
        more = co_await read();
    }
    end();
}

Task<void> WebSocketStream::flush() {
    try {
        co_await handed_over();
    } catch (const std::exception&) {
        if (!broken()) throw;  // cancelled
    }
}

Task<void> WebSocketStream::send(std::string text) {
    if (broken() || close_sent_) throw boost::system::system_error(asio::error::broken_pipe);
    append(WsOpcode::text, text);
    text.clear();
    text.shrink_to_fit();
    kick();
    co_await handed_over();
}

Task<void> WebSocketStream::close(std::uint16_t code, std::string reason) {
    auto const self = shared_from_this();
    if (broken()) co_return;
    if (!close_sent_) {
        begin_close(close_payload(code, reason));
        co_await flush();
    }
    if (receiving_) {
        while (!ended_ && !broken()) co_await end_.wait();
    } else {
        while (!ended_ && !broken()) co_await receive();
    }
    break_off();
}

void WebSocketStream::begin_close(std::string payload) {
    append(WsOpcode::close, payload);
    close_sent_ = true;
    pulse_.clear();
    closing_.set_in(close_time);
    kick();
}

void WebSocketStream::leave() {
    if (!broken() && !close_sent_ && !writing()) {
        std::string frame;
        append_frame(frame, WsOpcode::close, close_payload(WsCloseCode::going_away, "the server stops"));
        error_code ignored;
        socket_.write_some(asio::buffer(frame), ignored);
    }
    break_off();
}

void WebSocketStream::append(WsOpcode opcode, std::string_view payload) {
    if (!chance_) return append_frame(tail(), opcode, payload);
    WsMask mask;
    chance_->fill(mask);
    append_frame(tail(), opcode, payload, &mask);
}

Duration WebSocketStream::silence() const {
    return receiving_ ? silence_ + (clock_.instant() - read_begun_) : silence_;
}

// A process that was stopped for a while finds the time over before it has asked, or with the answer still
// unread: neither is the peer's silence.
bool WebSocketStream::silent() {
    error_code ignored;
    return asked_ && silence() >= 2 * options_.ping_interval && socket_.available(ignored) == 0;
}

void WebSocketStream::pulse() {
    if (silent()) {
        logging::info("silent socket dropped", {{"peer", remote_}});
        return break_off();
    }
    asked_ = ping_due_ = true;
    kick();
    pulse_.set_in(options_.ping_interval);
}

void WebSocketStream::top_up(std::string&) {
    auto const pong = std::exchange(pong_, std::nullopt);
    auto const ping = std::exchange(ping_due_, false);
    if (close_sent_) return;  // nothing may follow a close frame
    if (pong) append(WsOpcode::pong, *pong);
    if (ping) append(WsOpcode::ping, {});
}

void WebSocketStream::start_write(asio::const_buffer bytes, Written written) {
    error_code error;
    auto const size = socket_.write_some(bytes, error);
    if (size == bytes.size()) return written({});
    if (error && error != asio::error::would_block && error != asio::error::try_again) return written(error);
    asio::async_write(socket_, bytes + size,
                      [written = std::move(written)](error_code failure, std::size_t) { written(failure); });
}

void WebSocketStream::cut() {
    pulse_.disarm();
    closing_.disarm();
    error_code ignored;
    socket_.close(ignored);
    if (!receiving_) end();  // else the pending read ends it
}

}  // namespace lockstep::net
