// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "client.hpp"
#include "commands.hpp"
#include "core/json.hpp"

namespace lockstep::commands {

void add_fault(CLI::App& program, int& code) {
    auto* command = program.add_subcommand("fault", "Disturb a network that was started with `lockstep dev --faults`");
    auto target = std::make_shared<Target>();
    auto request = std::make_shared<std::string>();
    add_target(*command, *target);
    command
        ->add_option(
            "request", *request,
            R"(JSON: {"cut":[0,1]}, {"heal":[0,1]}, {"delayMs":500,"link":[0,1]}, {"withhold":0}, {"release":0}, )"
            R"({"replay":10}, {"fork":2}, {"pauseLedger":true}, {"skipValidation":0}, {"validate":0})")
        ->required();
    command->callback([target, request, &code] {
        code = run(*target, [request](Asking& asking) {
            auto const work = [](Asking& member, std::string body) -> Task<int> {
                auto const answer = co_await member.call("POST", "/dev/faults", std::move(body));
                if (!good(answer)) co_return 1;
                std::printf("%s\n", member.target.json ? json::compact(answer.body).value().c_str() : "done");
                co_return 0;
            };
            return work(asking, *request);
        });
    });
}

}  // namespace lockstep::commands
