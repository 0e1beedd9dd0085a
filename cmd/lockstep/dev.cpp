// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "app/dev.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <climits>
#include <cstdio>
#include <memory>

#include "base/time.hpp"
#include "commands.hpp"
#include "net/address_rules.hpp"

namespace lockstep::commands {

namespace {

std::string this_program() {
    char path[PATH_MAX];
    auto const length = readlink("/proc/self/exe", path, sizeof path);
    return length > 0 ? std::string(path, static_cast<std::size_t>(length)) : "lockstep";
}

// The sentence of a refusal; empty when the ranges are good.
std::string check_ranges(const std::string& text) {
    auto const rules = net::AddressRules::parse(text);
    return rules ? std::string() : rules.error().message();
}

}  // namespace

void add_dev(CLI::App& program, int& code) {
    auto* command =
        program.add_subcommand("dev", "A network on this machine: members and a simulated ledger, ready in a second");
    auto options = std::make_shared<app::DevOptions>();
    auto interval = std::make_shared<std::string>("1s");
    auto no_register = std::make_shared<bool>(false);
    command->add_option("--members", options->members, "how many members, 1 to 8")
        ->check(CLI::Range(1, 8))
        ->capture_default_str();
    command
        ->add_option(
            "--accounts", options->accounts,
            "ledger accounts of each member, at least: one for its organisation, others for child organisations "
            "and custom identities (`lockstep accounts` shows them)")
        ->check(CLI::Range(1, 100))
        ->capture_default_str();
    command->add_option("--data", options->data, "folder of databases and keys; made if missing")
        ->capture_default_str();
    auto* const api_port =
        command->add_option("--api-port", options->api_port, "member i listens on this + i")->capture_default_str();
    command->add_option("--config", options->config, "a YAML file for what flags cannot say: credentials, limits");
    command->add_option("--log-port", options->log_port, "reserved for the log face, which does not exist yet")
        ->capture_default_str();
    command
        ->add_option("--connector-port", options->connector_port,
                     "reserved for the connector face, which does not exist yet")
        ->capture_default_str();
    command
        ->add_option("--block-interval", *interval, "of the simulated ledger, such as 1s or 200ms; 0: a block at once")
        ->capture_default_str();
    command->add_option("--confirmations", options->confirmations, "blocks that must stand on a pin before it counts")
        ->check(CLI::Range(0, 1000))
        ->capture_default_str();
    command
        ->add_option("--webhook-allow", options->webhook_allow,
                     "address ranges that webhooks may call besides the public internet, or none")
        ->check(check_ranges)
        ->capture_default_str();
    command->add_flag("--processes", options->processes, "each member in a process of its own");
    command->add_flag("--faults", options->faults, "let `lockstep fault` disturb links and ledger");
    command->add_flag("--no-register", *no_register, "leave registering organisations and nodes to the API");
    command->callback([options, interval, no_register, api_port, &code] {
        auto const parsed = parse_duration(*interval, std::chrono::seconds(1));
        if (!parsed || *parsed < Duration::zero())
            throw CLI::ValidationError("--block-interval",
                                       "'" + *interval + "' is no duration, such as 1s, 200ms or 0");
        options->block_interval = *parsed;
        options->register_members = !*no_register;
        options->program = this_program();
        options->api_port_given = api_port->count() > 0;
        std::printf("The log and connector faces are not there yet: nothing listens on %d and %d.\n", options->log_port,
                    options->connector_port);
        if (options->webhook_allow.empty() || options->webhook_allow == "none") {
            std::printf("Webhooks may call the public internet alone.\n");
        } else {
            std::printf("Webhooks may call the public internet and %s: --webhook-allow none forbids it.\n",
                        options->webhook_allow.c_str());
        }
        std::fflush(stdout);
        code = app::run_dev(*options);
    });
}

void add_member(CLI::App& program, int& code) {
    auto* command =
        program.add_subcommand("member", "One member of `lockstep dev --processes`, which starts it")->group("");
    auto options = std::make_shared<app::MemberOptions>();
    auto no_register = std::make_shared<bool>(false);
    command->add_option("--webhook-allow", options->webhook_allow)->check(check_ranges);
    command->add_option("--index", options->index)->required();
    command->add_option("--members", options->members)->required();
    command->add_option("--data", options->data)->required();
    command->add_option("--api-port", options->api_port);
    command->add_option("--confirmations", options->confirmations);
    command->add_option("--config", options->config);
    command->add_flag("--faults", options->faults);
    command->add_flag("--no-register", *no_register);
    command->callback([options, no_register, &code] {
        options->register_members = !*no_register;
        code = app::run_member(*options);
    });
}

}  // namespace lockstep::commands
