// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Three members in bad weather: whatever breaks, everything arrives once everywhere, and a seed is a run.
#include <algorithm>

#include "swarm/exchange.hpp"
#include "swarm/test_members.hpp"

namespace lockstep::swarm {
namespace {

// What a run looks like: the time it took, frames, and who got what in which order.
std::string stormy_run(std::uint64_t seed) {
    World world(seed);
    Exchange::Options options;
    options.answer_timeout = 5s;
    options.chunk_bytes = 8 << 10;
    Member a(world, "a", options), b(world, "b", options), c(world, "c", options);
    a.knows({b.peer(), c.peer()});
    b.knows({a.peer(), c.peer()});
    c.knows({a.peer(), b.peer()});
    world.pass(2s);
    world.net.set_weather({.delay_min = 1ms, .delay_max = 80ms, .broken = 0.02, .repeated = 0.02, .damaged = 0.02});

    std::vector<Hash> hashes;
    std::vector<Member*> const members = {&a, &b, &c};
    for (int i = 0; i < 60; ++i) {
        auto* const author = members[world.chance->below(3)];
        auto text = std::to_string(i) + long_text('x', 1 + world.chance->below(60'000));
        hashes.push_back(author->seal(text));
        for (auto* member : members) {
            if (member != author) member->exchange().want(hashes.back());
        }
        if (i == 20) world.net.cut("a", "b");
        if (i == 30) b.restart();
        if (i == 40) world.net.heal("a", "b");
        world.pass(100ms);
    }
    // b has forgotten what it wanted when it restarted; its sequencer would have told it.
    for (auto const& hash : hashes) {
        auto read = [hash](store::Snapshot& snapshot) {
            auto rows = snapshot.query("SELECT hash FROM documents WHERE hash = ?1", hash);
            return rows.first() != nullptr;
        };
        if (!world.run(b.database().read(std::move(read))) && !b.has(hash)) b.exchange().want(hash);
    }
    auto const done = world.until(
        [&] {
            return std::all_of(members.begin(), members.end(),
                               [](Member* member) { return member->exchange().wanted() == 0; });
        },
        300s);
    EXPECT_TRUE(done) << "seed " << seed;
    world.net.heal_all();
    auto const empty = world.until(
        [&] {
            for (auto* from : members) {
                for (auto* to : members) {
                    if (from != to && from->outbox(*to) > 0) return false;
                }
            }
            return true;
        },
        300s);
    EXPECT_TRUE(empty) << "seed " << seed;

    std::string story;
    std::size_t total = 0;
    for (auto* member : members) {
        auto arrivals = member->arrivals();
        total += arrivals.size();
        for (auto const& hash : arrivals) story += hash.text().substr(0, 4);
        std::sort(arrivals.begin(), arrivals.end());
        EXPECT_EQ(std::adjacent_find(arrivals.begin(), arrivals.end()), arrivals.end())
            << "twice at " << member->name();
    }
    EXPECT_EQ(total, 2 * hashes.size()) << "seed " << seed;
    return story + " " + std::to_string(world.loop.clock().instant().ns) + " " +
           std::to_string(world.net.stats().frames);
}

TEST(ExchangeInAStorm, EverythingArrivesOnceEverywhere) {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) stormy_run(seed);
}

TEST(ExchangeInAStorm, TheSameSeedIsTheSameRun) { EXPECT_EQ(stormy_run(42), stormy_run(42)); }

}  // namespace
}  // namespace lockstep::swarm
