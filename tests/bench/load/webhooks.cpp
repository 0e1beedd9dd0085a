// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Webhooks to receivers in this process: how fast one is, and what a dead one does to its neighbours.
#include <fmt/format.h>

#include "base/time.hpp"
#include "core/json.hpp"
#include "load/counter.hpp"
#include "load/modes.hpp"
#include "load/receiver.hpp"
#include "load/spread.hpp"

namespace lockstep::load {

using boost::beast::http::verb;

namespace {

Awaitable<std::string> subscribe(Client& member, std::string name, std::string tag, std::string options) {
    auto const made = co_await member.need(
        verb::put, api + "subscriptions",
        fmt::format(
            R"({{"name":"{}","transport":"webhooks","filter":{{"events":"message_confirmed","message":{{"tag":"^{}$"}}}},"options":{{{}}}}})",
            name, tag, options));
    co_return json::Value{made}["id"].as_string().value();
}

// Many webhooks of b; the last has a receiver of its own, which is well, refuses or is silent.
class Neighbours {
  public:
    explicit Neighbours(World& world)
        : world_(world),
          others_(world.io),
          frail_(world.io),
          well_receiver_(world.io, [this](std::string_view, std::string_view body) { take(body); }),
          frail_receiver_(world.io, [this](std::string_view, std::string_view) { frail_.add(); }) {}

    Awaitable<std::string> run() {
        world_.options.kind = Kind::unpinned;
        letter_ = co_await world_.letter(world_.a, world_.b);
        for (std::size_t i = 0; i < world_.options.subscriptions; ++i) co_await subscribe_at(i);
        Spread first, well, refusing, silent;
        co_await phase(first, &Receiver::revive, 1);  // connections are made, and nothing is measured
        for (std::size_t round = 0; round < world_.options.rounds; ++round) {
            co_await phase(well, &Receiver::revive, world_.options.seconds);
            co_await phase(refusing, &Receiver::refuse, world_.options.seconds);
            co_await phase(silent, &Receiver::fall_silent, world_.options.seconds);
        }
        auto const wanted = sent_ * world_.options.subscriptions;
        co_return fmt::format(
            R"({{"subscriptions":{},"well_ms":{},"refusing_ms":{},"silent_ms":{},"calls":{},"wanted":{}}})",
            world_.options.subscriptions, well.json(), refusing.json(), silent.json(), others_.count() + frail_.count(),
            wanted);
    }

  private:
    Awaitable<void> subscribe_at(std::size_t index) {
        auto const frail = index + 1 == world_.options.subscriptions;
        auto options =
            fmt::format(R"("withData":false,"url":"{}{}")", (frail ? frail_receiver_ : well_receiver_).url(), index);
        // Tries more often than by default: a dead endpoint should disturb as much as it can.
        if (frail) options += R"(,"retry":{"maxDelay":"1s"},"httpOptions":{"requestTimeout":"1s"})";
        co_await subscribe(world_.b, fmt::format("hook-{}-{}", world_.options.run, index), "hook", std::move(options));
    }

    // A call is as late as it comes after its event.
    void take(std::string_view body) {
        auto const created = Time::parse(json::Value{body}["created"].as_string().value_or(""));
        if (lateness_ && created) lateness_->add(static_cast<double>(wall_nanoseconds() - created->ns) / 1e6);
        others_.add();
    }

    static Awaitable<void> send(Neighbours& self, std::uint64_t serial) {
        co_await self.world_.a.need(verb::post, self.letter_.path(), self.letter_.body("hooks", serial, "hook"));
    }

    // Ends when everything has been taken, by the frail one too.
    Awaitable<void> phase(Spread& lateness, void (Receiver::*state)(), double seconds) {
        (frail_receiver_.*state)();
        lateness_ = &lateness;
        sent_ += co_await world_.paced(seconds, [&](std::size_t i) { return send(*this, i); });
        co_await others_.reach(sent_ * (world_.options.subscriptions - 1), world_.options.timeout,
                               "calls to the others");
        lateness_ = nullptr;
        frail_receiver_.revive();
        co_await frail_.reach(sent_, world_.options.timeout, "calls to the one that was dead");
    }

    World& world_;
    Letter letter_;
    Counter others_, frail_;
    Receiver well_receiver_, frail_receiver_;
    Spread* lateness_ = nullptr;
    std::size_t sent_ = 0;
};

// One webhook of a that is told what `store` has stored.
class Drain {
  public:
    explicit Drain(World& world)
        : world_(world),
          seen_(world.options.count),
          calls_(world.io),
          receiver_(world.io, [this](std::string_view, std::string_view body) { take(body); }) {}

    Awaitable<std::string> run() {
        auto const& options = world_.options;
        auto const cpu = cpu_seconds();
        auto const begin = now();
        auto words = fmt::format(R"("firstEvent":"oldest","readAhead":{},"fastack":{},"url":"{}")", options.readahead,
                                 options.fastack, receiver_.url());
        auto const id = co_await subscribe(world_.a, "hook-" + options.run, "bench", std::move(words));
        co_await calls_.reach(options.count, options.timeout, "calls");
        auto const took = milliseconds(first_, last_) / 1000;
        auto const own = (cpu_seconds() - cpu) * 1000 / milliseconds(begin, now());
        co_await world_.a.need(verb::delete_, api + "subscriptions/" + id);
        co_return fmt::format(
            R"({{"fastack":{},"calls":{},"seconds":{:.2f},"per_s":{:.0f},"strange":{},"own_cpu_share":{:.3f}}})",
            options.fastack, calls_.count(), took, static_cast<double>(calls_.count()) / took, strange_, own);
    }

  private:
    void take(std::string_view body) {
        last_ = now();
        if (calls_.count() == 0) first_ = last_;
        auto const serial = static_cast<std::size_t>(json::Value{body}["serial"].as_int().value_or(-1));
        if (serial >= seen_.size() || seen_[serial]) {
            ++strange_;
            return;
        }
        seen_[serial] = true;
        calls_.add();
    }

    World& world_;
    std::vector<bool> seen_;
    Counter calls_;
    Receiver receiver_;
    std::size_t strange_ = 0;
    Instant first_, last_;
};

}  // namespace

Awaitable<std::string> webhooks(World& world) { return world.keep<Drain>(world).run(); }

Awaitable<std::string> dead_webhook(World& world) { return world.keep<Neighbours>(world).run(); }

}  // namespace lockstep::load
