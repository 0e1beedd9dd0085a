// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What every mode works with: two members of one network, and who waits for which message.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <memory>
#include <random>
#include <vector>

#include "load/bell.hpp"
#include "load/client.hpp"
#include "load/confirmations.hpp"
#include "load/options.hpp"

namespace lockstep::load {

// Spent by this process, all threads.
double cpu_seconds();
// Of UTC since 1970, as members stamp what they do.
std::int64_t wall_nanoseconds();

struct World {
    World(asio::io_context& io, Options options);

    asio::io_context& io;
    Options options;
    Client a, b;
    Confirmations confirmations;
    std::uint64_t serial = 0;

    // Listens at both members for what is confirmed or rejected.
    Awaitable<void> watch_both();
    // What somebody at `from` sends, by --kind, to the organisation of `to`.
    Awaitable<Letter> letter(Client& from, Client& to);

    // 0.3 to 1 s at random: a user who is not in step with blocks or timers.
    Awaitable<void> pause();

    // Made now, and there as long as this is: for what coroutines go on to use.
    template <class T, class... Arguments>
    T& keep(Arguments&&... arguments) {
        auto made = std::make_shared<T>(std::forward<Arguments>(arguments)...);
        kept_.push_back(made);
        return *made;
    }

    // Runs so many workers at once and returns when the last has ended; their failures are ours.
    template <class Work>
    Awaitable<void> crowd(Work work);

    // Begins work(0), work(1), … at --rate for so long, whatever becomes of each, and returns how many.
    template <class Work>
    Awaitable<std::size_t> paced(double seconds, Work work);

  private:
    std::minstd_rand chance_;
    std::vector<std::shared_ptr<void>> kept_;
};

template <class Work>
Awaitable<void> World::crowd(Work work) {
    std::size_t left = options.workers;
    Bell done(io);
    std::exception_ptr failure;
    for (std::size_t i = 0; i < options.workers; ++i) {
        asio::co_spawn(io, work(i), [&](std::exception_ptr failed) {
            if (failed) failure = failed;
            if (--left == 0) done.ring();
        });
    }
    co_await done.heard();
    if (failure) std::rethrow_exception(failure);
}

template <class Work>
Awaitable<std::size_t> World::paced(double seconds, Work work) {
    auto const begin = now();
    auto const count = static_cast<std::size_t>(options.rate * seconds);
    for (std::size_t i = 0; i < count; ++i) {
        auto const due = 1e9 * static_cast<double>(i) / options.rate;
        co_await sleep_until(begin + std::chrono::nanoseconds(static_cast<std::int64_t>(due)));
        spawn(io, work(i));
    }
    co_return count;
}

}  // namespace lockstep::load
