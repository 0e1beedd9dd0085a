// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The bytes under our HTTP client: plain TCP, or TLS over it.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <array>
#include <memory>
#include <optional>
#include <string>

#include "async/clock.hpp"
#include "async/task.hpp"
#include "net/web_client.hpp"

namespace lockstep::net {

class WebStream {
  public:
    virtual ~WebStream() = default;
    // 0 at the end. Throws when broken.
    virtual Task<std::size_t> read_some(asio::mutable_buffer room) = 0;
    virtual Task<void> write(std::array<asio::const_buffer, 2> bytes) = 0;
    // Nothing has come since the last answer, not even the end: it can be used again.
    virtual bool is_quiet() = 0;
};

std::unique_ptr<WebStream> make_plain_stream(asio::ip::tcp::socket socket);

// Shakes hands; the certificate must be for `host` and by somebody whom the profile trusts. Throws.
Task<std::unique_ptr<WebStream>> make_tls_stream(asio::ip::tcp::socket socket,
                                                 std::string host,
                                                 std::optional<TlsProfile> profile);

}  // namespace lockstep::net
