// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Load on two members of one network over their public API, from a process of its own; prints one JSON
// line.
//
//   lockstep_load broadcast  closed loop: each worker sends, waits until the message is confirmed at both
//                            members, sends the next; half of them send at a, half at b
//   lockstep_load latency    one user: sends at a, waits for both, pauses 0.3 to 1 s
//   lockstep_load store      as fast as it goes, --count messages at a, each worker waiting for its 202
//   lockstep_load replay     every event of a through a durable subscription from 'oldest'
//   lockstep_load get        GET --path of a, --workers at a time
//
//   --a URL --b URL   --workers N (50)   --seconds S (60)   --warmup S (5, not counted)
//   --samples N (30)  --payload BYTES of text in each value (100)   --batch   --readahead N (50)
//   --timeout S       a message that takes longer counts as lost (120)
#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <ctime>
#include <iostream>
#include <map>
#include <random>

#include "core/json.hpp"
#include "load/client.hpp"
#include "load/confirmations.hpp"
#include "load/spread.hpp"

namespace lockstep::load {
namespace {

using boost::beast::http::verb;

struct Options {
    std::string mode;
    std::string a = "http://127.0.0.1:5000", b = "http://127.0.0.1:5001", path, run;
    std::size_t workers = 50, payload = 100, samples = 30, readahead = 50, count = 0;
    double seconds = 60, warmup = 5, timeout = 120;
    bool batch = false;
};

const std::string api = "/api/v1/namespaces/default/";
const std::string tuned = "readahead=500&batchtimeout=0ms";

double cpu_seconds() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

std::string broadcast_body(const Options& options, std::string_view topic, std::uint64_t serial) {
    return fmt::format(
        R"({{"header":{{"topics":["{}"],"tag":"bench"}},"data":[{{"value":{{"serial":{},"text":"{}"}}}}]}})", topic,
        serial, std::string(options.payload, 'x'));
}

std::string message_id(std::string_view answer) { return json::Value{answer}["header"]["id"].as_string().value_or(""); }

class Run {
  public:
    Run(asio::io_context& io, Options options)
        : io_(io),
          options_(std::move(options)),
          a_(io, Address::parse(options_.a), std::clamp<std::size_t>(options_.workers, 1, 256)),
          b_(io, Address::parse(options_.b), std::clamp<std::size_t>(options_.workers, 1, 256)),
          confirmations_(io) {}

    Awaitable<std::string> result() {
        if (options_.mode == "broadcast") return broadcast();
        if (options_.mode == "latency") return latency();
        if (options_.mode == "store") return store();
        if (options_.mode == "replay") return replay();
        if (options_.mode == "get") return get();
        throw std::runtime_error("no such mode: " + options_.mode);
    }

  private:
    Awaitable<void> watch_both() {
        co_await confirmations_.watch(0, a_.address(), tuned);
        co_await confirmations_.watch(1, b_.address(), tuned);
        co_await sleep_for(0.5);
    }

    // Runs so many workers at once and returns when the last has ended; their failures are ours.
    template <class Work>
    Awaitable<void> crowd(Work work) {
        std::vector<Awaitable<void>> all;
        std::size_t left = options_.workers;
        asio::steady_timer done(io_, asio::steady_timer::time_point::max());
        std::exception_ptr failure;
        for (std::size_t i = 0; i < options_.workers; ++i) {
            asio::co_spawn(io_, work(i), [&](std::exception_ptr failed) {
                if (failed) failure = failed;
                if (--left == 0) done.cancel();
            });
        }
        try {
            co_await done.async_wait(asio::use_awaitable);
        } catch (const boost::system::system_error&) {
        }
        if (failure) std::rethrow_exception(failure);
    }

