// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "app/dev.hpp"
#include "app/host.hpp"
#include "commands.hpp"

namespace lockstep::commands {

void add_accounts(CLI::App& program, int& code) {
    auto* command = program.add_subcommand(
        "accounts", "The ledger accounts that a member of `lockstep dev` can sign for, its organisation's first");
    auto data = std::make_shared<std::string>("data");
    auto member = std::make_shared<int>(0);
    command->add_option("--data", *data, "folder of databases and keys")->capture_default_str();
    command->add_option("--member", *member, "which member")->check(CLI::Range(0, 7))->capture_default_str();
    command->callback([data, member, &code] {
        auto const accounts = app::accounts_of_member(app::member_folder(*data, *member));
        if (!accounts) {
            std::fprintf(stderr, "lockstep: %s\n", accounts.error().message().c_str());
            code = 1;
            return;
        }
        if (accounts->empty())
            std::fprintf(stderr, "lockstep: there are no keys of member %d in %s\n", *member, data->c_str());
        for (auto const& account : *accounts) std::printf("%s\n", account.c_str());
        code = accounts->empty() ? 1 : 0;
    });
}

}  // namespace lockstep::commands
