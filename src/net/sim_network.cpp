// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "net/sim_network.hpp"

#include "async/tap.hpp"
#include "net/errors.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <list>
#include <stdexcept>

namespace lockstep::net {

namespace {

constexpr std::size_t queued_frames_max = 256;  // beyond it a sender waits, as on a full socket

using Link = std::pair<std::string, std::string>;

Link link_of(const std::string& a, const std::string& b) { return a < b ? Link{a, b} : Link{b, a}; }

struct Flight {
    Instant at;
    Bytes frame;
};

// One direction of a connection.
struct Pipe {
    std::deque<Flight> flights;
    Instant last_at;
    bool closed = false;  // by the sender, after what is under way
    Tap news, room;
};

struct Wire {
    std::string hosts[2], fingerprints[2];
    Pipe pipes[2];        // pipes[i] is read by end i
    bool broken = false;  // an end that has nothing left to receive sees it

    void snap() { snap({0, 0}); }
    // Of what is under way to each end, so many frames still arrive.
    void snap(std::array<std::size_t, 2> arriving) {
        broken = true;
        for (std::size_t end = 0; end < 2; ++end) {
            auto& flights = pipes[end].flights;
            if (flights.size() > arriving[end])
                flights.erase(flights.begin() + static_cast<std::ptrdiff_t>(arriving[end]), flights.end());
            pipes[end].news.ring();
            pipes[end].room.ring();
        }
    }
    Link link() const { return link_of(hosts[0], hosts[1]); }
};

struct Accepting {
    std::string host, fingerprint;
    std::deque<std::unique_ptr<FrameStream>> waiting;
    Tap tap;
    bool closed = false;
};

}  // namespace

struct SimWorld::State {
    Executor executor;
    Clock& clock;
    Chance& chance;
    Stats stats{};
    Weather weather{};
    std::map<Link, Weather> link_weather{};
    std::set<Link> cuts{};
    std::list<std::weak_ptr<Wire>> wires{};
    std::map<std::string, std::shared_ptr<Accepting>> listeners{};  // by endpoint
    Instant last_arrival{};                                         // the latest that a frame sent so far will come

    const Weather& weather_of(const Link& link) const {
        auto const own = link_weather.find(link);
        return own == link_weather.end() ? weather : own->second;
    }

    bool happens(double probability) { return probability > 0 && chance.fraction() < probability; }

    template <class Which>
    void snap(Which which) {
        for (auto place = wires.begin(); place != wires.end();) {
            auto const wire = place->lock();
            if (!wire) {
                place = wires.erase(place);
                continue;
            }
            if (which(*wire)) wire->snap();  // a broken one too: what was still to arrive does not
            ++place;
        }
    }
};

namespace {

class SimStream final : public FrameStream {
  public:
    SimStream(std::shared_ptr<SimWorld::State> world, std::shared_ptr<Wire> wire, int end)
        : world_(std::move(world)), wire_(std::move(wire)), end_(end) {}
    ~SimStream() override { close(); }

    Task<void> send(Bytes frame) override {
        auto const wire = wire_;
        auto const world = world_;
        auto& pipe = wire->pipes[1 - end_];
        for (;;) {
            if (wire->broken || wire->pipes[1 - end_].closed) throw std::runtime_error("the connection is broken");
            auto const seen = pipe.room.rings();
            if (pipe.flights.size() < queued_frames_max) break;
            co_await pipe.room.past(seen);
        }
        auto const& weather = world->weather_of(wire->link());
        ++world->stats.frames;
        if (world->happens(weather.damaged) && !frame.empty()) {
            ++world->stats.damaged;
            frame[world->chance.below(frame.size())] ^= static_cast<std::uint8_t>(1 + world->chance.below(255));
        }
        auto const breaks = world->happens(weather.broken);
        auto const twice = world->happens(weather.repeated);
        pipe.last_at = std::max(pipe.last_at, arrival(weather));
        if (twice) pipe.flights.push_back({pipe.last_at, frame});
        pipe.flights.push_back({pipe.last_at, std::move(frame)});
        pipe.news.ring();
        if (twice) {
            ++world->stats.repeated;
            break_behind(pipe.flights.size());
        } else if (breaks) {
            ++world->stats.broken;
            break_behind(world->chance.below(pipe.flights.size() + 1));
            throw std::runtime_error("the connection broke");
        }
    }

