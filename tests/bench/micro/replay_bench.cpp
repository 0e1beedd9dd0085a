// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
//   replay_bench [FOLDER [EVENTS]]
//
// How fast one subscriber gets through the timeline in process: reader, filter, window. Nothing is looked
// up and no JSON is made. Prints one JSON line.
#include <fmt/format.h>

#include <iostream>

#include "async/scope.hpp"
#include "chain/chain_events.hpp"
#include "delivery/dispatcher.hpp"
#include "messaging/rows.hpp"
#include "micro/scratch.hpp"
#include "operations/operations.hpp"
#include "registry/registry.hpp"

namespace lockstep::bench {
namespace {

const NamespaceId ns{1};

class NullEnricher final : public delivery::Enricher {
  public:
    std::vector<delivery::EnrichedEvent> enrich(store::Snapshot&, std::vector<log::Event> events) const override {
        std::vector<delivery::EnrichedEvent> out(events.size());
        for (std::size_t i = 0; i < events.size(); ++i) out[i].event = std::move(events[i]);
        return out;
    }
};

class Owner final : public delivery::Dispatcher::Owner {
  public:
    void ready() override { tap.ring(); }
    void moved(Offset, bool) override {}
    Tap tap;
};

class Replay {
  public:
    Replay(const std::string& parent, std::size_t events) : folder_(parent), events_(events) {
        database_ = bench::open(loop_, folder_.file("replay.db"),
                                {log::schema(), messaging::schema(), operations::schema(), chain::schema(),
                                 registry::schema(), delivery::schema()});
        auto opening = [](store::Transaction& tx) { return log::open_stream(tx, log::Timeline::stream_of({}, ns)); };
        timeline_ = std::make_unique<log::Timeline>(loop_.run(database_->write(opening)), "default");
        for (std::size_t done = 0; done < events; done += 1000) append(std::min<std::size_t>(1000, events - done));
    }
    ~Replay() { database_.reset(); }

    double rate() {
        Stopwatch const watch;
        loop_.run(scan());
        return static_cast<double>(events_) / watch.seconds();
    }

  private:
    void append(std::size_t count) {
        std::vector<log::Event> events(count);
        for (auto& event : events) {
            event.reference = ids_.next();
            event.tx = event.reference;
            event.topic = "orders";
        }
        auto closure = [line = timeline_.get(), events = std::move(events),
                        now = loop_.clock->now()](store::Transaction& tx) mutable { line->append(tx, events, now, 1); };
        loop_.run(database_->write(std::move(closure)));
    }

    Task<void> scan() {
        delivery::Delivery::Parts const parts{ns,        "default",    *database_, *timeline_,
                                              enricher_, *loop_.clock, *chance_,   ids_};
        delivery::Config const config;
        delivery::Tail tail(parts, config);
        Scope scope(loop_.io.get_executor(), {"tail"});
        scope.spawn(tail.run());
        delivery::FilterInput input;
        input.topic = "^ord";
        {
            Owner owner;
            delivery::Dispatcher dispatcher(tail, *loop_.clock, ids_, owner, *delivery::Filter::compile(input),
                                            {.read_ahead = 500}, Offset{-1});
            for (std::size_t taken = 0; taken < events_;) {
                auto const seen = owner.tap.rings();
                while (auto const one = dispatcher.take(taken)) {
                    ++taken;
                    dispatcher.ack(one->id);
                }
                if (taken < events_) co_await owner.tap.past(seen);
            }
        }
        scope.cancel();
        co_await scope.join();
    }

    Folder folder_;
    std::size_t events_;
    Loop loop_;
    std::unique_ptr<Chance> chance_ = make_system_chance();
    IdMaker ids_{*loop_.clock, *chance_};
    std::unique_ptr<store::Database> database_;
    std::unique_ptr<log::Timeline> timeline_;
    NullEnricher enricher_;
};

}  // namespace
}  // namespace lockstep::bench

int main(int count, char** words) {
    try {
        lockstep::bench::Replay replay(count > 1 ? words[1] : ".", count > 2 ? std::stoul(words[2]) : 500'000);
        auto const cold = replay.rate();
        std::cout << fmt::format(R"({{"first_per_s":{:.0f},"again_per_s":{:.0f}}})", cold, replay.rate()) << std::endl;
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "replay_bench: " << error.what() << "\n";
        return 1;
    }
}
