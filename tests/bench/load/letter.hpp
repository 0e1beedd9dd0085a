// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What a user posts to say something: to everybody, or to one organisation, with the ledger or without it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lockstep::load {

inline const std::string api = "/api/v1/namespaces/default/";

enum class Kind { broadcast, private_, unpinned };

// "broadcast", "private" or "unpinned".
Kind parse_kind(std::string_view word);

struct Letter {
    Kind kind = Kind::broadcast;
    std::string to;  // an organisation; nobody in particular for a broadcast
    std::size_t payload = 100;

    std::string path() const;
    std::string body(std::string_view topic, std::uint64_t serial, std::string_view tag = "bench") const;
};

// Of an answer that is a message.
std::string message_id(std::string_view answer);

}  // namespace lockstep::load
