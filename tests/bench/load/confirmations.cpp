// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "load/confirmations.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <iostream>

#include "core/json.hpp"

namespace lockstep::load {

using asio::use_awaitable;

std::shared_ptr<Confirmations::Waiting> Confirmations::entry(const std::string& id) {
    auto& found = waiting_[id];
    if (!found) found = std::make_shared<Waiting>(io_);
    return found;
}

void Confirmations::tell(std::size_t index, std::string_view event) {
    auto const [type, reference] = json::Value{event}.pick("type", "reference");
    auto const id = reference.as_string();
    if (!id) return;
    auto waiting = entry(*id);
    auto const bit = 1U << index;
    if (waiting->seen & bit) return;
    waiting->seen |= bit;
    waiting->told.at[index] = now();
    waiting->told.rejected |= type.text() == R"("message_rejected")";
    if (waiting->seen == 3) waiting->bell.cancel();
}

Awaitable<void> Confirmations::watch(std::size_t index, Address address, std::string query) {
    auto socket = std::make_shared<Socket>(io_, std::move(address));
    co_await socket->open(
        "/ws?namespace=default&ephemeral&autoack&filter.events=%5Emessage_%28confirmed%7Crejected%29%24&" + query);
    auto listen = [](Confirmations& self, std::size_t index, std::shared_ptr<Socket> socket) -> Awaitable<void> {
        while (true) {
            auto const text = co_await socket->receive();
            auto const [type, events] = json::Value{text}.pick("type", "events");
            if (!events.exists()) {
                self.tell(index, text);
                continue;
            }
            for (auto const& event : events.elements()) self.tell(index, event.text());
        }
    };
    asio::co_spawn(io_, listen(*this, index, std::move(socket)), [](std::exception_ptr failure) {
        if (!failure) return;
        try {
            std::rethrow_exception(failure);
        } catch (const std::exception& error) {
            std::cerr << "the socket ended: " << error.what() << "\n";
            std::exit(1);
        }
    });
}

Awaitable<std::optional<Told>> Confirmations::both(std::string id, double seconds) {
    auto waiting = entry(id);
    if (waiting->seen != 3) {
        waiting->bell.expires_after(std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000)));
        boost::system::error_code ignored;
        co_await waiting->bell.async_wait(asio::redirect_error(use_awaitable, ignored));
    }
    waiting_.erase(id);
    if (waiting->seen != 3) co_return std::nullopt;
    co_return waiting->told;
}

}  // namespace lockstep::load
