// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// For tests: the same pins at members that get their payloads at other times. Pins come in the order of
// the ledger; payloads come before, between or behind them.
#pragma once

#include <algorithm>
#include <vector>

#include "sequencer/test_world.hpp"

namespace lockstep::sequencer {

struct Scene {
    std::vector<Author> known;  // registered before the first pin
    std::vector<Pinned> pins;   // in the order of the ledger
};

struct Step {
    bool is_pin;
    std::size_t index;  // of Scene::pins; a payload is named by the first pin that has it
    friend auto operator<=>(const Step&, const Step&) = default;
};
using Order = std::vector<Step>;

inline std::vector<Step> payloads_of(const Scene& scene) {
    std::vector<Step> steps;
    std::set<Hash> seen;
    for (std::size_t i = 0; i < scene.pins.size(); ++i) {
        auto const travels =
            scene.pins[i].is_private || Hash::parse(scene.pins[i].event.pin.payload_ref) == scene.pins[i].payload;
        if (travels && seen.insert(scene.pins[i].payload).second) steps.push_back({false, i});
    }
    return steps;
}

// Every order in which this can arrive.
inline std::vector<Order> orders_of(const Scene& scene) {
    auto steps = payloads_of(scene);
    for (std::size_t i = 0; i < scene.pins.size(); ++i) steps.push_back({true, i});
    std::sort(steps.begin(), steps.end());
    std::vector<Order> orders;
    do {
        std::vector<std::size_t> pins;
        for (auto const& step : steps) {
            if (step.is_pin) pins.push_back(step.index);
        }
        if (std::is_sorted(pins.begin(), pins.end())) orders.push_back(steps);
    } while (std::next_permutation(steps.begin(), steps.end()));
    return orders;
}

// One of them, by chance.
inline Order any_order(const Scene& scene, Chance& chance) {
    Order order;
    for (std::size_t i = 0; i < scene.pins.size(); ++i) order.push_back({true, i});
    for (auto const& payload : payloads_of(scene))
        order.insert(order.begin() + static_cast<std::ptrdiff_t>(chance.below(order.size() + 1)), payload);
    return order;
}

inline std::string text_of(const Order& order) {
    std::string text;
    for (auto const& step : order) text += (step.is_pin ? " pin" : " payload") + std::to_string(step.index);
    return text;
}

inline void arrive(World& world, const Scene& scene, const Step& step) {
    step.is_pin ? world.pin(scene.pins[step.index]) : world.payload(scene.pins[step.index]);
}

// A document that was taken before its second pin came is pulled again.
inline void pull_what_is_wanted(World& world, const Scene& scene) {
    for (std::size_t round = 0; round < scene.pins.size() && world.wanted() > 0; ++round) {
        for (auto const& pinned : scene.pins) {
            if (world.wants(pinned)) world.payload(pinned);
        }
    }
}

// Plays a scene to one member after another, each in a namespace of one home.
class Theatre {
  public:
    Theatre(const Book& book, Scene scene) : book_(book), scene_(std::move(scene)) {}

    const Scene& scene() const { return scene_; }
    // `lump`: so many arrivals at most are in the inbox before the sequencer looks.
    Outcome play(const Order& order, World::Options options = {}, std::size_t lump = 1) {
        World world(home_, NamespaceId{++members_}, book_, options);
        for (auto const& author : scene_.known) world.knows(author);
        for (std::size_t at = 0; at < order.size(); at += lump) {
            std::vector<World::Arrival> arrivals;
            for (auto i = at; i < std::min(order.size(), at + lump); ++i)
                arrivals.emplace_back([&world, this, step = order[i]](store::Transaction& tx) {
                    auto const& pinned = scene_.pins[step.index];
                    step.is_pin ? world.append_pin(tx, pinned) : world.append_payload(tx, pinned);
                });
            world.give(arrivals);
        }
        pull_what_is_wanted(world, scene_);
        return world.outcome();
    }

  private:
    const Book& book_;
    Scene scene_;
    Home home_;
    std::int64_t members_ = 0;
};

}  // namespace lockstep::sequencer