    Awaitable<std::string> broadcast() {
        co_await watch_both();
        auto const start = now();
        auto const begin = start + std::chrono::milliseconds(static_cast<std::int64_t>(options_.warmup * 1000));
        auto const end = begin + std::chrono::milliseconds(static_cast<std::int64_t>(options_.seconds * 1000));
        auto const cpu = cpu_seconds();
        Spread confirmed, accepted;
        std::size_t all = 0, lost = 0, rejected = 0;
        std::map<unsigned, std::size_t> refused;
        auto worker = [&](std::size_t index) -> Awaitable<void> {
            auto& member = index % 2 ? b_ : a_;
            auto const topic = fmt::format("bench_{}_{}", options_.run, index);
            while (now() < end) {
                auto const sent = now();
                auto answer = co_await member.call(verb::post, api + "messages/broadcast",
                                                   broadcast_body(options_, topic, serial_++));
                if (answer.status / 100 != 2) {
                    ++refused[answer.status];
                    co_await sleep_for(0.2);
                    continue;
                }
                auto const taken = now();
                auto const told = co_await confirmations_.both(message_id(answer.body), options_.timeout);
                if (!told) {
                    ++lost;
                    continue;
                }
                ++all;
                rejected += told->rejected;
                if (auto const ended = now(); ended >= begin && ended <= end) {
                    confirmed.add(milliseconds(sent, told->both()));
                    accepted.add(milliseconds(sent, taken));
                }
            }
        };
        co_await crowd(worker);
        std::string not_taken;
        for (auto const& [status, times] : refused)
            not_taken += fmt::format("{}\"{}\":{}", not_taken.empty() ? "" : ",", status, times);
        co_return fmt::format(
            R"({{"workers":{},"seconds":{},"per_s":{:.1f},"both_confirmed_ms":{},"accepted_ms":{},"confirmed":{},"lost":{},"rejected":{},"refused":{{{}}},"drain_s":{:.1f},"own_cpu_share":{:.3f}}})",
            options_.workers, options_.seconds, static_cast<double>(confirmed.size()) / options_.seconds,
            confirmed.json(), accepted.json(), all, lost, rejected, not_taken, milliseconds(end, now()) / 1000,
            (cpu_seconds() - cpu) * 1000 / milliseconds(start, now()));
    }

    Awaitable<std::string> latency() {
        co_await watch_both();
        Spread accepted, here, there, both;
        std::minstd_rand chance(static_cast<unsigned>(std::time(nullptr)));
        std::uniform_real_distribution<double> pause(0.3, 1.0);
        for (std::size_t i = 0; i < options_.samples; ++i) {
            auto const sent = now();
            auto const answer = co_await a_.need(verb::post, api + "messages/broadcast",
                                                 broadcast_body(options_, "lat_" + options_.run, i));
            auto const taken = now();
            auto const told = co_await confirmations_.both(message_id(answer), options_.timeout);
            if (!told || told->rejected) throw std::runtime_error("not confirmed in time");
            accepted.add(milliseconds(sent, taken));
            here.add(milliseconds(sent, told->at[0]));
            there.add(milliseconds(sent, told->at[1]));
            both.add(milliseconds(sent, told->both()));
            co_await sleep_for(pause(chance));  // not in step with blocks or timers
        }
        co_return fmt::format(R"({{"accepted_ms":{},"at_sender_ms":{},"at_other_ms":{},"both_ms":{}}})",
                              accepted.json(), here.json(), there.json(), both.json());
    }

    // Fills the store: answered 202 is enough, but what is on its way stays within --workers.
    Awaitable<std::string> store() {
        auto const start = now();
        std::size_t taken = 0;
        auto worker = [&](std::size_t index) -> Awaitable<void> {
            auto const topic = fmt::format("store_{}_{}", options_.run, index);
            while (serial_ < options_.count) {
                co_await a_.need(verb::post, api + "messages/broadcast", broadcast_body(options_, topic, serial_++));
                ++taken;
            }
        };
        co_await crowd(worker);
        auto const took = milliseconds(start, now()) / 1000;
        co_return fmt::format(R"({{"accepted":{},"seconds":{:.1f},"per_s":{:.1f}}})", taken, took,
                              static_cast<double>(taken) / took);
    }

    Awaitable<std::string> replay() {
        auto const listed = co_await a_.need(verb::get, api + "events?limit=1&count");
        auto const newest = json::Value{listed}["items"].elements().at(0)["sequence"].as_int().value();
        auto const name = "bench-" + options_.run + (options_.batch ? "-batch" : "-single");
        auto const made = co_await a_.need(
            verb::put, api + "subscriptions",
            fmt::format(
                R"({{"name":"{}","namespace":"default","transport":"websockets","options":{{"firstEvent":"oldest","readAhead":{},"withData":false{}}}}})",
                name, options_.readahead, options_.batch ? R"(,"batch":true,"batchTimeout":"50ms")" : ""));
        Socket socket(io_, a_.address());
        co_await socket.open("/ws");
        auto const start = now();
        auto const cpu = cpu_seconds();
        co_await socket.send(
            fmt::format(R"({{"type":"start","namespace":"default","name":"{}","autoack":false}})", name));
        std::int64_t seen = -1;
        std::size_t events = 0, frames = 0, bytes = 0, out_of_order = 0;
        while (seen < newest) {
            auto const text = co_await socket.receive();
            auto const [id, sequence, several] = json::Value{text}.pick("id", "sequence", "events");
            ++frames;
            bytes += text.size();
            auto count = [&](std::int64_t number) {
                ++events;
                out_of_order += number != seen + 1;
                seen = number;
            };
            if (several.exists()) {
                for (auto const& event : several.elements()) count(event["sequence"].as_int().value());
            } else {
                count(sequence.as_int().value());
            }
            co_await socket.send(fmt::format(R"({{"type":"ack","id":{}}})", id.text()));
        }
        auto const took = milliseconds(start, now()) / 1000;
        auto const own = (cpu_seconds() - cpu) / took;
        co_await a_.need(verb::delete_, api + "subscriptions/" + json::Value{made}["id"].as_string().value());
        co_return fmt::format(
            R"({{"readahead":{},"batch":{},"events":{},"frames":{},"seconds":{:.2f},"per_s":{:.0f},"MB_per_s":{:.1f},"out_of_order":{},"own_cpu_share":{:.3f}}})",
            options_.readahead, options_.batch, events, frames, took, static_cast<double>(events) / took,
            static_cast<double>(bytes) / 1e6 / took, out_of_order, own);
    }

