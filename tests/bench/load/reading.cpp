// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "core/json.hpp"
#include "load/modes.hpp"
#include "load/spread.hpp"

namespace lockstep::load {

using boost::beast::http::verb;

Awaitable<std::string> replay(World& world) {
    auto const& options = world.options;
    auto const listed = co_await world.a.need(verb::get, api + "events?limit=1&count");
    auto const newest = json::Value{listed}["items"].elements().at(0)["sequence"].as_int().value();
    auto const name = "bench-" + options.run + (options.batch ? "-batch" : "-single");
    auto const made = co_await world.a.need(
        verb::put, api + "subscriptions",
        fmt::format(
            R"({{"name":"{}","namespace":"default","transport":"websockets","options":{{"firstEvent":"oldest","readAhead":{},"withData":false{}}}}})",
            name, options.readahead, options.batch ? R"(,"batch":true,"batchTimeout":"50ms")" : ""));
    Socket socket(world.io, world.a.address());
    co_await socket.open("/ws");
    auto const start = now();
    auto const cpu = cpu_seconds();
    co_await socket.send(fmt::format(R"({{"type":"start","namespace":"default","name":"{}","autoack":false}})", name));
    std::int64_t seen = -1;
    std::size_t events = 0, frames = 0, bytes = 0, out_of_order = 0;
    while (seen < newest) {
        auto const text = co_await socket.receive();
        auto const [id, sequence, several] = json::Value{text}.pick("id", "sequence", "events");
        ++frames;
        bytes += text.size();
        auto count = [&](std::int64_t number) {
            ++events;
            out_of_order += number != seen + 1;
            seen = number;
        };
        if (several.exists()) {
            for (auto const& event : several.elements()) count(event["sequence"].as_int().value());
        } else {
            count(sequence.as_int().value());
        }
        co_await socket.send(fmt::format(R"({{"type":"ack","id":{}}})", id.text()));
    }
    auto const took = milliseconds(start, now()) / 1000;
    auto const own = (cpu_seconds() - cpu) / took;
    co_await world.a.need(verb::delete_, api + "subscriptions/" + json::Value{made}["id"].as_string().value());
    co_return fmt::format(
        R"({{"readahead":{},"batch":{},"events":{},"frames":{},"seconds":{:.2f},"per_s":{:.0f},"MB_per_s":{:.1f},"out_of_order":{},"own_cpu_share":{:.3f}}})",
        options.readahead, options.batch, events, frames, took, static_cast<double>(events) / took,
        static_cast<double>(bytes) / 1e6 / took, out_of_order, own);
}

Awaitable<std::string> get(World& world) {
    auto const& options = world.options;
    auto path = options.path;
    if (path.empty()) {
        auto const newest = co_await world.a.need(verb::get, api + "messages?limit=1");
        path = api + "messages/" + message_id(json::Value{newest}.elements().at(0).text());
    }
    auto const start = now();
    auto const begin = start + std::chrono::milliseconds(static_cast<std::int64_t>(options.warmup * 1000));
    auto const end = begin + std::chrono::milliseconds(static_cast<std::int64_t>(options.seconds * 1000));
    auto const cpu = cpu_seconds();
    Spread took;
    std::size_t bytes = 0, bad = 0;
    auto worker = [&](std::size_t) -> Awaitable<void> {
        while (now() < end) {
            auto const asked = now();
            auto const answer = co_await world.a.call(verb::get, path);
            if (answer.status != 200) ++bad;
            if (asked < begin) continue;
            took.add(milliseconds(asked, now()));
            bytes += answer.body.size();
        }
    };
    co_await world.crowd(worker);
    co_return fmt::format(
        R"({{"workers":{},"seconds":{},"per_s":{:.0f},"ms":{},"bytes_each":{},"bad":{},"own_cpu_share":{:.3f}}})",
        options.workers, options.seconds, static_cast<double>(took.size()) / options.seconds, took.json(),
        bytes / std::max<std::size_t>(1, took.size()), bad, (cpu_seconds() - cpu) * 1000 / milliseconds(start, now()));
}

}  // namespace lockstep::load