    Task<std::optional<Bytes>> receive() override {
        auto const wire = wire_;
        auto const world = world_;
        auto& pipe = wire->pipes[end_];
        for (;;) {
            auto const seen = pipe.news.rings();
            if (!pipe.flights.empty()) {
                auto const at = pipe.flights.front().at;
                if (at <= world->clock.instant()) {
                    auto frame = std::move(pipe.flights.front().frame);
                    pipe.flights.pop_front();
                    pipe.room.ring();
                    co_return std::move(frame);
                }
                co_await pipe.news.past_until(seen, world->clock, at);
                continue;
            }
            if (wire->broken) throw std::runtime_error("the connection is broken");
            if (pipe.closed) co_return std::nullopt;
            co_await pipe.news.past(seen);
        }
    }

    void close() override {
        for (auto& pipe : wire_->pipes) {
            pipe.closed = true;
            pipe.news.ring();
            pipe.room.ring();
        }
    }

    const std::string& peer_fingerprint() const override { return wire_->fingerprints[1 - end_]; }

  private:
    Instant arrival(const SimWorld::Weather& weather) {
        auto at = world_->clock.instant();
        if (weather.delay_max <= Duration::zero()) return at;
        auto const spread = static_cast<std::uint64_t>((weather.delay_max - weather.delay_min).count()) + 1;
        at = at + weather.delay_min + Duration{static_cast<std::int64_t>(world_->chance.below(spread))};
        ++world_->stats.delayed;
        // Another connection's frame that was sent earlier and comes later has been overtaken.
        if (world_->last_arrival > at) ++world_->stats.reordered;
        world_->last_arrival = std::max(world_->last_arrival, at);
        return at;
    }

    // The peer still gets so many of our frames; of its own under way to us, chance says how many.
    void break_behind(std::size_t frames) {
        auto const coming = world_->chance.below(wire_->pipes[end_].flights.size() + 1);
        if (end_ == 0) {
            wire_->snap({coming, frames});
        } else {
            wire_->snap({frames, coming});
        }
    }

    std::shared_ptr<SimWorld::State> world_;
    std::shared_ptr<Wire> wire_;
    int end_;
};

class SimListener final : public FrameListener {
  public:
    SimListener(std::shared_ptr<SimWorld::State> world, std::string endpoint, std::shared_ptr<Accepting> accepting)
        : world_(std::move(world)), endpoint_(std::move(endpoint)), accepting_(std::move(accepting)) {}
    ~SimListener() override { close(); }

    Task<std::unique_ptr<FrameStream>> accept() override {
        auto const accepting = accepting_;
        for (;;) {
            auto const seen = accepting->tap.rings();
            if (!accepting->waiting.empty()) {
                auto stream = std::move(accepting->waiting.front());
                accepting->waiting.pop_front();
                co_return std::move(stream);
            }
            if (accepting->closed) co_return nullptr;
            co_await accepting->tap.past(seen);
        }
    }

    void close() override {
        accepting_->closed = true;
        accepting_->waiting.clear();
        accepting_->tap.ring();
        auto const known = world_->listeners.find(endpoint_);
        if (known != world_->listeners.end() && known->second == accepting_) world_->listeners.erase(known);
    }

    const std::string& endpoint() const override { return endpoint_; }

  private:
    std::shared_ptr<SimWorld::State> world_;
    std::string endpoint_;
    std::shared_ptr<Accepting> accepting_;
};

class SimNetwork final : public Network {
  public:
    SimNetwork(std::shared_ptr<SimWorld::State> world, std::string name, std::string fingerprint)
        : world_(std::move(world)), name_(std::move(name)), fingerprint_(std::move(fingerprint)) {}

