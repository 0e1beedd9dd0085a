// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "net/detail/url.hpp"

#include "net/detail/close_on_exec.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <stdexcept>
#include <utility>

namespace lockstep::net {

using asio::ip::tcp;

namespace {

std::invalid_argument bad(std::string_view what, std::string_view text) {
    return std::invalid_argument(std::string(what) + ": " + std::string(text.substr(0, 256)));
}

bool is_port(std::string_view text) {
    return !text.empty() && text.size() <= 5 && text.find_first_not_of("0123456789") == text.npos;
}

}  // namespace

Url parse_url(std::string_view text, std::string_view scheme) {
    auto const prefix = std::string(scheme) + "://";
    if (!text.starts_with(prefix)) throw bad("not a URL of scheme " + std::string(scheme), text);
    auto rest = text.substr(prefix.size());
    auto const authority = rest.substr(0, rest.find_first_of("/?#"));
    rest.remove_prefix(authority.size());
    rest = rest.substr(0, rest.find('#'));
    if (authority.empty() || authority.find_first_of("@ \r\n") != authority.npos) throw bad("no host in the URL", text);
    if (rest.find_first_of(" \r\n") != rest.npos) throw bad("white space in the URL", text);

    Url url;
    url.authority = authority;
    url.target = rest.starts_with('/') ? std::string(rest) : "/" + std::string(rest);
    auto const bracket = authority.starts_with('[') ? authority.find(']') : std::string_view::npos;
    auto const has_port = authority.find(':', bracket == authority.npos ? 0 : bracket) != authority.npos;
    auto const [host, port] = split_endpoint(has_port ? std::string(authority) : std::string(authority) + ":80");
    url.host = host;
    url.port = port;
    return url;
}

std::pair<std::string, std::string> split_endpoint(std::string_view endpoint) {
    auto const colon = endpoint.rfind(':');
    if (colon == endpoint.npos || colon == 0 || !is_port(endpoint.substr(colon + 1)))
        throw bad("not host:port", endpoint);
    auto host = endpoint.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
    } else if (host.find(':') != host.npos) {
        throw bad("not host:port", endpoint);
    }
    return {std::string(host), std::string(endpoint.substr(colon + 1))};
}

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
