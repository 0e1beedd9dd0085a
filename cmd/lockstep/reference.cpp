// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// `lockstep reference PAGE`: the pages of docs/reference, printed from the data that the program works with.
// `./dev docs` writes them.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "app/catalogue.hpp"
#include "app/config/keys.hpp"
#include "app/metrics.hpp"
#include "commands.hpp"

namespace lockstep::commands {

namespace {

std::string cell(std::string_view text) {
    std::string out;
    for (auto const c : text) {
        if (c == '|') out += '\\';
        out += c;
    }
    return out;
}

std::string row(std::initializer_list<std::string_view> cells) {
    std::string out = "|";
    for (auto const text : cells) out += " " + cell(text) + " |";
    return out + "\n";
}

std::string code(std::string_view text) { return "`" + std::string(text) + "`"; }

std::string head(std::string_view title, std::string_view page) {
    return "# " + std::string(title) + "\n\n<!-- Printed by `lockstep reference " + std::string(page) +
           "`; `./dev docs` writes it again. -->\n\n";
}

// Groups of numbers by how they begin, in number order.
constexpr std::pair<std::string_view, std::string_view> groups[] = {
    {"FF00", "Values, filters and requests"},
    {"FF101", "Lookups, subscriptions and sockets"},
    {"FF102", "Data, authors, webhooks, requests and replies"},
    {"FF103", "Limits, keys and identities"},
    {"FF104", "Definitions, namespaces and delivery"},
    {"LS100", "General"},
    {"LS101", "JSON and batches"},
    {"LS102", "Store"},
    {"LS103", "Ledger and keys"},
    {"LS104", "Peers and webhooks"},
    {"LS105", "Messages"},
    {"LS107", "API"},
    {"LS108", "Program"},
};

std::string errors_page() {
    auto out = head("Errors", "errors");
    out +=
        "A refusal over HTTP has the status and the body `{\"error\": \"NUMBER: sentence\"}`. The same text is the "
        "`error`\n"
        "of a WebSocket's `protocol_error`, the `rejectReason` of a rejected message, and what the program says when "
        "it\n"
        "cannot start; the status does not count there. Refusals between peers go to the log. Facts stand in place of\n"
        "the `{marks}`. FF numbers are those that clients of FireFly know, LS numbers are ours, and none is used "
        "twice.\n";
    std::string_view begun;
    for (auto const* entry : app::catalogue()) {
        for (auto const& [prefix, title] : groups) {
            if (!entry->code.starts_with(prefix) || prefix == begun) continue;
            begun = prefix;
            out += "\n## " + std::string(title) + "\n\n| number | status | sentence |\n|---|---|---|\n";
        }
        out += row({entry->code, std::to_string(entry->status), entry->text});
    }
    return out;
}

std::string metrics_page() {
    auto out = head("Metrics", "metrics");
    out +=
        "`GET /metrics` of a member, in Prometheus' text format. Histograms count in seconds. The label `route` is "
        "the\n"
        "pattern of the path.\n\n| name | type | labels | what |\n|---|---|---|---|\n";
    for (auto const* metric : app::metrics::all()) {
        std::string labels;
        for (auto const label : metric->labels)
            if (!label.empty()) labels += (labels.empty() ? "" : ", ") + code(label);
        static constexpr std::string_view kinds[] = {"counter", "gauge", "histogram"};
        out += row({code(metric->name), kinds[static_cast<int>(metric->kind)], labels, metric->help});
    }
    return out;
}

std::string cli_page(CLI::App& program) {
    auto const name = program.get_name();
    auto const fenced = [](const std::string& text) {
        return "```text\n" + text.substr(text.find_first_not_of('\n'), text.find_last_not_of("\n ") + 1) + "\n```\n";
    };
    auto out = head("Command line", "cli");
    out += fenced(program.get_formatter()->make_help(&program, name, CLI::AppFormatMode::Normal));
    for (auto const* command : program.get_subcommands([](const CLI::App*) { return true; })) {
        if (command->get_group().empty()) continue;
        out += "\n## " + name + " " + command->get_name() + "\n\n" + fenced(command->help(name));
    }
    return out;
}

std::string flags_of(const CLI::App& command) {
    std::string out = "| flag | takes | default | meaning |\n|---|---|---|---|\n";
    for (auto const* option : command.get_options()) {
        if (option == command.get_help_ptr() || option == command.get_version_ptr()) continue;
        auto const flag = option->get_expected_max() == 0;
        auto const number = option->get_type_name().find("INT") != std::string::npos;
        out += row({code(option->get_name()),
                    flag     ? "nothing"
                    : number ? "a number"
                             : "text",
                    flag                                ? "off"
                    : option->get_default_str().empty() ? ""
                                                        : code(option->get_default_str()),
                    option->get_description()});
    }
    return out;
}

std::string range(const app::config::Key& key) {
    auto const text = app::config::range_of(key);
    return text.empty() ? "" : "; " + text;
}

std::string config_page(CLI::App& program) {
    auto out = head("Configuration", "config");
    out +=
        "A node is configured by the flags of `lockstep dev`, and by a file for what they cannot say.\n\n## Flags\n\n";
    out += flags_of(*program.get_subcommand("dev"));
    out += "\nBefore the word `dev`, for every command:\n\n" + flags_of(program);
    out +=
        "\nTwo files in a member's folder, `peer.endpoint` and `peer.listen`, say where its peer link is:\n"
        "[src/app/README.md](../../src/app/README.md).\n"
        "\n## File\n\n"
        "`lockstep dev --config FILE` reads YAML. Names are those of FireFly's configuration where it has the thing, "
        "in\n"
        "upper or lower case. A key that is not in this table stops the start, and so does a value that does not fit;\n"
        "`lockstep config FILE` tells everything that is wrong without starting. Paths begin at the folder of the "
        "file,\n"
        "and `{member}` in them is the number of the member. Sizes and durations are like `64Kb` and `1m30s`; a "
        "duration\n"
        "without a unit counts milliseconds. A list has `[]` behind its name here and `-` before each item in the "
        "file.\n\n"
        "| key | takes | default | meaning |\n|---|---|---|---|\n";
    for (auto const& key : app::config::keys()) {
        auto const usual = app::config::default_of(key);
        out +=
            row({code(key.path), app::config::takes(key) + range(key), usual.empty() ? "" : code(usual), key.meaning});
    }
    return out;
}

}  // namespace

void add_reference(CLI::App& program, int&) {
    auto* command = program.add_subcommand("reference", "Prints a page of docs/reference")->group("");
    auto page = std::make_shared<std::string>();
    command->add_option("page", *page)->required()->check(CLI::IsMember({"errors", "metrics", "cli", "config"}));
    command->callback([&program, page] {
        auto const text = *page == "errors"    ? errors_page()
                          : *page == "metrics" ? metrics_page()
                          : *page == "cli"     ? cli_page(program)
                                               : config_page(program);
        std::fputs(text.c_str(), stdout);
    });
}

}  // namespace lockstep::commands
