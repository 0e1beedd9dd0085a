// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "load/receiver.hpp"

#include <fmt/format.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

namespace lockstep::load {

namespace http = beast::http;
using asio::ip::tcp;

namespace {

constexpr std::string_view taken = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

auto caught(boost::system::error_code& error) { return asio::redirect_error(asio::use_awaitable, error); }

}  // namespace

Receiver::Receiver(asio::io_context& io, Take take)
    : io_(io), take_(std::move(take)), endpoint_(asio::ip::address_v4::loopback(), 0) {
    listen();
}

std::string Receiver::url() const { return fmt::format("http://127.0.0.1:{}/", endpoint_.port()); }

// At the same port as before, once there was one.
void Receiver::listen() {
    acceptor_ = std::make_shared<tcp::acceptor>(io_, endpoint_, true);
    endpoint_ = acceptor_->local_endpoint();
    spawn(io_, accept(*this, acceptor_));
}

void Receiver::close() {
    acceptor_->close();
    for (auto const& stream : streams_) stream->close();
    streams_.clear();
}

void Receiver::revive() {
    close();
    silent_ = false;
    listen();
}

void Receiver::refuse() { close(); }

void Receiver::fall_silent() {
    close();
    silent_ = true;
    listen();
}

Awaitable<void> Receiver::accept(Receiver& self, std::shared_ptr<tcp::acceptor> acceptor) {
    while (true) {
        boost::system::error_code error;
        auto socket = co_await acceptor->async_accept(caught(error));
        if (!acceptor->is_open()) co_return;
        if (error) continue;
        socket.set_option(tcp::no_delay(true), error);
        self.streams_.push_back(std::make_shared<beast::tcp_stream>(std::move(socket)));
        spawn(self.io_, serve(self, self.streams_.back(), self.silent_));
    }
}

Awaitable<void> Receiver::serve(Receiver& self, Stream stream, bool silent) {
    beast::flat_buffer buffer;
    boost::system::error_code error;
    while (!error) {
        http::request<http::string_body> request;
        co_await http::async_read(*stream, buffer, request, caught(error));
        if (error || silent) continue;
        auto const target = request.target();
        self.take_({target.data(), target.size()}, request.body());
        co_await asio::async_write(*stream, asio::buffer(taken), caught(error));
    }
    self.streams_.remove(stream);
}

}  // namespace lockstep::load
