// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include <signal.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "app/dev.hpp"
#include "app/version.hpp"
#include "base/logging.hpp"
#include "commands.hpp"

int main(int argc, char** argv) {
    signal(SIGPIPE, SIG_IGN);
    CLI::App program{"Lockstep: many parties, one sequence.", "lockstep"};
    program.set_version_flag("--version", std::string(lockstep::app::version));
    program.require_subcommand(1);
    program.get_formatter()->column_width(34);
    std::string level = "info";
    bool json_log = false;
    program.add_option("--log-level", level, "debug, info, warn, error or off")
        ->check(CLI::IsMember({"debug", "info", "warn", "error", "off"}))
        ->capture_default_str();
    program.add_flag("--log-json", json_log, "log lines as JSON");
    int code = 0;
    program.parse_complete_callback([&] {
        using lockstep::logging::Level;
        static const std::map<std::string, Level> levels{{"debug", Level::debug},
                                                         {"info", Level::info},
                                                         {"warn", Level::warn},
                                                         {"error", Level::error},
                                                         {"off", Level::off}};
        lockstep::logging::configure(levels.at(level), json_log);
    });
    for (auto const add : lockstep::commands::all) add(program, code);
    CLI11_PARSE(program, argc, argv);
    return code;
}
