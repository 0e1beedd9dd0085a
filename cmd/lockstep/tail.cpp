// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <cctype>
#include <cstdio>
#include <memory>

#include "client.hpp"
#include "commands.hpp"
#include "core/json.hpp"

namespace lockstep::commands {

namespace {

struct TailOptions {
    Target target;
    std::string events = "message_.*", topic;
    int count = 0;
};

std::string escaped(std::string_view text) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (auto const c : text) {
        auto const byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) || c == '-' || c == '_' || c == '.') {
            out += c;
        } else {
            out += '%';
            out += digits[byte >> 4];
            out += digits[byte & 15];
        }
    }
    return out;
}

Task<int> tail(Asking& asking, const TailOptions& options) {
    auto url = asking.target.url;
    if (url.starts_with("http://")) url.replace(0, 4, "ws");
    url += "/ws?ephemeral&autoack&namespace=" + escaped(asking.target.ns) + "&filter.events=" + escaped(options.events);
    if (!options.topic.empty()) url += "&filter.topic=" + escaped(options.topic);
    auto connecting = net::websocket_connect(asking.executor, asking.clock, url, credentials(asking.target), 10s);
    auto const socket = co_await std::move(connecting);
    for (int seen = 0; options.count == 0 || seen < options.count; ++seen) {
        auto const frame = co_await socket->receive();
        if (!frame) {
            std::fprintf(stderr, "lockstep: the member closed the socket\n");
            co_return 1;
        }
        auto const text = json::compact(*frame);
        if (!text) co_return 1;
        if (asking.target.json) {
            std::printf("%s\n", text->c_str());
        } else {
            json::Value const event{*text};
            if (auto const error = event["error"].as_string()) {
                std::fprintf(stderr, "lockstep: %s\n", error->c_str());
                co_return 1;
            }
            std::printf("%8lld %s %-26s %-20s %s %s\n", static_cast<long long>(event["sequence"].as_int().value_or(-1)),
                        event["created"].as_string().value_or("").c_str(),
                        event["type"].as_string().value_or("").c_str(), event["topic"].as_string().value_or("").c_str(),
                        event["reference"].as_string().value_or("").c_str(),
                        event["message"]["header"]["tag"].as_string().value_or("").c_str());
        }
        std::fflush(stdout);
    }
    co_await socket->close(1000, "");
    co_return 0;
}

}  // namespace

void add_tail(CLI::App& program, int& code) {
    auto* command = program.add_subcommand("tail", "Show events as they come, until interrupted");
    auto options = std::make_shared<TailOptions>();
    add_target(*command, options->target);
    command->add_option("--events", options->events, "which types, a regular expression")->capture_default_str();
    command->add_option("--topic", options->topic, "which topics, a regular expression");
    command->add_option("--count", options->count, "end after so many; 0 goes on")->capture_default_str();
    command->callback([options, &code] {
        code = run(options->target, [options](Asking& asking) { return tail(asking, *options); });
    });
}

}  // namespace lockstep::commands
