// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "load/letter.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "core/json.hpp"

namespace lockstep::load {

Kind parse_kind(std::string_view word) {
    if (word == "broadcast") return Kind::broadcast;
    if (word == "private") return Kind::private_;
    if (word == "unpinned") return Kind::unpinned;
    throw std::runtime_error("no such kind of message: " + std::string(word));
}

std::string Letter::path() const { return api + (kind == Kind::broadcast ? "messages/broadcast" : "messages/private"); }

std::string Letter::body(std::string_view topic, std::uint64_t serial, std::string_view tag) const {
    auto const type = kind == Kind::unpinned ? R"(,"txtype":"unpinned")" : "";
    auto const group =
        kind == Kind::broadcast ? "" : fmt::format(R"("group":{{"members":[{{"identity":"{}"}}]}},)", to);
    return fmt::format(
        R"({{"header":{{"topics":["{}"],"tag":"{}"{}}},{}"data":[{{"value":{{"serial":{},"text":"{}"}}}}]}})", topic,
        tag, type, group, serial, std::string(payload, 'x'));
}

std::string message_id(std::string_view answer) { return json::Value{answer}["header"]["id"].as_string().value_or(""); }

}  // namespace lockstep::load
