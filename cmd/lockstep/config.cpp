// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "app/config/secrets.hpp"
#include "commands.hpp"

namespace lockstep::commands {

namespace {

struct ConfigOptions {
    std::string file;
    int members = 2;
};

int check(const ConfigOptions& options) {
    auto loaded = app::config::load_settings(options.file);
    if (loaded.problems.empty()) loaded.problems = app::config::check_files(loaded.settings, options.members);
    for (auto const& problem : loaded.problems) std::fprintf(stderr, "lockstep: %s\n", problem.message().c_str());
    if (loaded.problems.empty()) std::printf("%s is good\n", options.file.c_str());
    return loaded.problems.empty() ? 0 : 1;
}

}  // namespace

void add_config(CLI::App& program, int& code) {
    auto* command = program.add_subcommand(
        "config", "Read a configuration file and what it names as `dev` would, and say all that is wrong with it");
    auto options = std::make_shared<ConfigOptions>();
    command->add_option("file", options->file, "the YAML file")->required();
    command->add_option("--members", options->members, "for how many members its files must be there")
        ->check(CLI::Range(1, 8))
        ->capture_default_str();
    command->callback([options, &code] { code = check(*options); });
}

}  // namespace lockstep::commands
