// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// For tests: a loop with the real clock, a server on a free port of loopback, and a client that writes
// whatever bytes it is told.
#pragma once

#include "async/deadline.hpp"
#include "base/logging.hpp"
#include "net/detail/http_parser.hpp"
#include "net/detail/input_buffer.hpp"
#include "net/http.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include <functional>
#include <stdexcept>

namespace lockstep::net {

class TestLoop {
  public:
    TestLoop() { logging::configure(logging::Level::off, false); }

    Executor executor() { return context_.get_executor(); }
    Clock& clock() { return *clock_; }

    struct Background {
        asio::cancellation_signal cancel;
        bool ended = false;
        std::exception_ptr failure;
    };
    std::shared_ptr<Background> start(Task<void> task) {
        auto const background = std::make_shared<Background>();
        asio::co_spawn(
            context_, std::move(task),
            asio::bind_cancellation_slot(background->cancel.slot(), [background](std::exception_ptr failure) {
                background->ended = true;
                background->failure = failure;
            }));
        return background;
    }
    // To its end; throws what it throws, and when it hangs.
    void run(Task<void> task) {
        auto const running = start(within(*clock_, 60s, std::move(task)));
        run_until(running->ended);
        if (running->failure) std::rethrow_exception(running->failure);
    }
    void run_until(const bool& done) {
        context_.restart();
        while (!done) {
            if (context_.run_one() == 0) throw std::logic_error("nothing left to run");
        }
    }

  private:
    asio::io_context context_{1};
    std::unique_ptr<Clock> clock_ = make_clock(context_.get_executor());
};

// A connection that says what the test says.
class RawClient {
  public:
    RawClient(Executor executor, std::uint16_t port) : socket_(executor) {
        socket_.connect({asio::ip::address_v4::loopback(), port});
        socket_.set_option(asio::ip::tcp::no_delay(true));
    }

    asio::ip::tcp::socket& socket() { return socket_; }

    Task<void> write(std::string bytes) {
        co_await asio::async_write(socket_, asio::buffer(bytes), asio::use_awaitable);
    }

    // The next answer, as the parser understands it.
    Task<Response> response(bool to_head = false) {
        MessageLimits const limits{1 << 20, 64 << 20};
        ResponseParser parser(limits, to_head);
        for (;;) {
            auto left = input_.view();
            auto parsed = parser.feed(left);
            input_.consume(input_.size() - left.size());
            if (parsed == Parsed::more) {
                auto const more = co_await read();
                if (more) continue;
                parsed = parser.feed_end();
            }
            if (parsed == Parsed::done) co_return std::move(parser.response());
            if (parsed != Parsed::header) throw std::runtime_error(parser.reason());
        }
    }
    // Exactly so many bytes, or fewer at the end of the connection.
    Task<std::string> bytes(std::size_t count) {
        auto more = true;
        while (more && input_.size() < count) more = co_await read();
        auto out = std::string(input_.view().substr(0, count));
        input_.consume(out.size());
        co_return out;
    }
    // Everything until the connection ends.
    Task<std::string> rest() {
        auto more = true;
        while (more) more = co_await read();
        auto out = std::string(input_.view());
        input_.consume(out.size());
        co_return out;
    }

  private:
    Task<bool> read() {
        boost::system::error_code error;
        auto token = asio::redirect_error(asio::use_awaitable, error);
        auto const bytes = co_await socket_.async_read_some(input_.room(InputBuffer::large_bytes), token);
        input_.filled(bytes);
        co_return !error;
    }

    asio::ip::tcp::socket socket_;
    InputBuffer input_;
};

// Answers as the test has set it up; otherwise tells what it was asked.
class TestHandler final : public Handler {
  public:
    std::function<Task<Response>(Request)> on_request;
    std::function<std::optional<Response>(const Request&)> on_refuse;
    std::function<Task<void>(Request, WebSocket&)> on_websocket;
    std::string stream_path;  // whose bodies are taken as they come
    int requests = 0;

    bool streams(const Request& request) const override { return !stream_path.empty() && request.path == stream_path; }

    Task<Response> handle(Request request) override {
        ++requests;
        if (on_request) co_return co_await on_request(std::move(request));
        Response response;
        response.content_type = "text/plain";
        response.body = request.method + " " + request.path + "?" + request.query + " " + request.body;
        co_return response;
    }
    Task<std::optional<Response>> refuse_websocket(const Request& request) override {
        std::optional<Response> refusal;
        if (on_refuse) refusal = on_refuse(request);
        co_return refusal;
    }
    Task<void> websocket(Request request, WebSocket& socket) override {
        if (on_websocket) co_await on_websocket(std::move(request), socket);
    }
};

// A server that is ended with the test.
class ServerTest : public testing::Test {
  protected:
    void serve(HttpServer::Options options = {}) { serve(options, loop.clock()); }
    void serve(HttpServer::Options options, Clock& clock) {
        server = make_http_server(loop.executor(), clock, handler, options).value();
        serving = loop.start(server->run());
    }
    void TearDown() override {
        if (!serving) return;
        serving->cancel.emit(asio::cancellation_type::terminal);
        loop.run_until(serving->ended);
    }
    RawClient connect() { return RawClient(loop.executor(), server->port()); }
    std::string url(std::string_view scheme, std::string_view target) {
        return std::string(scheme) + "://127.0.0.1:" + std::to_string(server->port()) + std::string(target);
    }

    TestLoop loop;
    TestHandler handler;
    std::unique_ptr<HttpServer> server;
    std::shared_ptr<TestLoop::Background> serving;
};

}  // namespace lockstep::net
