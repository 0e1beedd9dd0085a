// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "load/confirmations.hpp"

#include "core/json.hpp"

namespace lockstep::load {

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
    if (waiting->seen == 3) waiting->bell.ring();
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
    spawn(io_, listen(*this, index, std::move(socket)));
}

Awaitable<std::optional<Told>> Confirmations::both(std::string id, double seconds) {
    auto waiting = entry(id);
    auto const told = co_await waiting->bell.heard(seconds);
    waiting_.erase(id);
    if (!told) co_return std::nullopt;
    co_return waiting->told;
}

}  // namespace lockstep::load