    Awaitable<std::string> get() {
        auto path = options_.path;
        if (path.empty()) {
            auto const newest = co_await a_.need(verb::get, api + "messages?limit=1");
            path = api + "messages/" + message_id(json::Value{newest}.elements().at(0).text());
        }
        auto const start = now();
        auto const begin = start + std::chrono::milliseconds(static_cast<std::int64_t>(options_.warmup * 1000));
        auto const end = begin + std::chrono::milliseconds(static_cast<std::int64_t>(options_.seconds * 1000));
        auto const cpu = cpu_seconds();
        Spread took;
        std::size_t bytes = 0, bad = 0;
        auto worker = [&](std::size_t) -> Awaitable<void> {
            while (now() < end) {
                auto const asked = now();
                auto const answer = co_await a_.call(verb::get, path);
                if (answer.status != 200) ++bad;
                if (asked < begin) continue;
                took.add(milliseconds(asked, now()));
                bytes += answer.body.size();
            }
        };
        co_await crowd(worker);
        co_return fmt::format(
            R"({{"workers":{},"seconds":{},"per_s":{:.0f},"ms":{},"bytes_each":{},"bad":{},"own_cpu_share":{:.3f}}})",
            options_.workers, options_.seconds, static_cast<double>(took.size()) / options_.seconds, took.json(),
            bytes / std::max<std::size_t>(1, took.size()), bad,
            (cpu_seconds() - cpu) * 1000 / milliseconds(start, now()));
    }

    asio::io_context& io_;
    Options options_;
    Client a_, b_;
    Confirmations confirmations_;
    std::uint64_t serial_ = 0;
};

Options parse(int count, char** words) {
    if (count < 2) throw std::runtime_error("the mode is missing: broadcast, latency, store, replay or get");
    Options out;
    out.mode = words[1];
    out.run = fmt::format("{:x}", std::chrono::system_clock::now().time_since_epoch().count() & 0xffffffffff);
    for (int i = 2; i < count; ++i) {
        std::string_view const name = words[i];
        if (name == "--batch") {
            out.batch = true;
            continue;
        }
        if (++i == count) throw std::runtime_error("a value is missing after " + std::string(name));
        std::string const value = words[i];
        if (name == "--a")
            out.a = value;
        else if (name == "--b")
            out.b = value;
        else if (name == "--path")
            out.path = value;
        else if (name == "--workers")
            out.workers = std::stoul(value);
        else if (name == "--payload")
            out.payload = std::stoul(value);
        else if (name == "--samples")
            out.samples = std::stoul(value);
        else if (name == "--readahead")
            out.readahead = std::stoul(value);
        else if (name == "--count")
            out.count = std::stoul(value);
        else if (name == "--seconds")
            out.seconds = std::stod(value);
        else if (name == "--warmup")
            out.warmup = std::stod(value);
        else if (name == "--timeout")
            out.timeout = std::stod(value);
        else
            throw std::runtime_error("no such option: " + std::string(name));
    }
    return out;
}

int run(int count, char** words) {
    asio::io_context io{1};
    Run load(io, parse(count, words));
    std::string result;
    std::exception_ptr failure;
    asio::co_spawn(io, load.result(), [&](std::exception_ptr failed, std::string text) {
        failure = failed;
        result = std::move(text);
        io.stop();
    });
    io.run();
    if (failure) std::rethrow_exception(failure);
    std::cout << result << std::endl;
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