    Result<std::unique_ptr<FrameListener>> listen(std::string endpoint) override {
        if (world_->listeners.contains(endpoint))
            return refuse(errors::cannot_listen, {{"endpoint", endpoint}, {"reason", "another host listens there"}});
        auto accepting = std::make_shared<Accepting>();
        accepting->host = name_;
        accepting->fingerprint = fingerprint_;
        world_->listeners[endpoint] = accepting;
        return std::unique_ptr<FrameListener>(
            std::make_unique<SimListener>(world_, std::move(endpoint), std::move(accepting)));
    }

    Task<std::unique_ptr<FrameStream>> connect(std::string endpoint,
                                               std::string fingerprint,
                                               Duration timeout) override {
        auto const world = world_;
        auto const pause =
            std::min<Duration>(timeout, 1ms + Duration{static_cast<std::int64_t>(world->chance.below(5'000'000))});
        co_await world->clock.sleep(pause);
        auto const found = world->listeners.find(endpoint);
        auto const reachable =
            found != world->listeners.end() && !world->cuts.contains(link_of(name_, found->second->host));
        if (!reachable) {
            ++world->stats.refused;
            throw std::runtime_error("nobody answers at " + endpoint);
        }
        auto const accepting = found->second;
        if (!fingerprint.empty() && fingerprint != accepting->fingerprint) {
            ++world->stats.refused;
            throw std::runtime_error("another certificate answers at " + endpoint);
        }
        ++world->stats.connections;
        auto wire = std::make_shared<Wire>();
        wire->hosts[0] = name_;
        wire->hosts[1] = accepting->host;
        wire->fingerprints[0] = fingerprint_;
        wire->fingerprints[1] = accepting->fingerprint;
        std::erase_if(world->wires, [](const std::weak_ptr<Wire>& old) { return old.expired(); });
        world->wires.push_back(wire);
        accepting->waiting.push_back(std::make_unique<SimStream>(world, wire, 1));
        accepting->tap.ring();
        co_return std::make_unique<SimStream>(world, wire, 0);
    }

  private:
    std::shared_ptr<SimWorld::State> world_;
    std::string name_, fingerprint_;
};

}  // namespace

SimWorld::SimWorld(Executor executor, Clock& clock, Chance& chance)
    : state_(new State{std::move(executor), clock, chance}) {}

SimWorld::~SimWorld() = default;

std::unique_ptr<Network> SimWorld::host(std::string name, std::string fingerprint) {
    return std::make_unique<SimNetwork>(state_, std::move(name), std::move(fingerprint));
}

void SimWorld::cut(const std::string& a, const std::string& b) {
    auto const link = link_of(a, b);
    if (state_->cuts.insert(link).second) ++state_->stats.cut;
    state_->snap([&](const Wire& wire) { return wire.link() == link; });
}

void SimWorld::heal(const std::string& a, const std::string& b) { state_->cuts.erase(link_of(a, b)); }

void SimWorld::down(const std::string& name) {
    state_->snap([&](const Wire& wire) { return wire.hosts[0] == name || wire.hosts[1] == name; });
    auto const listeners = state_->listeners;
    for (auto const& [endpoint, accepting] : listeners) {
        if (accepting->host != name) continue;
        accepting->closed = true;
        accepting->waiting.clear();
        accepting->tap.ring();
        state_->listeners.erase(endpoint);
    }
}

void SimWorld::set_weather(Weather weather) { state_->weather = weather; }

void SimWorld::set_weather(const std::string& a, const std::string& b, Weather weather) {
    state_->link_weather[link_of(a, b)] = weather;
}

void SimWorld::heal_all() {
    state_->cuts.clear();
    state_->weather = {};
    state_->link_weather.clear();
}

const SimWorld::Stats& SimWorld::stats() const { return state_->stats; }

}  // namespace lockstep::net
