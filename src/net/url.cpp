// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "net/detail/url.hpp"

#include <stdexcept>
#include <utility>

namespace lockstep::net {

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
    auto const* const usual_port = scheme == "https" || scheme == "wss" ? ":443" : ":80";
    auto const [host, port] = split_endpoint(has_port ? std::string(authority) : std::string(authority) + usual_port);
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

}  // namespace lockstep::net
