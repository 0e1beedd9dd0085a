// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// An endpoint for webhooks on loopback: an HTTP server that takes every call, or plays dead.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "load/client.hpp"

namespace lockstep::load {

class Receiver {
  public:
    using Take = std::function<void(std::string_view target, std::string_view body)>;
    // `take` sees each call before it is answered with 200.
    Receiver(asio::io_context& io, Take take);

    std::string url() const;
    // Takes calls.
    void revive();
    // Nobody listens, and who was connected is not any more.
    void refuse();
    // Reads calls and never answers.
    void fall_silent();

  private:
    using Stream = std::shared_ptr<beast::tcp_stream>;
    void listen();
    void close();
    static Awaitable<void> accept(Receiver& self, std::shared_ptr<asio::ip::tcp::acceptor> acceptor);
    static Awaitable<void> serve(Receiver& self, Stream stream, bool silent);

    asio::io_context& io_;
    Take take_;
    asio::ip::tcp::endpoint endpoint_;
    std::shared_ptr<asio::ip::tcp::acceptor> acceptor_;
    std::list<Stream> streams_;
    bool silent_ = false;
};

}  // namespace lockstep::load
