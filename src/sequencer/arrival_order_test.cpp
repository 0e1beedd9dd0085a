// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The property behind the table: whatever is on the ledger, right or wrong, members that get the payloads
// in other orders, in other pages, and die in between, come to the same outcome. By seed.
#include "sequencer/test_arrivals.hpp"

namespace lockstep::sequencer {
namespace {

constexpr std::uint64_t seeds = 12;
constexpr int members = 8;

// Something that is wrong, or almost.
Change any_change(Chance& chance, const Author& other) {
    switch (chance.below(12)) {
        case 0: return {{}, [](std::string& document) { document = "null"; }, {}};
        case 1: return {{}, [](std::string& document) { document[document.size() / 2] ^= 1; }, {}};
        case 2: return {{}, {}, [](ledger::PinEvent& event) { event.pin.batch_hash = sha256("else"); }};
        case 3:
            return {{}, {}, [](ledger::PinEvent& event) {
                        std::swap(event.pin.contexts.front(), event.pin.contexts.back());
                    }};
        case 4: return {{}, {}, [key = other.key](ledger::PinEvent& event) { event.author = key; }};
        case 5: return {[](Batch& batch) { batch.namespace_ = "elsewhere"; }, {}, {}};
        case 6: return {{}, {}, [](ledger::PinEvent& event) { event.pin.payload_ref.clear(); }};
        default: return {};
    }
}

Scene any_scene(Book& book, Chance& chance) {
    std::vector<Author> authors;
    for (auto const* name : {"alice", "bob", "carol"}) authors.push_back(book.author(name));
    Scene scene{{authors[0]}, {}};
    auto const pins = 6 + chance.below(8);
    auto const claim_of_bob = chance.below(pins), claim_of_carol = chance.below(pins);
    for (std::uint64_t i = 0; i < pins; ++i) {
        auto const& author = authors[chance.below(authors.size())];
        std::vector<Note> notes;
        for (std::uint64_t n = 0; n <= chance.below(3); ++n) {
            auto const name = "m" + std::to_string(i) + "-" + std::to_string(n);
            auto const topic = chance.below(4);
            std::vector<std::string> topics{"topic" + std::to_string(topic)};
            if (chance.below(3) == 0) topics.push_back("topic" + std::to_string((topic + 1) % 4));
            notes.push_back({name, topics});
            if (chance.below(8) == 0) {
                notes.back().type = MessageType::definition;
                notes.back().tag = chance.below(2) == 0 ? "ff_identity_claim" : "else";
            }
        }
        scene.pins.push_back(book.pin(author, notes, any_change(chance, authors[0])));
        if (chance.below(6) == 0) {
            auto again = scene.pins[chance.below(scene.pins.size())];
            book.pin_again(again, authors[chance.below(authors.size())]);
            scene.pins.push_back(std::move(again));
        }
        if (i == claim_of_bob) {
            scene.pins.push_back(book.pin(authors[1], {book.node_claim_of(authors[1], "n1")}));
            scene.pins.push_back(book.pin(authors[1], {book.claim_of(authors[1])}));
        }
        if (i == claim_of_carol) scene.pins.push_back(book.pin(authors[2], {book.claim_of(authors[2])}));
    }
    return scene;
}

WorldOptions any_options(Chance& chance, std::uint64_t seed) {
    return {.page_entries_max = 1 + chance.below(5), .settle_max = 1 + chance.below(6), .seed = seed};
}

TEST(AnyOrderOfArrival, GivesTheSameOutcome) {
    std::size_t confirmed = 0, rejected = 0, batches = 0;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        auto const chance = make_seeded_chance(seed);
        Book book;
        Theatre theatre(book, any_scene(book, *chance));
        auto const first = theatre.play(any_order(theatre.scene(), *chance));
        for (auto const& [topic, lines] : first.topics) {
            for (auto const& line : lines) ++(line.ends_with("confirmed") ? confirmed : rejected);
        }
        batches += first.batches.size();

        for (int member = 1; member < members; ++member) {
            auto const order = any_order(theatre.scene(), *chance);
            auto const options = any_options(*chance, seed);
            auto const lump = 1 + chance->below(order.size());
            ASSERT_EQ(theatre.play(order, options, lump), first)
                << "seed " << seed << ", member " << member << ":" << text_of(order);
        }
    }
    // The scenes are worth it.
    EXPECT_GT(confirmed, 10 * seeds);
    EXPECT_GT(rejected, seeds);
    EXPECT_GT(batches, seeds);
}

TEST(AnyOrderOfArrival, WithDeathsInBetweenGivesTheSameOutcome) {
    for (std::uint64_t seed = 100; seed < 100 + seeds / 2; ++seed) {
        auto const chance = make_seeded_chance(seed);
        Book book;
        auto const scene = any_scene(book, *chance);
        Theatre theatre(book, scene);
        auto const order = any_order(scene, *chance);
        auto const undisturbed = theatre.play(order);

        World world(book, any_options(*chance, seed));
        for (auto const& author : scene.known) world.knows(author);
        for (auto const& step : order) {
            arrive(world, scene, step);
            if (chance->below(3) == 0) world.crash();
            if (chance->below(6) == 0) world.stop_and_start();
        }
        pull_what_is_wanted(world, scene);

        ASSERT_EQ(world.outcome(), undisturbed) << "seed " << seed << ":" << text_of(order);
    }
}

// True when some seed shows that members with this fault come to other outcomes.
bool is_noticed(DeciderFault fault) {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        auto const chance = make_seeded_chance(seed);
        Book book;
        Theatre theatre(book, any_scene(book, *chance));
        auto const first = theatre.play(any_order(theatre.scene(), *chance));
        if (theatre.play(any_order(theatre.scene(), *chance), {.fault = fault}) != first) return true;
    }
    return false;
}

TEST(AnyOrderOfArrival, NoticesAWrongDecider) {
    EXPECT_TRUE(is_noticed(DeciderFault::forgets_parked_contexts));
    EXPECT_TRUE(is_noticed(DeciderFault::settles_by_arrival));
    EXPECT_FALSE(is_noticed(DeciderFault::none));
}

}  // namespace
}  // namespace lockstep::sequencer
