// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>
#include <map>

#include "load/modes.hpp"
#include "load/spread.hpp"

namespace lockstep::load {

using boost::beast::http::verb;

Awaitable<std::string> confirm(World& world) {
    auto const& options = world.options;
    co_await world.watch_both();
    std::array<Letter, 2> letters;
    letters[0] = co_await world.letter(world.a, world.b);
    letters[1] = co_await world.letter(world.b, world.a);
    auto const start = now();
    auto const begin = start + std::chrono::milliseconds(static_cast<std::int64_t>(options.warmup * 1000));
    auto const end = begin + std::chrono::milliseconds(static_cast<std::int64_t>(options.seconds * 1000));
    auto const cpu = cpu_seconds();
    Spread confirmed, accepted;
    std::size_t all = 0, lost = 0, rejected = 0;
    std::map<unsigned, std::size_t> refused;
    auto worker = [&](std::size_t index) -> Awaitable<void> {
        auto& member = index % 2 ? world.b : world.a;
        auto const& letter = letters.at(index % 2);
        auto const topic = fmt::format("bench_{}_{}", options.run, index);
        while (now() < end) {
            auto const sent = now();
            auto answer = co_await member.call(verb::post, letter.path(), letter.body(topic, world.serial++));
            if (answer.status / 100 != 2) {
                ++refused[answer.status];
                co_await sleep_for(0.2);
                continue;
            }
            auto const taken = now();
            auto const told = co_await world.confirmations.both(message_id(answer.body), options.timeout);
            if (!told) {
                ++lost;
                continue;
            }
            ++all;
            rejected += told->rejected;
            if (auto const ended = now(); ended >= begin && ended <= end) {
                confirmed.add(milliseconds(sent, told->both()));
                accepted.add(milliseconds(sent, taken));
            }
        }
    };
    co_await world.crowd(worker);
    std::string not_taken;
    for (auto const& [status, times] : refused)
        not_taken += fmt::format("{}\"{}\":{}", not_taken.empty() ? "" : ",", status, times);
    co_return fmt::format(
        R"({{"workers":{},"seconds":{},"per_s":{:.1f},"both_confirmed_ms":{},"accepted_ms":{},"confirmed":{},"lost":{},"rejected":{},"refused":{{{}}},"drain_s":{:.1f},"own_cpu_share":{:.3f}}})",
        options.workers, options.seconds, static_cast<double>(confirmed.size()) / options.seconds, confirmed.json(),
        accepted.json(), all, lost, rejected, not_taken, milliseconds(end, now()) / 1000,
        (cpu_seconds() - cpu) * 1000 / milliseconds(start, now()));
}

Awaitable<std::string> latency(World& world) {
    auto const& options = world.options;
    co_await world.watch_both();
    Spread accepted, here, there, both;
    auto const letter = co_await world.letter(world.a, world.b);
    for (std::size_t i = 0; i < options.samples; ++i) {
        auto const sent = now();
        auto const answer = co_await world.a.need(verb::post, letter.path(), letter.body("lat_" + options.run, i));
        auto const taken = now();
        auto const told = co_await world.confirmations.both(message_id(answer), options.timeout);
        if (!told || told->rejected) throw std::runtime_error("not confirmed in time");
        accepted.add(milliseconds(sent, taken));
        here.add(milliseconds(sent, told->at[0]));
        there.add(milliseconds(sent, told->at[1]));
        both.add(milliseconds(sent, told->both()));
        co_await world.pause();
    }
    co_return fmt::format(R"({{"accepted_ms":{},"at_sender_ms":{},"at_other_ms":{},"both_ms":{}}})", accepted.json(),
                          here.json(), there.json(), both.json());
}

// Fills the store: answered 202 is enough, but what is on its way stays within --workers.
Awaitable<std::string> store(World& world) {
    auto const& options = world.options;
    auto const start = now();
    Letter const letter{Kind::broadcast, {}, options.payload};
    std::size_t taken = 0;
    auto worker = [&](std::size_t index) -> Awaitable<void> {
        auto const topic = fmt::format("store_{}_{}", options.run, index);
        while (world.serial < options.count) {
            co_await world.a.need(verb::post, letter.path(), letter.body(topic, world.serial++));
            ++taken;
        }
    };
    co_await world.crowd(worker);
    auto const took = milliseconds(start, now()) / 1000;
    co_return fmt::format(R"({{"accepted":{},"seconds":{:.1f},"per_s":{:.1f}}})", taken, took,
                          static_cast<double>(taken) / took);
}

}  // namespace lockstep::load
