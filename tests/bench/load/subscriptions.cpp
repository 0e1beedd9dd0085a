// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Many open durable subscriptions of b, each on a socket of its own and with a filter that one topic of a
// hundred matches, while a sends at a steady rate.
#include <fmt/format.h>

#include <deque>
#include <unordered_map>
#include <unordered_set>

#include "base/time.hpp"
#include "core/json.hpp"
#include "load/counter.hpp"
#include "load/modes.hpp"
#include "load/spread.hpp"

namespace lockstep::load {

using boost::beast::http::verb;

namespace {

constexpr std::size_t topics = 100;

class Subscribers {
  public:
    explicit Subscribers(World& world) : world_(world), delivered_(world.io), sent_by_topic_(topics) {}

    Awaitable<std::string> run() {
        auto const& options = world_.options;
        for (std::size_t i = 0; i < options.subscriptions; ++i) co_await open(i);
        // Once each has got something, all of them are known to be live.
        for (std::size_t i = 0; i < topics; ++i) spawn(world_.io, send(*this, i));
        co_await delivered_.reach(options.subscriptions, options.timeout, "subscriptions that are live");
        deliveries_.clear();
        auto const cpu = cpu_seconds();
        auto const begin = now();
        auto const count =
            co_await world_.paced(options.seconds, [&](std::size_t i) { return send(*this, i % topics); });
        auto const own = (cpu_seconds() - cpu) * 1000 / milliseconds(begin, now());
        co_await all_delivered(count);
        co_await find_blocks();
        co_return report(own);
    }

  private:
    struct Subscriber {
        explicit Subscriber(asio::io_context& io, Address address, std::size_t on)
            : socket(io, std::move(address)), topic(on) {}
        Socket socket;
        std::size_t topic;
        std::unordered_set<std::string> got;
    };
    struct Delivery {
        std::string message, tx;
        std::int64_t at;
    };

    std::string topic_name(std::size_t topic) const { return fmt::format("t{}_{}", topic, world_.options.run); }

    Awaitable<void> open(std::size_t index) {
        auto const topic = index % topics;
        auto const name = fmt::format("open-{}-{}", world_.options.run, index);
        co_await world_.b.need(
            verb::put, api + "subscriptions",
            fmt::format(
                R"({{"name":"{}","transport":"websockets","filter":{{"events":"message_confirmed","topic":"^{}$"}},"options":{{"firstEvent":"newest"}}}})",
                name, topic_name(topic)));
        auto& subscriber = all_.emplace_back(world_.io, world_.b.address(), topic);
        co_await subscriber.socket.open("/ws?namespace=default&name=" + name);
        spawn(world_.io, listen(*this, subscriber));
    }

    static Awaitable<void> listen(Subscribers& self, Subscriber& subscriber) {
        while (true) {
            auto const text = co_await subscriber.socket.receive();
            auto const at = wall_nanoseconds();
            auto const [id, reference, message] = json::Value{text}.pick("id", "reference", "message");
            auto body = fmt::format(R"({{"type":"ack","id":{}}})", id.text());
            self.deliveries_.push_back(
                {reference.as_string().value_or(""), message["txid"].as_string().value_or(""), at});
            if (!subscriber.got.insert(self.deliveries_.back().message).second) ++self.twice_;
            self.delivered_.add();
            co_await subscriber.socket.send(body);
        }
    }

    static Awaitable<void> send(Subscribers& self, std::size_t topic) {
        auto const sent = wall_nanoseconds();
        Letter const letter{Kind::broadcast, {}, self.world_.options.payload};
        auto const answer = co_await self.world_.a.need(verb::post, letter.path(),
                                                        letter.body(self.topic_name(topic), self.world_.serial++));
        auto const id = message_id(answer);
        self.sent_at_[id] = sent;
        self.sent_by_topic_.at(topic).push_back(id);
        self.taken_.add();
    }

    // What has not come within the time is lost, and is counted as that.
    Awaitable<void> all_delivered(std::size_t count) {
        co_await taken_.reach(topics + count, world_.options.timeout, "messages that are taken");
        std::size_t wanted = 0;
        for (auto const& subscriber : all_) wanted += sent_by_topic_.at(subscriber.topic).size();
        try {
            co_await delivered_.reach(wanted, world_.options.timeout, "deliveries");
        } catch (const std::runtime_error&) {
        }
    }

    // When the block was made that a transaction is in, by the ledger's own stamp.
    Awaitable<void> find_blocks() {
        constexpr std::size_t page = 1000;
        for (std::size_t skip = 0;; skip += page) {
            auto const text =
                co_await world_.b.need(verb::get, fmt::format("{}blockchainevents?limit={}&skip={}", api, page, skip));
            auto const events = json::Value{text}.elements();
            for (auto const& event : events) {
                auto const stamp = Time::parse(event["timestamp"].as_string().value_or(""));
                blocks_[event["tx"]["id"].as_string().value_or("")] = stamp.value().ns;
            }
            if (events.size() < page) break;
        }
    }

    std::string report(double own) const {
        std::size_t lost = 0, strange = 0;
        for (auto const& subscriber : all_) {
            std::size_t own_ones = 0;
            for (auto const& id : sent_by_topic_.at(subscriber.topic)) own_ones += subscriber.got.contains(id);
            lost += sent_by_topic_.at(subscriber.topic).size() - own_ones;
            strange += subscriber.got.size() - own_ones;
        }
        Spread beyond, whole;
        for (auto const& delivery : deliveries_) {
            beyond.add(static_cast<double>(delivery.at - blocks_.at(delivery.tx)) / 1e6);
            whole.add(static_cast<double>(delivery.at - sent_at_.at(delivery.message)) / 1e6);
        }
        return fmt::format(
            R"({{"subscriptions":{},"deliveries":{},"lost":{},"twice":{},"strange":{},"beyond_block_ms":{},"from_post_ms":{},"own_cpu_share":{:.3f}}})",
            all_.size(), deliveries_.size(), lost, twice_, strange, beyond.json(), whole.json(), own);
    }

    World& world_;
    Counter delivered_, taken_{world_.io};
    std::deque<Subscriber> all_;
    std::vector<Delivery> deliveries_;
    std::vector<std::vector<std::string>> sent_by_topic_;
    std::unordered_map<std::string, std::int64_t> sent_at_, blocks_;
    std::size_t twice_ = 0;
};

}  // namespace

Awaitable<std::string> subscriptions(World& world) { return world.keep<Subscribers>(world).run(); }

}  // namespace lockstep::load
