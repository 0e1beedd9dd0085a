// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Beast's HTTP parser, fed by hand: it fills our Request and Response directly, enforces the limits, and
// knows what a message asks of its connection. Beast is not visible from here.
#pragma once

#include "net/http.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace lockstep::net {

enum class Parsed { more, header, done, header_too_large, body_too_large, malformed };

struct MessageLimits {
    std::size_t header_bytes_max;
    std::size_t body_bytes_max;
};

class RequestParser {
  public:
    // True for a request whose body has no limit: what has come of it since the last feed() is in
    // request().body, for the caller to take.
    using Streams = std::function<bool(const Request&)>;
    explicit RequestParser(MessageLimits limits, Streams streams = {});
    ~RequestParser();

    // Forgets the request before. To be called between requests.
    void reset();
    // Takes from the front of `input` what it can use. `header` comes once in a request that has a body,
    // `done` when it is complete; what is left of `input` then belongs to the next request.
    Parsed feed(std::string_view& input);
    bool begun() const;
    // Why it is malformed.
    std::string reason() const;

    Request& request();
    bool keep_alive() const;
    bool http11() const;
    bool expects_continue() const;
    bool wants_websocket() const;
    bool streams() const;
    std::uint64_t body_bytes_left() const;

    struct Impl;

  private:
    std::unique_ptr<Impl> impl_;
};

class ResponseParser {
  public:
    // `head`: the answer to a HEAD request, which has no body whatever its header says.
    ResponseParser(MessageLimits limits, bool head);
    ~ResponseParser();

    // `header` comes once; feed() again for the body.
    Parsed feed(std::string_view& input);
    // The peer closed: `done` if the body lasts until there, otherwise `malformed`.
    Parsed feed_end();
    std::string reason() const;

    Response& response();
    // Of an answer that is done: another request may follow on its connection.
    bool keep_alive() const;

    struct Impl;

  private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace lockstep::net
