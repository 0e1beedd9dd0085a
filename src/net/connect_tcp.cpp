// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "net/detail/close_on_exec.hpp"
#include "net/detail/url.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace lockstep::net {

using asio::ip::tcp;

Task<tcp::socket> connect_tcp(Executor executor, std::string host, std::string port) {
    tcp::socket socket(executor);
    boost::system::error_code not_numeric;
    auto const address = asio::ip::make_address(host, not_numeric);
    if (!not_numeric) {
        // No resolver: it would begin a thread for what is already an address.
        tcp::endpoint const endpoint(address, static_cast<std::uint16_t>(std::stoul(port)));
        co_await socket.async_connect(endpoint, asio::use_awaitable);
    } else {
        tcp::resolver resolver(executor);
        auto const found = co_await resolver.async_resolve(host, port, asio::use_awaitable);
        co_await asio::async_connect(socket, found, asio::use_awaitable);
    }
    close_on_exec(socket.native_handle());
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    co_return socket;
}

}  // namespace lockstep::net
