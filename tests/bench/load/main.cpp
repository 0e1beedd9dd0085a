// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Load on two members of one network over their public API, from a process of its own; prints one JSON
// line.
//
//   lockstep_load confirm        closed loop: each worker sends, waits until the message is confirmed at both
//                                members, sends the next; half of them send at a, half at b
//   lockstep_load latency        one user: sends at a, waits for both, pauses 0.3 to 1 s
//   lockstep_load ask            one user: sends an unpinned request at a, gets what the application at b
//                                replies, pauses 0.3 to 1 s
//   lockstep_load store          as fast as it goes, --count messages at a, each worker waiting for its 202
//   lockstep_load replay         every event of a through a durable subscription from 'oldest'
//   lockstep_load get            GET --path of a, --workers at a time
//   lockstep_load webhooks       what `store` has stored, through a webhook from 'oldest'
//   lockstep_load dead-webhook   --rate messages a second through --subscriptions webhooks, one of which is
//                                well, refuses and is silent in turn, --seconds each, --rounds times
//   lockstep_load subscriptions  --rate broadcasts a second for --seconds at a, to --subscriptions open sockets
//                                at b, each with a filter that one in a hundred matches
//
//   --a URL --b URL   --workers N (50)   --seconds S (60)   --warmup S (5, not counted)
//   --kind broadcast | private | unpinned, of what `confirm` and `latency` send (broadcast)
//   --samples N (30)  --payload BYTES of text in each value (100)   --batch   --readahead N (50)
//   --timeout S       a message that takes longer counts as lost (120)
//   --subscriptions N (100)   --rate N (100)   --rounds N (3)   --fastack: webhook calls in parallel
#include <sys/resource.h>

#include <iostream>
#include <map>

#include "load/modes.hpp"

namespace lockstep::load {
namespace {

Awaitable<std::string> result(World& world) {
    static const std::map<std::string_view, Awaitable<std::string> (*)(World&)> modes{
        {"confirm", confirm},
        {"latency", latency},
        {"ask", ask},
        {"store", store},
        {"replay", replay},
        {"get", get},
        {"webhooks", webhooks},
        {"dead-webhook", dead_webhook},
        {"subscriptions", subscriptions},
    };
    auto const mode = modes.find(world.options.mode);
    if (mode == modes.end()) throw std::runtime_error("no such mode: " + world.options.mode);
    return mode->second(world);
}

// A thousand sockets are more than many shells allow at first.
void allow_many_sockets() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int run(int count, char** words) {
    allow_many_sockets();
    asio::io_context io{1};
    World world(io, parse_options(count, words));
    std::string line;
    std::exception_ptr failure;
    asio::co_spawn(io, result(world), [&](std::exception_ptr failed, std::string text) {
        failure = failed;
        line = std::move(text);
        io.stop();
    });
    io.run();
    if (failure) std::rethrow_exception(failure);
    std::cout << line << std::endl;
    return 0;
}

}  // namespace
}  // namespace lockstep::load

int main(int count, char** words) {
    try {
        return lockstep::load::run(count, words);
    } catch (const std::exception& error) {
        std::cerr << "lockstep_load: " << error.what() << "\n";
        return 1;
    }
}
