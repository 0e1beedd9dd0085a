// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "net/detail/http_connection.hpp"

#include "async/deadline.hpp"
#include "base/logging.hpp"
#include "net/detail/close_on_exec.hpp"
#include "net/detail/ws_handshake.hpp"
#include "net/detail/ws_stream.hpp"
#include "net/errors.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <array>

namespace lockstep::net {

using asio::ip::tcp;
using boost::system::error_code;

namespace {

// After a refusal the rest of the request is read and thrown away for so long: closing with unread bytes
// would reset the connection and could take the answer away from the peer.
constexpr Duration linger_time = 2s;
constexpr std::size_t linger_bytes_max = 256 << 20;

std::string endpoint_text(const tcp::socket& socket) {
    error_code error;
    auto const endpoint = socket.remote_endpoint(error);
    if (error) return "unknown";
    auto const address = endpoint.address().to_string();
    if (endpoint.address().is_v6()) return fmt::format("[{}]:{}", address, endpoint.port());
    return fmt::format("{}:{}", address, endpoint.port());
}

MessageLimits limits_of(const HttpServer::Options& options) {
    return {options.header_bytes_max, options.body_bytes_max};
}

std::array<asio::const_buffer, 2> unwritten(std::string_view head, std::string_view body, std::size_t written) {
    auto const of_head = std::min(written, head.size());
    auto const of_body = written - of_head;
    return {asio::buffer(head) + of_head, asio::buffer(body) + of_body};
}

// A body that the handler takes as it comes.
class PieceReader final : public BodyReader {
  public:
    explicit PieceReader(std::function<Task<std::string>()> read) : read_(std::move(read)) {}
    Task<std::string> read() override { return read_(); }

