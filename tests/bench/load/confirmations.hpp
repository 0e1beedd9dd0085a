// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Who waits for which message: a message counts when message_confirmed for it has come over a socket of
// each of the two members.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "load/bell.hpp"
#include "load/client.hpp"

namespace lockstep::load {

struct Told {
    std::array<Instant, 2> at;
    bool rejected = false;
    Instant both() const { return std::max(at[0], at[1]); }
};

class Confirmations {
  public:
    explicit Confirmations(asio::io_context& io) : io_(io) {}
    // Listens at member `index` until the process ends.
    Awaitable<void> watch(std::size_t index, Address address, std::string query);
    // Until both have told, or `seconds` have passed.
    Awaitable<std::optional<Told>> both(std::string id, double seconds);

  private:
    struct Waiting {
        explicit Waiting(asio::io_context& io) : bell(io) {}
        Told told;
        unsigned seen = 0;
        Bell bell;
    };
    void tell(std::size_t index, std::string_view event);
    std::shared_ptr<Waiting> entry(const std::string& id);

    asio::io_context& io_;
    std::unordered_map<std::string, std::shared_ptr<Waiting>> waiting_;
};

}  // namespace lockstep::load
