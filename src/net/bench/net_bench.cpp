// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What the edge costs by itself, apart from everything behind it.
//   net_bench serve PORT             a trivial handler; GET with wrk. /ws?n=N&senders=S sends N messages.
//   net_bench receive PORT N SENDERS  receives N messages over one socket of such a server
#include "async/scope.hpp"
#include "net/http.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include <cstdlib>
#include <string>

namespace {

using namespace lockstep;

constexpr std::size_t message_bytes = 200;

Task<void> send_many(net::WebSocket& socket, int count) {
    for (auto i = 0; i < count; ++i) co_await socket.send(std::string(message_bytes, 'x'));
}

class Trivial final : public net::Handler {
  public:
    explicit Trivial(Executor executor) : executor_(executor) {}

    Task<net::Response> handle(net::Request) override {
        net::Response response;
        response.body = R"({"hello":"world"})";
        co_return response;
    }
    Task<std::optional<net::Response>> refuse_websocket(const net::Request&) override { co_return std::nullopt; }
    Task<void> websocket(net::Request request, net::WebSocket& socket) override {
        auto const wanted = net::parse_query(request.query);
        auto const count = std::atoi(wanted.at(0).second.c_str());
        auto const senders = std::atoi(wanted.at(1).second.c_str());
        Scope scope(executor_, {.name = "senders"});
        for (auto i = 0; i < senders; ++i) scope.spawn(send_many(socket, count / senders));
        co_await scope.join();
        while (co_await socket.receive()) {
        }
    }

  private:
    Executor executor_;
};

Task<void> receive(Executor executor, Clock& clock, std::string url, int count) {
    auto const socket = co_await net::websocket_connect(executor, clock, url, {}, 5s);
    auto const begin = clock.instant();
    for (auto i = 0; i < count; ++i) {
        auto const message = co_await socket->receive();
        if (!message) throw std::runtime_error("the server closed");
    }
    auto const seconds = std::chrono::duration<double>(clock.instant() - begin).count();
    fmt::print("{} messages of {} bytes in {:.3f} s: {:.0f}/s\n", count, message_bytes, seconds, count / seconds);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) return EXIT_FAILURE;
    asio::io_context context(1);
    auto const clock = make_clock(context.get_executor());
    auto const port = std::atoi(argv[2]);
    auto rethrow = [](std::exception_ptr failure) {
        if (failure) std::rethrow_exception(failure);
    };
    if (argc >= 5) {
        auto const url = fmt::format("ws://127.0.0.1:{}/ws?n={}&senders={}", port, argv[3], argv[4]);
        asio::co_spawn(context, receive(context.get_executor(), *clock, url, std::atoi(argv[3])), rethrow);
        context.run();
        return EXIT_SUCCESS;
    }
    Trivial handler(context.get_executor());
    net::HttpServer::Options options;
    options.port = static_cast<std::uint16_t>(port);
    auto const server = make_http_server(context.get_executor(), *clock, handler, options);
    if (!server) {
        fmt::print(stderr, "{}\n", server.error().message());
        return EXIT_FAILURE;
    }
    asio::co_spawn(context, server.value()->run(), rethrow);
    context.run();
}
