// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// One file a subcommand; each adds itself to the program and leaves its exit code in `code`.
#pragma once

#include <CLI/App.hpp>

namespace lockstep::commands {

void add_accounts(CLI::App& program, int& code);
void add_blocked(CLI::App& program, int& code);
void add_config(CLI::App& program, int& code);
void add_deadletters(CLI::App& program, int& code);
void add_dev(CLI::App& program, int& code);
void add_member(CLI::App& program, int& code);
void add_fault(CLI::App& program, int& code);
void add_publish(CLI::App& program, int& code);
void add_reference(CLI::App& program, int& code);
void add_simulate(CLI::App& program, int& code);
void add_status(CLI::App& program, int& code);
void add_tail(CLI::App& program, int& code);
void add_version(CLI::App& program, int& code);

inline constexpr void (*all[])(CLI::App&, int&) = {add_dev,    add_config,      add_status,  add_blocked,  add_publish,
                                                   add_tail,   add_deadletters, add_fault,   add_simulate, add_version,
                                                   add_member, add_reference,   add_accounts};

}  // namespace lockstep::commands
