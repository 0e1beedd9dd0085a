// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "async/scope.hpp"
#include "base/logging.hpp"
#include "net/detail/close_on_exec.hpp"
#include "net/detail/http_connection.hpp"
#include "net/errors.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

namespace lockstep::net {

using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr int backlog = 4096;
constexpr Duration pause_after_failed_accept = 100ms;  // out of descriptors, most likely

class AsioHttpServer final : public HttpServer {
  public:
    AsioHttpServer(Executor executor, Clock& clock, Handler& handler, Options options)
        : face_{.executor = executor, .clock = clock, .handler = handler, .options = std::move(options)},
          acceptor_(executor) {}

    void listen() {
        tcp::resolver resolver(face_.executor);
        auto const found =
            resolver.resolve(face_.options.address, std::to_string(face_.options.port), tcp::resolver::passive);
        auto const endpoint = found.begin()->endpoint();
        acceptor_.open(endpoint.protocol());
        close_on_exec(acceptor_.native_handle());
        acceptor_.set_option(tcp::acceptor::reuse_address(true));
        acceptor_.bind(endpoint);
        acceptor_.listen(backlog);
        port_ = acceptor_.local_endpoint().port();
    }

    std::uint16_t port() const override { return port_; }

    Task<void> run() override {
        Scope connections(face_.executor, {.name = "http connections", .limit = face_.options.connections_max});
        co_await connections.join(accept_all(connections));
    }

    void refuse_new() override {
        face_.refusing = true;
        error_code ignored;
        acceptor_.close(ignored);
        for (auto* const connection : face_.open) connection->finish();
    }

  private:
    Task<void> accept_all(Scope& connections) {
        while (acceptor_.is_open()) {
            error_code error;
            auto token = asio::redirect_error(asio::use_awaitable, error);
            auto socket = co_await acceptor_.async_accept(token);
            if (error == asio::error::operation_aborted) continue;  // closed, or cancelled: the next wait throws
            if (error) {
                logging::warn("accept failed", {{"port", port_}, {"error", error.message()}});
                co_await face_.clock.sleep(pause_after_failed_accept);
                continue;
            }
            auto const descriptor = socket.native_handle();
            if (face_.options.descriptor_max > 0 && descriptor > face_.options.descriptor_max) {
                tell_refused("open files", face_.options.descriptor_max);
                continue;
            }
            auto const served = connections.spawn(serve_connection(face_, std::move(socket)));
            if (!served) tell_refused("connections", face_.options.connections_max);
        }
    }

    template <class Limit>
    void tell_refused(std::string_view what, Limit limit) {
        if (auto const left_out = face_.refused_lines.line(face_.clock.instant()))
            logging::warn("a connection is refused",
                          {{"port", port_}, {"too_many", what}, {"limit", limit}, {"left_out", *left_out}});
    }

    HttpFace face_;
    tcp::acceptor acceptor_;
    std::uint16_t port_ = 0;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> make_http_server(Executor executor,
                                                     Clock& clock,
                                                     Handler& handler,
                                                     HttpServer::Options options) {
    auto const endpoint = fmt::format("{}:{}", options.address, options.port);
    auto server = std::make_unique<AsioHttpServer>(std::move(executor), clock, handler, std::move(options));
    try {
        server->listen();
    } catch (const boost::system::system_error& error) {
        auto const reason = error.code().message();
        return refuse(errors::cannot_listen, {{"endpoint", endpoint}, {"reason", reason}});
    }
    return server;
}

}  // namespace lockstep::net
