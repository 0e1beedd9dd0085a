// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "client.hpp"
#include "commands.hpp"
#include "core/json.hpp"

namespace lockstep::commands {

namespace {

Task<int> status(Asking& asking) {
    auto const node = co_await asking.call("GET", "status");
    if (!good(node)) co_return 1;
    auto const stages = co_await asking.call("GET", "/status/stages");
    if (!good(stages)) co_return 1;
    if (asking.target.json) {
        std::printf("{\"status\":%s,\"stages\":%s}\n", json::compact(node.body).value().c_str(),
                    json::compact(stages.body).value().c_str());
        co_return 0;
    }
    auto const node_text = json::compact(node.body).value();
    auto const stages_text = json::compact(stages.body).value();
    json::Value const about{node_text};
    json::Value const work{stages_text};
    auto const line = [&](const char* what, json::Value value) {
        std::printf("%-14s %s%s\n", what, value["name"].as_string().value_or("-").c_str(),
                    value["registered"].as_bool().value_or(false) ? "" : " (not registered)");
    };
    line("organisation", about["org"]);
    line("node", about["node"]);
    std::printf("%-14s block %lld of %lld\n", "ledger",
                static_cast<long long>(work["ledger"]["block"].as_int().value_or(-1)),
                static_cast<long long>(work["ledger"]["head"].as_int().value_or(-1)));
    for (auto const& stage : work["stages"].elements()) {
        std::printf("%-14s at %lld, behind by %lld%s\n", stage["name"].as_string().value_or("").c_str(),
                    static_cast<long long>(stage["position"].as_int().value_or(0)),
                    static_cast<long long>(stage["lag"].as_int().value_or(0)),
                    stage["lastError"].exists()
                        ? (", last error: " + stage["lastError"].as_string().value_or("")).c_str()
                        : "");
    }
    for (auto const& peer : work["peers"].elements()) {
        std::printf("%-14s %s, %lld queued\n", ("peer " + peer["id"].as_string().value_or("")).c_str(),
                    peer["connected"].as_bool().value_or(false) ? "connected" : "not connected",
                    static_cast<long long>(peer["queued"].as_int().value_or(0)));
    }
    co_return 0;
}

}  // namespace

void add_status(CLI::App& program, int& code) {
    auto* command =
        program.add_subcommand("status", "How a running member is: who it is, how far each stage has come, its peers");
    auto target = std::make_shared<Target>();
    add_target(*command, *target);
    command->callback([target, &code] { code = run(*target, status); });
}

}  // namespace lockstep::commands
