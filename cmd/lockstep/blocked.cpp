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

std::string text_of(const json::Value& line, std::string_view name) { return line[name].as_string().value_or(""); }

void print_blocked(const json::Value& line) {
    auto const topic = text_of(line, "topic"), group = text_of(line, "group");
    std::printf("%s %s\n", text_of(line, "kind").c_str(), text_of(line, "id").c_str());
    if (!topic.empty())
        std::printf("    topic   %s%s\n", topic.c_str(), group.empty() ? "" : (" of group " + group).c_str());
    std::printf("    waits   for %s: %s\n", text_of(line, "reason").c_str(), text_of(line, "detail").c_str());
    if (line["since"].exists()) std::printf("    since   %s\n", text_of(line, "since").c_str());
    std::printf("    behind  %lld\n", static_cast<long long>(line["behind"].as_int().value_or(0)));
    for (auto const& action : line["actions"].elements()) {
        auto const body = action["body"].exists() ? " " + std::string(action["body"].text()) : "";
        std::printf("    %-7s %s %s%s\n", text_of(action, "name").c_str(), text_of(action, "method").c_str(),
                    text_of(action, "path").c_str(), body.c_str());
    }
}

struct Act {
    std::string name, id, reason;
};

std::string reason_json(const std::string& reason) {
    json::Writer writer;
    writer.begin_object().field("reason", reason).end_object();
    return writer.take();
}

// Does the named action of each that waits, or of the one with that id.
Task<int> act_on(Asking& asking, const json::Value& answer, const Act& act) {
    auto const& [wanted, id, reason] = act;
    auto done = 0;
    for (auto const& line : answer["blocked"].elements()) {
        if (!id.empty() && text_of(line, "id") != id) continue;
        for (auto const& action : line["actions"].elements()) {
            if (text_of(action, "name") != wanted) continue;
            auto body = action["body"].exists() ? std::string(action["body"].text()) : std::string("{}");
            if (wanted == "reject") body = reason_json(reason);
            auto task = asking.call(text_of(action, "method"), text_of(action, "path"), std::move(body));
            auto const did = co_await std::move(task);
            if (!good(did)) co_return 1;
            std::printf("%s %s %s\n", wanted.c_str(), text_of(line, "kind").c_str(), text_of(line, "id").c_str());
            ++done;
        }
    }
    if (done == 0) {
        std::fprintf(stderr, "lockstep: nothing that waits here has %s\n",
                     id.empty() ? "that action" : "that id and action");
        co_return 1;
    }
    co_return 0;
}

Task<int> blocked(Asking& asking, Act act) {
    auto const answer = co_await asking.call("GET", "status/blocked");
    if (!good(answer)) co_return 1;
    auto const text = json::compact(answer.body).value();
    json::Value const body{text};
    if (!act.name.empty()) {
        auto task = act_on(asking, body, act);
        co_return co_await std::move(task);
    }
    if (asking.target.json) {
        std::printf("%s\n", text.c_str());
        co_return 0;
    }
    auto const lines = body["blocked"].elements();
    if (lines.empty()) std::printf("nothing waits\n");
    for (auto const& line : lines) print_blocked(line);
    co_return 0;
}

}  // namespace

void add_blocked(CLI::App& program, int& code) {
    auto* command = program.add_subcommand(
        "blocked", "What waits at a running member, why, since when, and what can be done about it");
    auto target = std::make_shared<Target>();
    auto act = std::make_shared<Act>();
    add_target(*command, *target);
    auto* what = command->add_option("--do", act->name, "Do this with what waits: retry, rewind, reject")
                     ->check(CLI::IsMember({"retry", "rewind", "reject"}));
    auto* which = command->add_option("--id", act->id, "Only with the one of this id")->needs(what);
    command->add_option("--reason", act->reason, "Why it is rejected, for people")->needs(which);
    command->callback([target, act, &code] {
        if (act->name == "reject" && act->reason.empty())
            throw CLI::ValidationError("--do reject", "needs --id and --reason");
        code = run(*target, [act](Asking& asking) { return blocked(asking, *act); });
    });
}

}  // namespace lockstep::commands
