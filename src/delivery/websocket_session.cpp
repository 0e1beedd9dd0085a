// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "delivery/websocket_session.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "async/deadline.hpp"
#include "base/logging.hpp"
#include "delivery/websocket_messages.hpp"

namespace lockstep::delivery {

namespace {

// Ends by an exception only when it is cancelled: operator|| goes on waiting for the other side when one
// fails, and a socket that takes nothing must also end the reading.
Task<void> write_frames(Connection& connection, net::WebSocket& socket) {
    try {
        while (true) {
            auto frame = co_await connection.next();
            if (!frame) break;
            co_await socket.send(std::move(*frame));
        }
    } catch (const std::exception& error) {
        if (is_cancelled(error)) throw;
        auto const deaf = dynamic_cast<const TimedOut*>(&error) != nullptr;
        logging::write(deaf ? logging::Level::info : logging::Level::debug,
                       deaf ? "deaf socket dropped" : "socket gone",
                       {{"remote", socket.remote()}, {"error", error.what()}});
        socket.abort();
        co_return;
    }
    co_await socket.close(1001, "the node is shutting down");
}

Task<Result<void>> obey(Connection& connection, ClientMessage message) {
    if (auto* const start = std::get_if<StartRequest>(&message)) {
        auto started = co_await connection.start(std::move(*start));
        co_return started;
    }
    if (auto const* nack = std::get_if<NackRequest>(&message)) co_return connection.nack(nack->of);
    co_return connection.ack(std::get<AckRequest>(message));
}

// Until the socket ends, or a message is refused: then the connection is cut, without a close frame.
Task<void> read_messages(Connection& connection, net::WebSocket& socket, std::optional<std::string> bound) {
    while (true) {
        auto const text = co_await socket.receive();
        if (!text) co_return;
        Result<void> outcome;
        auto message = parse_client_message(*text, bound);
        if (message) {
            outcome = co_await obey(connection, std::move(*message));
        } else {
            outcome = message.error();
        }
        if (outcome) continue;
        logging::info("socket message refused", {{"remote", socket.remote()}, {"error", outcome.error().message()}});
        co_await socket.send(protocol_error(outcome.error(), true));
        socket.abort();
        co_return;
    }
}

Task<Result<void>> auto_start(Connection& connection, std::string query, std::optional<std::string> bound) {
    CO_TRY(auto start, parse_auto_start(query, bound));
    if (!start) co_return Result<void>();
    auto started = co_await connection.start(std::move(*start));
    co_return started;
}

Task<void> read_all(Connection& connection,
                    net::WebSocket& socket,
                    std::string query,
                    std::optional<std::string> bound) {
    auto const started = co_await auto_start(connection, std::move(query), bound);
    if (!started) co_await socket.send(protocol_error(started.error(), false));
    co_await read_messages(connection, socket, std::move(bound));
}

// Refusals are answered above; what fails here is the store or the socket, and the client comes back.
Task<void> read_until_end(Connection& connection,
                          net::WebSocket& socket,
                          std::string query,
                          std::optional<std::string> bound) {
    try {
        co_await read_all(connection, socket, std::move(query), std::move(bound));
    } catch (const std::exception& error) {
        if (is_cancelled(error)) throw;
        logging::warn("socket given up", {{"remote", socket.remote()}, {"error", error.what()}});
        socket.abort();
    }
}

}  // namespace

Task<void> run_websocket(Delivery& delivery,
                         net::WebSocket& socket,
                         net::Request request,
                         std::optional<std::string> bound) {
    using namespace asio::experimental::awaitable_operators;
    ConnectionInfo info{request.remote, std::string(request.headers.get("user-agent"))};
    auto const connection = delivery.connect(std::move(info));
    co_await (read_until_end(*connection, socket, std::move(request.query), std::move(bound)) ||
              write_frames(*connection, socket));
}

}  // namespace lockstep::delivery
