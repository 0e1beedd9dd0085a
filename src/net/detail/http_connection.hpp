// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// One HTTP connection: requests come in, the handler answers them one after another, in order, until one
// side closes or the connection becomes a WebSocket. One Alarm guards whatever is being waited for.
#pragma once

#include "async/log_budget.hpp"
#include "net/detail/alarm.hpp"
#include "net/detail/http_answer.hpp"
#include "net/detail/http_parser.hpp"
#include "net/detail/input_buffer.hpp"
#include "net/detail/patience.hpp"
#include "net/http.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <list>
#include <optional>
#include <stdexcept>
#include <string>

namespace lockstep::net {

class HttpConnection;

// What BodyReader::read() throws.
struct BodyFailed : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// What the connections of one server share. Outlives them.
struct HttpFace {
    Executor executor;
    Clock& clock;
    Handler& handler;
    HttpServer::Options options;
    DateLine date{};
    bool refusing = false;  // no request after the current one
    std::list<HttpConnection*> open{};
    LogBudget slow_lines{}, refused_lines{};  // of clients that were given up, and of those that found no place
};

class HttpConnection {
  public:
    HttpConnection(HttpFace& face, asio::ip::tcp::socket socket);
    ~HttpConnection();
    HttpConnection(const HttpConnection&) = delete;
    HttpConnection& operator=(const HttpConnection&) = delete;

    Task<void> run();
    // Ends now if no request is in work; otherwise run() ends after its answer.
    void finish();

  private:
    // Empty when the peer closed, broke off or was too slow.
    Task<std::optional<Parsed>> read_request();
    Task<bool> read();
    Task<void> serve();
    Task<void> serve_stream();
    // The next piece of a body that the handler takes as it comes. Empty at its end.
    Task<std::string> read_piece();
    Task<Response> ask_handler(Request request);
    Task<void> refuse(Parsed why);
    Task<void> upgrade();
    Task<void> run_websocket(Request request);
    Task<bool> write(const Response& response, AnswerForm form);
    Task<bool> write_stream(const Response& response);
    // Writes what the socket takes at once; returns how much, or nothing when the connection broke.
    std::optional<std::size_t> write_now(std::string_view head, std::string_view body);
    Task<bool> write_rest(std::string_view head, std::string_view body, std::size_t written);
    // The peer has so long for `what`, or the connection ends.
    void expect(std::string_view what, Duration within);
    void give_up();
    Task<void> linger();

    HttpFace& face_;
    asio::ip::tcp::socket socket_;
    std::string remote_;
    InputBuffer input_;
    RequestParser parser_;
    std::string head_;
    Alarm alarm_;
    std::string_view expected_;   // until the alarm rings; empty: nothing that is anybody's fault
    Patience reading_, writing_;  // of bodies that pass by the piece
    std::list<HttpConnection*>::iterator place_;
    bool idle_ = false;
    bool open_ = true;
    bool body_ended_ = false;  // of a stream
    bool told_to_go_on_ = false;
};

// Runs one connection to its end.
Task<void> serve_connection(HttpFace& face, asio::ip::tcp::socket socket);

}  // namespace lockstep::net
