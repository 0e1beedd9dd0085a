// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The one thing that the simulation, with its one thread, cannot see: the writer's thread queues documents
// while the logic thread changes who is connected. For the thread sanitizer.
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>

#include "async/scope.hpp"
#include "core/sha256.hpp"
#include "net/sim_network.hpp"
#include "swarm/detail/outbox.hpp"
#include "swarm/exchange.hpp"

namespace lockstep::swarm {
namespace {

constexpr NamespaceId ns{1};
constexpr int documents = 200;

struct Side {
    Side(asio::io_context& io,
         Clock& clock,
         Chance& chance,
         net::SimWorld& world,
         const std::filesystem::path& folder,
         std::string of)
        : name(std::move(of)), network(world.host(name, "fingerprint-" + name)), inbox("inbox", ns) {
        store::Database::Options options;
        options.path = (folder / name).string();
        database = store::open_database(options, {flow::schema(), schema()}, io.get_executor()).value();
        Exchange::Options wishes;
        wishes.endpoint = name + ":1";
        exchange = make_exchange(
                       ns, io.get_executor(), clock, chance, *database, *network, inbox,
                       [](store::Snapshot&, const Hash&) { return std::nullopt; }, name, wishes)
                       .value();
    }
    Peer peer() const { return {name, name + ":1", "fingerprint-" + name}; }

    std::string name;
    std::unique_ptr<net::Network> network;
    flow::Feed inbox;
    std::unique_ptr<store::Database> database;
    std::unique_ptr<Exchange> exchange;
};

Task<void> seal(Side& side, int number) {
    auto const text = std::make_shared<const std::string>("document " + std::to_string(number));
    auto const hash = sha256(*text);
    auto write = [&exchange = *side.exchange, hash](store::Transaction& tx) { exchange.enqueue(tx, hash); };
    co_await side.database->write(std::move(write));
    side.exchange->sealed(hash, text);
}

Task<std::size_t> queued_at(Side& side) {
    auto read = [](store::Snapshot& snapshot) {
        std::size_t rows = 0;
        for (auto const& [peer, count] : queued(snapshot, ns)) rows += count;
        return rows;
    };
    co_return co_await side.database->read(std::move(read));
}

Task<void> work(Side& a, Side& b, Clock& clock, Scope& sides) {
    auto const executor = co_await asio::this_coro::executor;
    Scope seals{executor, {.name = "seals"}};
    a.exchange->set_peers({b.peer()});
    b.exchange->set_peers({a.peer()});
    while (!a.exchange->status()[0].connected) co_await clock.sleep(5ms);
    for (int number = 0; number < documents; ++number) {
        seals.spawn(seal(a, number));
        if (number % 50 == 25) a.exchange->set_peers({});
        if (number % 50 == 40) a.exchange->set_peers({b.peer()});
        if (number % 10 == 0) co_await clock.sleep(5ms);
    }
    co_await seals.join();
    for (int look = 0; look < 1'000; ++look) {
        auto const left = co_await queued_at(a);
        if (left == 0) break;
        co_await clock.sleep(10ms);
    }
    sides.cancel();
}

TEST(ExchangeThreads, TheWriterQueuesForWhoIsConnectedWhilePeersComeAndGo) {
    std::string folder = (std::filesystem::temp_directory_path() / "lockstep-swarm-XXXXXX").string();
    ASSERT_TRUE(mkdtemp(folder.data()));
    {
        asio::io_context io;
        auto const clock = make_clock(io.get_executor());
        auto const chance = make_seeded_chance(1);
        net::SimWorld world(io.get_executor(), *clock, *chance);
        Side a(io, *clock, *chance, world, folder, "a"), b(io, *clock, *chance, world, folder, "b");
        Scope sides{io.get_executor(), {.name = "sides"}};
        sides.spawn(a.exchange->run());
        sides.spawn(b.exchange->run());
        std::exception_ptr failure;
        asio::co_spawn(io, work(a, b, *clock, sides), [&failure](std::exception_ptr error) { failure = error; });
        io.run();
        if (failure) std::rethrow_exception(failure);

        std::size_t left = 1;
        asio::co_spawn(io, queued_at(a), [&left](std::exception_ptr, std::size_t rows) { left = rows; });
        io.restart();
        io.run();
        EXPECT_EQ(left, 0u);
        EXPECT_GT(a.exchange->status()[0].sent, 0u);
    }
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace lockstep::swarm