  private:
    std::function<Task<std::string>()> read_;
};

}  // namespace

Task<void> serve_connection(HttpFace& face, tcp::socket socket) {
    HttpConnection connection(face, std::move(socket));
    co_await connection.run();
}

HttpConnection::HttpConnection(HttpFace& face, tcp::socket socket)
    : face_(face),
      socket_(std::move(socket)),
      remote_(endpoint_text(socket_)),
      parser_(limits_of(face.options), [&face](const Request& request) { return face.handler.streams(request); }),
      alarm_(face.clock, [this] { give_up(); }),
      reading_(face.options.body_timeout),
      writing_(face.options.write_timeout),
      place_(face.open.insert(face.open.end(), this)) {
    error_code ignored;
    close_on_exec(socket_.native_handle());
    socket_.set_option(tcp::no_delay(true), ignored);
    socket_.non_blocking(true, ignored);
}

HttpConnection::~HttpConnection() { face_.open.erase(place_); }

void HttpConnection::finish() {
    if (!idle_) return;
    error_code ignored;
    socket_.close(ignored);
}

void HttpConnection::expect(std::string_view what, Duration within) {
    expected_ = what;
    alarm_.set_in(within);
}

void HttpConnection::give_up() {
    error_code ignored;
    socket_.close(ignored);
    if (expected_.empty()) return;
    if (auto const left_out = face_.slow_lines.line(face_.clock.instant()))
        logging::info("a client is too slow and given up",
                      {{"peer", remote_}, {"for", expected_}, {"left_out", *left_out}});
}

Task<void> HttpConnection::run() {
    while (open_ && !(face_.refusing && input_.empty())) {
        parser_.reset();
        auto const parsed = co_await read_request();
        if (!parsed) break;
        if (*parsed == Parsed::header) {
            co_await serve_stream();
            continue;
        }
        if (*parsed != Parsed::done) {
            co_await refuse(*parsed);
            break;
        }
        if (parser_.wants_websocket()) {
            co_await upgrade();
        } else {
            co_await serve();
        }
    }
}

Task<std::optional<Parsed>> HttpConnection::read_request() {
    if (input_.empty()) {
        input_.shrink();
        expect({}, face_.options.idle_timeout);
        idle_ = true;
        auto const more = co_await read();
        idle_ = false;
        if (!more) co_return std::nullopt;
    }
    // One deadline for the whole header and one for the whole body: a byte now and then buys no time.
    expect("the header of its request", face_.options.header_timeout);
    for (;;) {
        auto left = input_.view();
        auto const parsed = parser_.feed(left);
        input_.consume(input_.size() - left.size());
        if (parsed == Parsed::header) {
            if (parser_.streams()) {
                alarm_.clear();
                co_return parsed;
            }
            expect("the body of its request", face_.options.body_timeout);
            if (parser_.expects_continue() && input_.empty()) {
                constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
                if (write_now(go_on, {}) != go_on.size()) co_return std::nullopt;
            }
            continue;
        }
        if (parsed != Parsed::more) {
            alarm_.clear();
            co_return parsed;
        }
        auto const more = co_await read();
        if (!more) co_return std::nullopt;
    }
}

Task<bool> HttpConnection::read() {
    auto const large = parser_.begun() && parser_.body_bytes_left() > InputBuffer::base_bytes;
    auto const wanted = parser_.streams() ? InputBuffer::stream_bytes
                        : large           ? InputBuffer::large_bytes
                                          : InputBuffer::base_bytes;
    auto const room = input_.room(wanted);
    error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    auto const bytes = co_await socket_.async_read_some(room, token);
    input_.filled(bytes);
    co_return !error && bytes > 0;
}

Task<void> HttpConnection::serve() {
    auto& request = parser_.request();
    auto const http10 = !parser_.http11();
    auto const head = request.method == "HEAD";
    request.remote = remote_;
    auto const response = co_await ask_handler(std::move(request));
    AnswerForm const form{.keep_alive = parser_.keep_alive() && !face_.refusing, .http10 = http10, .has_body = !head};
    auto const written = co_await write(response, form);
    if (written && form.keep_alive) co_return;
    open_ = false;
    if (written && !input_.empty()) co_await linger();
}

Task<void> HttpConnection::serve_stream() {
    auto request = std::exchange(parser_.request(), {});
    request.remote = remote_;
    body_ended_ = told_to_go_on_ = false;
    reading_ = Patience(face_.options.body_timeout);
    PieceReader reader([this] { return read_piece(); });
    request.stream = &reader;
    // Whoever waits for leave to send is told to at the first read: a refusal comes before the body does.
    auto const response = co_await ask_handler(std::move(request));
    AnswerForm const form{.keep_alive = body_ended_ && parser_.keep_alive() && !face_.refusing,
                          .http10 = !parser_.http11()};
    auto const written = co_await write(response, form);
    if (written && form.keep_alive) co_return;
    open_ = false;
    if (written && (!body_ended_ || !input_.empty())) co_await linger();
}

Task<std::string> HttpConnection::read_piece() {
    if (parser_.expects_continue() && input_.empty() && !std::exchange(told_to_go_on_, true)) {
        constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        if (write_now(go_on, {}) != go_on.size()) throw BodyFailed("the peer is gone");
    }
    while (!body_ended_) {
        auto left = input_.view();
        auto const parsed = parser_.feed(left);
        input_.consume(input_.size() - left.size());
        auto piece = std::exchange(parser_.request().body, {});
        body_ended_ = parsed == Parsed::done;
        if (!body_ended_ && parsed != Parsed::more) throw BodyFailed("the body is malformed: " + parser_.reason());
        if (!piece.empty()) co_return piece;
        if (body_ended_) break;
        auto const begun = face_.clock.instant();
        auto const had = input_.size();
        expect("the next piece of its body", reading_.left());
        auto const more = co_await read();
        alarm_.clear();
        if (!more) throw BodyFailed("the body ends too early");
        reading_.spend(face_.clock.instant() - begun, input_.size() - had);
    }
    co_return std::string();
}

Task<Response> HttpConnection::ask_handler(Request request) {
    std::string failure;
    try {
        co_return co_await face_.handler.handle(std::move(request));
    } catch (const BodyFailed& error) {
        co_return error_response(lockstep::refuse(errors::malformed_request, {{"reason", error.what()}}));
    } catch (const std::exception& error) {
        failure = error.what();
    }
    auto const state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
        throw boost::system::system_error(asio::error::operation_aborted);
    logging::error("request failed", {{"peer", remote_}, {"error", failure}});
    co_return error_response(lockstep::refuse(errors::request_failed));
}

Task<void> HttpConnection::refuse(Parsed why) {
    open_ = false;
    auto response = Response{};
    if (why == Parsed::header_too_large) {
        auto const limit = std::to_string(face_.options.header_bytes_max);
        response = error_response(lockstep::refuse(errors::header_too_large, {{"limit", limit}}));
    } else if (why == Parsed::body_too_large) {
        auto const limit = std::to_string(face_.options.body_bytes_max);
        response = error_response(lockstep::refuse(errors::body_too_large, {{"limit", limit}}));
    } else {
        response = error_response(lockstep::refuse(errors::malformed_request, {{"reason", parser_.reason()}}));
    }
    AnswerForm const form{.keep_alive = false, .has_body = parser_.request().method != "HEAD"};
    auto const written = co_await write(response, form);
    if (written) co_await linger();
}

Task<void> HttpConnection::upgrade() {
    auto& request = parser_.request();
    request.remote = remote_;
    auto refusal = std::optional<Response>{};
    std::string failure;
    try {
        auto asking = face_.handler.refuse_websocket(request);
        refusal = co_await std::move(asking);
    } catch (const std::exception& error) {
        failure = error.what();
    }
    if (!failure.empty()) {
        auto const state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none)
            throw boost::system::system_error(asio::error::operation_aborted);
        logging::error("upgrade failed", {{"peer", remote_}, {"error", failure}});
        refusal = error_response(lockstep::refuse(errors::request_failed));
    }
    auto const accept = websocket_accept(request.headers);
    if (!refusal && !accept) {
        refusal = error_response(
            lockstep::refuse(errors::malformed_request, {{"reason", "not a WebSocket handshake of version 13"}}));
        refusal->headers.set("Sec-WebSocket-Version", "13");
    }
    if (refusal) {
        AnswerForm const form{.keep_alive = parser_.keep_alive() && !face_.refusing};
        open_ = co_await write(*refusal, form) && form.keep_alive;
        co_return;
    }
    open_ = false;
    head_ = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
            *accept + "\r\n\r\n";
    if (write_now(head_, {}) != head_.size()) co_return;
    co_await run_websocket(std::move(request));
}

