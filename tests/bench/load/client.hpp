// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The member under load, as a client sees it: keep-alive HTTP connections that requests wait for in turn,
// and sockets. One thread. Errors are exceptions: a load that meets one has failed.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/verb.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lockstep::load {

namespace asio = boost::asio;
namespace beast = boost::beast;
template <class T>
using Awaitable = asio::awaitable<T>;
using Instant = std::chrono::steady_clock::time_point;

inline Instant now() { return std::chrono::steady_clock::now(); }
inline double milliseconds(Instant from, Instant to) {
    return std::chrono::duration<double, std::milli>(to - from).count();
}
Awaitable<void> sleep_until(Instant when);
Awaitable<void> sleep_for(double seconds);
// Beside everything else; when it fails, the process ends.
void spawn(asio::io_context& io, Awaitable<void> work);

// http://host:port
struct Address {
    std::string host, port;
    static Address parse(std::string_view url);
};

struct Answer {
    unsigned status = 0;
    std::string body;
};

// At most so many requests at once; the others wait.
class Client {
  public:
    Client(asio::io_context& io, Address address, std::size_t connections);
    Awaitable<Answer> call(beast::http::verb verb, std::string path, std::string body = {});
    // As call(); another answer than 2xx is an exception.
    Awaitable<std::string> need(beast::http::verb verb, std::string path, std::string body = {});
    const Address& address() const { return address_; }

  private:
    struct Connection {
        explicit Connection(asio::io_context& io) : stream(io) {}
        beast::tcp_stream stream;
        beast::flat_buffer buffer;
        bool open = false;
    };
    Awaitable<void> open(Connection& connection);

    Address address_;
    std::vector<std::unique_ptr<Connection>> all_;
    asio::experimental::channel<void(boost::system::error_code, Connection*)> idle_;
};

class Socket {
  public:
    Socket(asio::io_context& io, Address address);
    Awaitable<void> open(std::string path);
    // Valid until the next call.
    Awaitable<std::string_view> receive();
    Awaitable<void> send(std::string_view text);
    void close();

  private:
    Address address_;
    beast::websocket::stream<beast::tcp_stream> stream_;
    beast::flat_buffer buffer_;
};

}  // namespace lockstep::load
