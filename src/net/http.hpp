// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// HTTP/1.1 and WebSocket, server and client. Beast stays behind this header; nothing above includes it.
#pragma once

#include "async/clock.hpp"
#include "async/task.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lockstep::net {

struct Headers {
    std::vector<std::pair<std::string, std::string>> list;
    // Case-insensitive; the first one; empty when there is none.
    std::string_view get(std::string_view name) const;
    bool has(std::string_view name) const;
    void set(std::string name, std::string value);
};

// The body of a request that is taken as it comes. What is not read is not taken from the peer, who then waits.
class BodyReader {
  public:
    virtual ~BodyReader() = default;
    // The next bytes, at most about 256 KiB; empty at the end. Throws when the peer broke off, was too slow, or
    // sent what is no body.
    virtual Task<std::string> read() = 0;
};

// The body of an answer, made as it goes. Asked for more only when the peer has taken what was before.
class BodySource {
  public:
    virtual ~BodySource() = default;
    // The next bytes, at least one. An exception ends the connection, so that the peer sees that some are missing.
    virtual Task<std::string> next() = 0;
};

struct Request {
    std::string method;  // upper case
    std::string path;    // up to '?', as sent (percent escapes kept)
    std::string query;   // after '?', as sent
    Headers headers;
    std::string body;
    std::string remote;  // "127.0.0.1:54321"
    // Of a request for which Handler::streams() said so: `body` is empty. Lives until handle() returns.
    BodyReader* stream = nullptr;
};

struct Response {
    int status = 200;
    std::string content_type = "application/json";  // no header when empty
    std::string body{};
    Headers headers{};
    // Instead of `body`: exactly stream_bytes of it are sent.
    std::shared_ptr<BodySource> stream{};
    std::uint64_t stream_bytes = 0;
};

// Percent-decodes; a '+' is a space when `plus`. Malformed escapes are empty.
std::optional<std::string> percent_decode(std::string_view text, bool plus);
// For one segment of a path: all but letters, digits and -._~ as %XX.
std::string percent_encode(std::string_view text);
// name=value pairs in order, decoded. Pairs with malformed escapes are left out.
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query);

// One open socket. One coroutine may receive while another sends; sends are queued in order.
class WebSocket {
  public:
    virtual ~WebSocket() = default;
    // The next text or binary message; empty when the peer closed or the connection broke.
    virtual Task<std::optional<std::string>> receive() = 0;
    // Returns when the message has been handed to the operating system, within the server's
    // ws_write_timeout; later (or when broken) it throws and the socket is gone.
    virtual Task<void> send(std::string text) = 0;
    virtual Task<void> close(std::uint16_t code, std::string reason) = 0;
    // Cuts the connection without a close frame; a pending receive() ends.
    virtual void abort() = 0;
    virtual const std::string& remote() const = 0;
};

class Handler {
  public:
    virtual ~Handler() = default;
    virtual Task<Response> handle(Request request) = 0;
    // True for a request, of which the header is here, whose body the handler reads from Request::stream. Such a
    // body has no limit; its reader sets one.
    virtual bool streams(const Request&) const { return false; }
    // An upgrade request: an answer refuses it; nothing accepts it. `request` outlives the task.
    virtual Task<std::optional<Response>> refuse_websocket(const Request& request) = 0;
    // Runs the accepted socket to its end; when it returns the socket is closed.
    virtual Task<void> websocket(Request request, WebSocket& socket) = 0;
};

class HttpServer {
  public:
    struct Options {
        std::string address = "127.0.0.1";
        std::uint16_t port = 0;                      // 0: any free one
        std::size_t connections_max = 20'000;        // beyond it new connections are closed at once
        int descriptor_max = 0;                      // sockets of a higher descriptor too; 0: none is too high
        std::size_t header_bytes_max = 64 << 10;     // 431 beyond
        std::size_t body_bytes_max = 16 << 20;       // 413 beyond, before it is read
        Duration idle_timeout = 120s;                // between requests
        Duration header_timeout = 15s;               // first byte to the end of the headers
        Duration body_timeout = 120s;                // of a stream: for each piece
        Duration write_timeout = 120s;               // for each piece of an answer
        std::size_t ws_message_bytes_max = 1 << 20;  // close code 1009 beyond
        Duration ws_ping_interval = 30s;             // a socket silent for twice as long is dropped
        Duration ws_write_timeout = 30s;
    };
    virtual ~HttpServer() = default;
    // The port that is really used.
    virtual std::uint16_t port() const = 0;
    // Accepts and serves until cancelled or stop(); returns when every connection has ended.
    virtual Task<void> run() = 0;
    // Closes the acceptor; keep-alive connections end after their current answer.
    virtual void refuse_new() = 0;
};

// Binds at once: LS10010 when the address is in use or not ours. `handler` and `clock` must outlive the
// server; both are used on `executor` only.
Result<std::unique_ptr<HttpServer>> make_http_server(Executor executor,
                                                     Clock& clock,
                                                     Handler& handler,
                                                     HttpServer::Options options);

// One request over a new connection. `url` is http://host:port/path?query. Failures throw.
Task<Response> http_call(Executor executor,
                         Clock& clock,
                         std::string method,
                         std::string url,
                         Headers headers,
                         std::string body,
                         Duration timeout,
                         std::size_t response_bytes_max = 64 << 20);

// A client socket: ws://host:port/path?query.
Task<std::unique_ptr<WebSocket>> websocket_connect(
    Executor executor, Clock& clock, std::string url, Headers headers, Duration timeout);

}  // namespace lockstep::net
