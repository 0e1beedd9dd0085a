// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "load/world.hpp"

#include <algorithm>
#include <ctime>

#include "core/json.hpp"

namespace lockstep::load {

namespace {

std::size_t connections(const Options& options) { return std::clamp<std::size_t>(options.workers, 1, 256); }

}  // namespace

double cpu_seconds() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

std::int64_t wall_nanoseconds() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

World::World(asio::io_context& on, Options with)
    : io(on),
      options(std::move(with)),
      a(io, Address::parse(options.a), connections(options)),
      b(io, Address::parse(options.b), connections(options)),
      confirmations(io),
      chance_(static_cast<unsigned>(std::time(nullptr))) {}

Awaitable<void> World::watch_both() {
    const std::string tuned = "readahead=500&batchtimeout=0ms";
    co_await confirmations.watch(0, a.address(), tuned);
    co_await confirmations.watch(1, b.address(), tuned);
    co_await sleep_for(0.5);
}

Awaitable<Letter> World::letter(Client& from, Client& to) {
    Letter out{options.kind, {}, options.payload};
    if (out.kind == Kind::broadcast) co_return out;
    auto const status = co_await to.need(beast::http::verb::get, api + "status");
    out.to = json::Value{status}["org"]["name"].as_string().value();
    // What only the first message to a group brings with it is not measured.
    co_await from.need(beast::http::verb::post, out.path() + "?confirm=true", out.body("first_" + options.run, 0));
    co_return out;
}

Awaitable<void> World::pause() { return sleep_for(std::uniform_real_distribution<double>(0.3, 1.0)(chance_)); }

}  // namespace lockstep::load
