// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <vector>

#include "client.hpp"
#include "commands.hpp"
#include "core/json.hpp"

namespace lockstep::commands {

namespace {

struct PublishOptions {
    Target target;
    std::vector<std::string> values, topics;
    std::string tag, key;
    bool confirm = false;
};

Task<int> publish(Asking& asking, const PublishOptions& options) {
    json::Writer body;
    body.begin_object().key("header").begin_object().field_if("tag", options.tag);
    if (!options.topics.empty()) {
        body.key("topics").begin_array();
        for (auto const& topic : options.topics) body.string(topic);
        body.end_array();
    }
    body.end_object().field_if("idempotencyKey", options.key).key("data").begin_array();
    for (auto const& value : options.values) {
        // What is no JSON is taken as a string.
        auto const compacted = json::compact(value);
        body.begin_object().key("value");
        if (compacted) {
            body.raw(*compacted);
        } else {
            body.string(value);
        }
        body.end_object();
    }
    body.end_array().end_object();
    auto path = std::string("messages/broadcast");
    if (options.confirm) path += "?confirm=true";
    auto const answer = co_await asking.call("POST", std::move(path), body.take());
    if (!good(answer)) co_return 1;
    if (asking.target.json) {
        std::printf("%s\n", json::compact(answer.body).value().c_str());
        co_return 0;
    }
    auto const text = json::compact(answer.body).value();
    json::Value const message{text};
    std::printf("%s %s\n", message["header"]["id"].as_string().value_or("").c_str(),
                message["state"].as_string().value_or("").c_str());
    co_return 0;
}

}  // namespace

void add_publish(CLI::App& program, int& code) {
    auto* command = program.add_subcommand("publish", "Broadcast a message to every member");
    auto options = std::make_shared<PublishOptions>();
    add_target(*command, options->target);
    command->add_option("value", options->values, "data items: JSON, or text that becomes a JSON string")->required();
    command->add_option("--topic", options->topics, "what orders it; repeatable");
    command->add_option("--tag", options->tag, "what it is, for who filters");
    command->add_option("--idempotency-key", options->key, "of two with the same key only the first is sent");
    command->add_flag("--confirm", options->confirm, "wait until the network has confirmed it");
    command->callback([options, &code] {
        code = run(options->target, [options](Asking& asking) { return publish(asking, *options); });
    });
}

}  // namespace lockstep::commands
