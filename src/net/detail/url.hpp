// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The little of URLs that our own client needs: scheme://host[:port][/path][?query].
#pragma once

#include "async/clock.hpp"
#include "async/task.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace lockstep::net {

struct Url {
    std::string host;  // without the brackets of IPv6
    std::string port;
    std::string authority;  // as a Host header has it
    std::string target;     // path and query, at least "/"
};

// Throws invalid_argument when it is not `scheme` or has no host.
Url parse_url(std::string_view text, std::string_view scheme);

// "http" or "https", of what is_web_url() has let pass.
std::string_view web_scheme(std::string_view url);

// "host:port" or "[v6]:port"; throws invalid_argument.
std::pair<std::string, std::string> split_endpoint(std::string_view endpoint);

// Resolves and connects, trying one address after another.
Task<asio::ip::tcp::socket> connect_tcp(Executor executor, std::string host, std::string port);

}  // namespace lockstep::net
