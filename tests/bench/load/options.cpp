// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "load/options.hpp"

#include <fmt/format.h>

#include <chrono>
#include <functional>
#include <map>
#include <stdexcept>

namespace lockstep::load {

Options parse_options(int count, char** words) {
    if (count < 2) throw std::runtime_error("the mode is missing");
    Options out;
    out.mode = words[1];
    out.run = fmt::format("{:x}", std::chrono::system_clock::now().time_since_epoch().count() & 0xffffffffff);
    auto const text = [](std::string& place) { return [&](const std::string& value) { place = value; }; };
    auto const number = [](std::size_t& place) { return [&](const std::string& value) { place = std::stoul(value); }; };
    auto const real = [](double& place) { return [&](const std::string& value) { place = std::stod(value); }; };
    const std::map<std::string_view, bool*> flags{{"--batch", &out.batch}, {"--fastack", &out.fastack}};
    const std::map<std::string_view, std::function<void(const std::string&)>> values{
        {"--a", text(out.a)},
        {"--b", text(out.b)},
        {"--path", text(out.path)},
        {"--kind", [&](const std::string& value) { out.kind = parse_kind(value); }},
        {"--workers", number(out.workers)},
        {"--payload", number(out.payload)},
        {"--samples", number(out.samples)},
        {"--readahead", number(out.readahead)},
        {"--count", number(out.count)},
        {"--subscriptions", number(out.subscriptions)},
        {"--rounds", number(out.rounds)},
        {"--seconds", real(out.seconds)},
        {"--warmup", real(out.warmup)},
        {"--timeout", real(out.timeout)},
        {"--rate", real(out.rate)},
    };
    for (int i = 2; i < count; ++i) {
        std::string_view const name = words[i];
        if (auto const flag = flags.find(name); flag != flags.end()) {
            *flag->second = true;
            continue;
        }
        auto const value = values.find(name);
        if (value == values.end()) throw std::runtime_error("no such option: " + std::string(name));
        if (++i == count) throw std::runtime_error("a value is missing after " + std::string(name));
        value->second(words[i]);
    }
    return out;
}

}  // namespace lockstep::load
