// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "load/client.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <cstdlib>
#include <iostream>
#include <stdexcept>

namespace lockstep::load {

namespace http = beast::http;
using asio::use_awaitable;

namespace {

Awaitable<void> connect(beast::tcp_stream& stream, const Address& address) {
    asio::ip::tcp::resolver resolver(co_await asio::this_coro::executor);
    auto const found = co_await resolver.async_resolve(address.host, address.port, use_awaitable);
    co_await stream.async_connect(found, use_awaitable);
    stream.socket().set_option(asio::ip::tcp::no_delay(true));
}

}  // namespace

Awaitable<void> sleep_until(Instant when) {
    asio::steady_timer timer(co_await asio::this_coro::executor, when);
    co_await timer.async_wait(use_awaitable);
}

Awaitable<void> sleep_for(double seconds) {
    return sleep_until(now() + std::chrono::nanoseconds(static_cast<std::int64_t>(seconds * 1e9)));
}

void spawn(asio::io_context& io, Awaitable<void> work) {
    asio::co_spawn(io, std::move(work), [](std::exception_ptr failure) {
        if (!failure) return;
        try {
            std::rethrow_exception(failure);
        } catch (const std::exception& error) {
            std::cerr << "lockstep_load: " << error.what() << std::endl;
            std::_Exit(1);
        }
    });
}

Address Address::parse(std::string_view url) {
    if (auto const scheme = url.find("://"); scheme != url.npos) url.remove_prefix(scheme + 3);
    auto const colon = url.rfind(':');
    if (colon == url.npos) throw std::runtime_error("an address is http://host:port");
    return {std::string(url.substr(0, colon)), std::string(url.substr(colon + 1))};
}

Client::Client(asio::io_context& io, Address address, std::size_t connections)
    : address_(std::move(address)), idle_(io, connections) {
    for (std::size_t i = 0; i < connections; ++i) {
        all_.push_back(std::make_unique<Connection>(io));
        idle_.try_send(boost::system::error_code{}, all_.back().get());
    }
}

Awaitable<void> Client::open(Connection& connection) {
    co_await connect(connection.stream, address_);
    connection.open = true;
}

Awaitable<Answer> Client::call(http::verb verb, std::string path, std::string body) {
    auto* connection = co_await idle_.async_receive(use_awaitable);
    http::request<http::string_body> request{verb, path, 11};
    request.set(http::field::host, address_.host);
    if (!body.empty()) request.set(http::field::content_type, "application/json");
    request.body() = std::move(body);
    request.prepare_payload();
    if (!connection->open) co_await open(*connection);
    co_await http::async_write(connection->stream, request, use_awaitable);
    http::response<http::string_body> response;
    co_await http::async_read(connection->stream, connection->buffer, response, use_awaitable);
    if (!response.keep_alive()) {
        connection->stream.close();
        connection->open = false;
    }
    idle_.try_send(boost::system::error_code{}, connection);
    co_return Answer{response.result_int(), std::move(response.body())};
}

Awaitable<std::string> Client::need(http::verb verb, std::string path, std::string body) {
    auto answer = co_await call(verb, path, std::move(body));
    if (answer.status / 100 != 2)
        throw std::runtime_error(path + " answered " + std::to_string(answer.status) + " " +
                                 answer.body.substr(0, 200));
    co_return std::move(answer.body);
}

Socket::Socket(asio::io_context& io, Address address) : address_(std::move(address)), stream_(io) {}

Awaitable<void> Socket::open(std::string path) {
    co_await connect(beast::get_lowest_layer(stream_), address_);
    stream_.read_message_max(64 << 20);
    co_await stream_.async_handshake(address_.host + ":" + address_.port, path, use_awaitable);
}

Awaitable<std::string_view> Socket::receive() {
    buffer_.consume(buffer_.size());
    co_await stream_.async_read(buffer_, use_awaitable);
    co_return std::string_view(static_cast<const char*>(buffer_.data().data()), buffer_.size());
}

Awaitable<void> Socket::send(std::string_view text) { co_await stream_.async_write(asio::buffer(text), use_awaitable); }

void Socket::close() { beast::get_lowest_layer(stream_).close(); }

}  // namespace lockstep::load
