// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>

#include "base/logging.hpp"
#include "commands.hpp"
#include "core/json.hpp"
#include "simulation/simulation.hpp"

namespace lockstep::commands {

namespace {

struct SimulateOptions {
    std::optional<std::uint64_t> seed;
    std::uint64_t from = 1, seeds = 1;
    int messages = 200;
    bool json = false, verbose = false;
    std::string fault = "none";
};

void print(const simulation::Report& report) {
    std::printf("seed %llu: %s, trace %s, %.1f virtual seconds\n", static_cast<unsigned long long>(report.seed),
                report.failures.empty() ? "ok" : "FAILED", report.trace.c_str(), report.virtual_seconds);
    for (auto const& failure : report.failures) std::printf("  %s\n", failure.c_str());
    std::fflush(stdout);
}

std::string json_of(const simulation::Report& report) {
    json::Writer writer;
    writer.begin_object()
        .key("seed")
        .unsigned_number(report.seed)
        .key("ok")
        .boolean(report.failures.empty())
        .field("trace", report.trace);
    writer.key("failures").begin_array();
    for (auto const& failure : report.failures) writer.string(failure);
    writer.end_array().key("counts").begin_object();
    for (auto const& [name, count] : report.counts) writer.key(name).unsigned_number(count);
    writer.end_object().end_object();
    return writer.take();
}

int simulate(const SimulateOptions& options) {
    if (!options.verbose) logging::configure(logging::Level::off, false);
    auto const first = options.seed.value_or(options.from);
    auto const count = options.seed ? 1 : options.seeds;
    std::map<std::string, std::uint64_t> totals;
    std::uint64_t failed = 0;
    for (auto seed = first; seed < first + count; ++seed) {
        simulation::Options run;
        run.seed = seed;
        run.messages = options.messages;
        if (options.fault == "forgets-parked-contexts") run.fault = sequencer::DeciderFault::forgets_parked_contexts;
        if (options.fault == "settles-by-arrival") run.fault = sequencer::DeciderFault::settles_by_arrival;
        auto const report = simulation::run(run);
        for (auto const& [name, number] : report.counts) totals[name] += number;
        if (!report.failures.empty()) ++failed;
        if (options.json) {
            std::printf("%s\n", json_of(report).c_str());
            std::fflush(stdout);
        } else if (count == 1 || !report.failures.empty()) {
            print(report);
        }
    }
    if (!options.json) {
        for (auto const& [name, number] : totals)
            std::printf("%-28s %llu\n", name.c_str(), static_cast<unsigned long long>(number));
        std::printf("%llu passed, %llu failed\n", static_cast<unsigned long long>(count - failed),
                    static_cast<unsigned long long>(failed));
    }
    return failed == 0 ? 0 : 1;
}

}  // namespace

void add_simulate(CLI::App& program, int& code) {
    auto* command = program.add_subcommand(
        "simulate", "A whole network from one seed: virtual time, seeded faults, checks after healing");
    auto options = std::make_shared<SimulateOptions>();
    command->add_option("--seed", options->seed, "run this one seed");
    command->add_option("--from", options->from, "first of a range of seeds")->capture_default_str();
    command->add_option("--seeds", options->seeds, "how many seeds")->capture_default_str();
    command->add_option("--messages", options->messages, "messages sent in each run, at least")
        ->check(CLI::Range(1, 100000))
        ->capture_default_str();
    command->add_option("--fault", options->fault, "a decider that is wrong on purpose")
        ->check(CLI::IsMember({"none", "forgets-parked-contexts", "settles-by-arrival"}))
        ->capture_default_str();
    command->add_flag("--json", options->json, "a line of JSON for each seed");
    command->add_flag("--verbose", options->verbose, "with the log of the members");
    command->callback([options, &code] { code = simulate(*options); });
}

}  // namespace lockstep::commands