Task<void> HttpConnection::run_websocket(Request request) {
    WebSocketStream::Options const options{.message_bytes_max = face_.options.ws_message_bytes_max,
                                           .ping_interval = face_.options.ws_ping_interval,
                                           .write_timeout = face_.options.ws_write_timeout};
    auto const stream = make_websocket_stream(face_.clock, std::move(socket_), std::move(input_), remote_, options);
    // However this coroutine ends: what is still being written must not go on without an owner.
    struct Cut {
        WebSocketStream& stream;
        ~Cut() { stream.abort(); }
    } const cut{*stream};
    auto code = WsCloseCode::normal;
    try {
        co_await face_.handler.websocket(std::move(request), *stream);
    } catch (const std::exception& error) {
        code = WsCloseCode::internal_error;
        if (!is_cancelled(error)) logging::warn("socket handler ended", {{"peer", remote_}, {"error", error.what()}});
    }
    auto const state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) {
        stream->leave();
        throw boost::system::system_error(asio::error::operation_aborted);
    }
    co_await stream->close(code, "");
}

Task<bool> HttpConnection::write(const Response& response, AnswerForm form) {
    write_head(head_, response, face_.date.at(face_.clock.now()), form);
    writing_ = Patience(face_.options.write_timeout);
    if (response.stream && form.has_body && status_has_body(response.status)) co_return co_await write_stream(response);
    auto const body =
        form.has_body && status_has_body(response.status) ? std::string_view(response.body) : std::string_view{};
    auto const written = write_now(head_, body);
    if (!written) co_return false;
    if (*written == head_.size() + body.size()) co_return true;
    co_return co_await write_rest(head_, body, *written);
}

Task<bool> HttpConnection::write_stream(const Response& response) {
    std::string_view head = head_;
    for (auto left = response.stream_bytes; left > 0 || !head.empty();) {
        std::string piece;
        std::string failure;
        try {
            if (left > 0) piece = co_await response.stream->next();
            if (left > 0 && (piece.empty() || piece.size() > left)) failure = "the source has another length";
        } catch (const std::exception& error) {
            failure = error.what();
        }
        if (!failure.empty()) {
            logging::error("an answer breaks off", {{"peer", remote_}, {"error", failure}});
            co_return false;
        }
        left -= piece.size();
        auto const written = write_now(head, piece);
        if (!written) co_return false;
        if (*written < head.size() + piece.size()) {
            auto const passed = co_await write_rest(head, piece, *written);
            if (!passed) co_return false;
        }
        head = {};
    }
    co_return true;
}

std::optional<std::size_t> HttpConnection::write_now(std::string_view head, std::string_view body) {
    // Nearly every answer fits into the socket's buffer, and this way costs one call and no turn of the loop.
    error_code error;
    auto const written = socket_.write_some(unwritten(head, body, 0), error);
    if (error && error != asio::error::would_block && error != asio::error::try_again) return std::nullopt;
    return written;
}

Task<bool> HttpConnection::write_rest(std::string_view head, std::string_view body, std::size_t written) {
    while (written < head.size() + body.size()) {
        auto const begun = face_.clock.instant();
        expect("taking an answer", writing_.left());  // a large one may take long, a stuck peer not
        error_code error;
        auto token = asio::redirect_error(asio::use_awaitable, error);
        auto const rest = unwritten(head, body, written);
        auto const bytes = co_await socket_.async_write_some(rest, token);
        if (error) co_return false;
        written += bytes;
        writing_.spend(face_.clock.instant() - begun, bytes);
    }
    alarm_.clear();
    co_return true;
}

Task<void> HttpConnection::linger() {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    expect({}, linger_time);
    std::size_t dropped = 0;
    for (auto more = true; more && dropped < linger_bytes_max;) {
        dropped += input_.size();
        input_.consume(input_.size());
        more = co_await read();
    }
}

}  // namespace lockstep::net
