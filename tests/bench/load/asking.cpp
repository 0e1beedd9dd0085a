// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Requests through both members: posted at a, answered by an application at b.
#include <fmt/format.h>

#include "core/json.hpp"
#include "load/modes.hpp"
#include "load/spread.hpp"

namespace lockstep::load {

using boost::beast::http::verb;

namespace {

// The application: replies to each question that comes over its socket, until the process ends.
Awaitable<void> reply_to_all(Client& member, std::shared_ptr<Socket> socket) {
    while (true) {
        auto const text = co_await socket->receive();
        auto const header = json::Value{text}["message"]["header"];
        auto const [id, group, topics] = header.pick("id", "group", "topics");
        auto body = fmt::format(
            R"({{"header":{{"cid":{},"group":{},"topics":{},"tag":"answer","txtype":"unpinned"}},"data":[{{"value":{{"yes":true}}}}]}})",
            id.text(), group.text(), topics.text());
        co_await member.need(verb::post, api + "messages/private", std::move(body));
    }
}

}  // namespace

Awaitable<std::string> ask(World& world) {
    world.options.kind = Kind::unpinned;
    auto const letter = co_await world.letter(world.a, world.b);
    auto socket = std::make_shared<Socket>(world.io, world.b.address());
    co_await socket->open(
        "/ws?namespace=default&ephemeral&autoack&filter.events=message_confirmed&filter.message.tag=%5Eask%24");
    spawn(world.io, reply_to_all(world.b, std::move(socket)));
    Spread replied;
    for (std::size_t i = 0; i < world.options.samples; ++i) {
        co_await world.pause();
        auto const asked = now();
        auto const answer = co_await world.a.need(verb::post, api + "messages/requestreply",
                                                  letter.body("questions_" + world.options.run, i, "ask"));
        replied.add(milliseconds(asked, now()));
        if (json::Value{answer}["header"]["tag"].as_string() != "answer") throw std::runtime_error("that is no reply");
    }
    co_return fmt::format(R"({{"reply_ms":{}}})", replied.json());
}

}  // namespace lockstep::load
