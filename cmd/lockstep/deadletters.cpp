// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <optional>

#include "base/uuid.hpp"
#include "client.hpp"
#include "commands.hpp"
#include "core/json.hpp"

namespace lockstep::commands {

namespace {

constexpr int page_size = 1000;  // the most that a member gives at once

struct DeadLetterOptions {
    Target target;
    std::string subscription, redrive, remove;
};

// The subscription of that name or id; what went wrong has been said otherwise.
Task<std::optional<std::string>> subscription_id(Asking& asking, std::string wanted) {
    if (auto const id = Uuid::parse(wanted)) co_return id->text();
    auto const answer = co_await asking.call("GET", "subscriptions?limit=1000");
    if (!good(answer)) co_return std::nullopt;
    auto const text = json::compact(answer.body).value();
    for (auto const& one : json::Value{text}.elements()) {
        if (one["name"].as_string() == wanted) co_return one["id"].as_string();
    }
    std::fprintf(stderr, "lockstep: there is no subscription '%s'\n", wanted.c_str());
    co_return std::nullopt;
}

void print_letter(json::Value letter) {
    auto const status = letter["status"].as_int();
    std::printf("%s  %8lld  %-26s %-20s %lld tries%s  %s\n", letter["id"].as_string().value_or("").c_str(),
                static_cast<long long>(letter["sequence"].as_int().value_or(-1)),
                letter["type"].as_string().value_or("").c_str(), letter["topic"].as_string().value_or("").c_str(),
                static_cast<long long>(letter["attempts"].as_int().value_or(0)),
                status ? (", status " + std::to_string(*status)).c_str() : "",
                letter["error"].as_string().value_or("").c_str());
}

// Oldest first, as they would have been delivered.
Task<std::optional<std::string>> letters_of(Asking& asking, std::string path) {
    path += "?sort=sequence&limit=" + std::to_string(page_size);
    auto const answer = co_await asking.call("GET", std::move(path));
    if (!good(answer)) co_return std::nullopt;
    co_return json::compact(answer.body).value();
}

// Each of them, or the one that was named; stops at the first that fails.
Task<int> act(Asking& asking, std::string path, std::string event, std::string method, std::string suffix) {
    std::vector<std::string> events;
    if (event == "all") {
        auto const text = co_await letters_of(asking, path);
        if (!text) co_return 1;
        for (auto const& letter : json::Value{*text}.elements())
            events.push_back(letter["id"].as_string().value_or(""));
    } else {
        events.push_back(event);
    }
    for (auto const& id : events) {
        auto one = path + "/" + id + suffix;
        std::string body = method == "POST" ? "{}" : "";
        auto const answer = co_await asking.call(method, std::move(one), std::move(body));
        if (!good(answer)) co_return 1;
        if (!asking.target.json) std::printf("%s %s\n", id.c_str(), suffix.empty() ? "deleted" : "delivered");
    }
    if (asking.target.json) std::printf("{\"count\":%zu}\n", events.size());
    co_return 0;
}

Task<int> dead_letters(Asking& asking, const DeadLetterOptions& options) {
    auto const id = co_await subscription_id(asking, options.subscription);
    if (!id) co_return 1;
    auto const path = "subscriptions/" + *id + "/deadletters";
    if (!options.redrive.empty()) {
        auto work = act(asking, path, options.redrive, "POST", "/redrive");
        co_return co_await std::move(work);
    }
    if (!options.remove.empty()) {
        auto work = act(asking, path, options.remove, "DELETE", "");
        co_return co_await std::move(work);
    }
    auto const text = co_await letters_of(asking, path);
    if (!text) co_return 1;
    if (asking.target.json) {
        std::printf("%s\n", text->c_str());
        co_return 0;
    }
    auto const letters = json::Value{*text}.elements();
    for (auto const& letter : letters) print_letter(letter);
    if (letters.empty()) std::printf("no dead letters\n");
    co_return 0;
}

}  // namespace

void add_deadletters(CLI::App& program, int& code) {
    auto* command = program.add_subcommand(
        "deadletters", "Events that a webhook with onFailure deadLetter did not take: shown, sent again, or deleted");
    auto options = std::make_shared<DeadLetterOptions>();
    add_target(*command, options->target);
    command->add_option("subscription", options->subscription, "its name or id")->required();
    auto* redrive = command->add_option("--redrive", options->redrive, "call the webhook with this event id, or all");
    command->add_option("--delete", options->remove, "forget this event id, or all")->excludes(redrive);
    command->callback([options, &code] {
        code = run(options->target, [options](Asking& asking) { return dead_letters(asking, *options); });
    });
}

}  // namespace lockstep::commands
