// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "async/deadline.hpp"
#include "net/detail/ascii.hpp"
#include "net/detail/http_parser.hpp"
#include "net/detail/input_buffer.hpp"
#include "net/detail/url.hpp"
#include "net/detail/ws_handshake.hpp"
#include "net/detail/ws_stream.hpp"
#include "net/http.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <stdexcept>

namespace lockstep::net {

using asio::ip::tcp;

namespace {

constexpr std::size_t header_bytes_max = 256 << 10;
constexpr std::size_t ws_message_bytes_max = 64 << 20;  // a client of our own asked for what it gets

void append_headers(std::string& head, const Headers& headers) {
    for (const auto& [name, value] : headers.list) {
        if (name.find_first_of("\r\n: ") != name.npos || value.find_first_of("\r\n") != value.npos) {
            throw std::invalid_argument("a header with a line break: " + name);
        }
        head += name + ": " + value + "\r\n";
    }
}

// Reads until the header (when `only_header`) or the whole answer is there.
Task<void> read_response(tcp::socket& socket, InputBuffer& input, ResponseParser& parser, bool only_header) {
    for (;;) {
        auto left = input.view();
        auto parsed = parser.feed(left);
        input.consume(input.size() - left.size());
        if (parsed == Parsed::header) {
            if (only_header) co_return;
            continue;
        }
        if (parsed == Parsed::more) {
            boost::system::error_code error;
            auto token = asio::redirect_error(asio::use_awaitable, error);
            auto const bytes = co_await socket.async_read_some(input.room(InputBuffer::large_bytes), token);
            input.filled(bytes);
            if (error && error != asio::error::eof) throw boost::system::system_error(error);
            if (!error) continue;
            parsed = parser.feed_end();
        }
        if (parsed == Parsed::done) co_return;
        if (parsed == Parsed::malformed) throw std::runtime_error("malformed answer: " + parser.reason());
        throw std::runtime_error("the answer is longer than the limit");
    }
}

Task<Response> call(Executor executor,
                    std::string method,
                    std::string url,
                    Headers headers,
                    std::string body,
                    std::size_t response_bytes_max) {
    auto const parts = parse_url(url, "http");
    auto head = method + " " + parts.target + " HTTP/1.1\r\n";
    if (!headers.has("Host")) head += "Host: " + parts.authority + "\r\n";
    head += "Connection: close\r\n";
    if (!body.empty() || method == "POST" || method == "PUT" || method == "PATCH") {
        head += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    }
    append_headers(head, headers);
    head += "\r\n";

    auto socket = co_await connect_tcp(executor, parts.host, parts.port);
    std::array<asio::const_buffer, 2> const request{asio::buffer(head), asio::buffer(body)};
    // A server may refuse a body without reading it all: then the write fails and the answer is there.
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    co_await asio::async_write(socket, request, token);
    InputBuffer input;
    MessageLimits const limits{header_bytes_max, response_bytes_max};
    for (;;) {
        ResponseParser parser(limits, method == "HEAD");
        co_await read_response(socket, input, parser, false);
        auto const interim = parser.response().status < 200;  // 100 Continue
        if (!interim) co_return std::move(parser.response());
    }
}

// Cuts its stream when it goes.
class ClientWebSocket final : public WebSocket {
  public:
    explicit ClientWebSocket(std::shared_ptr<WebSocketStream> stream) : stream_(std::move(stream)) {}
    ~ClientWebSocket() override { stream_->abort(); }
    Task<std::optional<std::string>> receive() override { return stream_->receive(); }
    Task<void> send(std::string text) override { return stream_->send(std::move(text)); }
    Task<void> close(std::uint16_t code, std::string reason) override {
        return stream_->close(code, std::move(reason));
    }
    void abort() override { stream_->abort(); }
    const std::string& remote() const override { return stream_->remote(); }

  private:
    std::shared_ptr<WebSocketStream> stream_;
};

Task<std::unique_ptr<WebSocket>> open_websocket(Executor executor, Clock& clock, std::string url, Headers headers) {
    auto const parts = parse_url(url, "ws");
    auto const chance = make_system_chance();
    auto const key = make_websocket_key(*chance);
    auto head =
        "GET " + parts.target + " HTTP/1.1\r\nHost: " + parts.authority +
        "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key +
        "\r\n";
    append_headers(head, headers);
    head += "\r\n";

    auto socket = co_await connect_tcp(executor, parts.host, parts.port);
    co_await asio::async_write(socket, asio::buffer(head), asio::use_awaitable);
    InputBuffer input;
    MessageLimits const limits{header_bytes_max, 1 << 20};
    ResponseParser parser(limits, false);
    co_await read_response(socket, input, parser, true);
    const auto& response = parser.response();
    if (response.status != 101)
        throw std::runtime_error("the server refused the socket with status " + std::to_string(response.status));
    if (response.headers.get("Sec-WebSocket-Accept") != accept_of_key(key))
        throw std::runtime_error("not the answer to this handshake");

    WebSocketStream::Options const options{.side = WsSide::client, .message_bytes_max = ws_message_bytes_max};
    auto stream =
        make_websocket_stream(clock, std::move(socket), std::move(input), parts.host + ":" + parts.port, options);
    co_return std::make_unique<ClientWebSocket>(std::move(stream));
}

}  // namespace

Task<Response> http_call(Executor executor,
                         Clock& clock,
                         std::string method,
                         std::string url,
                         Headers headers,
                         std::string body,
                         Duration timeout,
                         std::size_t response_bytes_max) {
    auto work =
        call(executor, std::move(method), std::move(url), std::move(headers), std::move(body), response_bytes_max);
    return within(clock, timeout, std::move(work));
}

Task<std::unique_ptr<WebSocket>> websocket_connect(
    Executor executor, Clock& clock, std::string url, Headers headers, Duration timeout) {
    auto work = open_websocket(executor, clock, std::move(url), std::move(headers));
    return within(clock, timeout, std::move(work));
}

}  // namespace lockstep::net
