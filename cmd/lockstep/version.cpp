// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "app/version.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "commands.hpp"

namespace lockstep::commands {

void add_version(CLI::App& program, int&) {
    auto* command = program.add_subcommand("version", "Which version this is");
    auto json = std::make_shared<bool>(false);
    command->add_flag("--json", *json, "as JSON");
    command->callback(
        [json] { std::printf(*json ? "{\"version\":\"%s\"}\n" : "lockstep %s\n", std::string(app::version).c_str()); });
}

}  // namespace lockstep::commands
