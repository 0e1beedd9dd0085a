// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "client.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>

#include "auth/credentials.hpp"
#include "core/json.hpp"

namespace lockstep::commands {

void add_target(CLI::App& command, Target& target) {
    command.add_option("--url", target.url, "the member's API")->envname("LOCKSTEP_URL")->capture_default_str();
    command.add_option("--namespace", target.ns, "the namespace")->capture_default_str();
    command.add_option("--user", target.user, "who asks, as name:password")->envname("LOCKSTEP_USER");
    command.add_option("--token", target.token, "who asks, by a bearer token")->envname("LOCKSTEP_TOKEN");
    command.add_flag("--json", target.json, "print the JSON itself");
}

net::Headers credentials(const Target& target) {
    net::Headers headers;
    if (!target.token.empty()) {
        headers.set("authorization", auth::bearer_authorization(target.token));
    } else if (!target.user.empty()) {
        headers.set("authorization", auth::basic_authorization(target.user));
    }
    return headers;
}

Task<net::Response> Asking::call(std::string method, std::string path, std::string body) {
    if (!path.starts_with('/')) path = "/api/v1/namespaces/" + target.ns + "/" + path;
    auto headers = credentials(target);
    headers.set("content-type", "application/json");
    auto url = target.url + path;
    try {
        co_return co_await net::http_call(executor, clock, std::move(method), url, std::move(headers), std::move(body),
                                          130s);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "lockstep: %s: %s\n", url.c_str(), error.what());
    }
    net::Response none;
    none.status = 0;
    co_return none;
}

int run(const Target& target, std::function<Task<int>(Asking&)> work) {
    asio::io_context io{1};
    auto const clock = make_clock(io.get_executor());
    Asking asking{io.get_executor(), *clock, target};
    int code = 1;
    asio::co_spawn(io, work(asking), [&](std::exception_ptr failure, int result) {
        code = result;
        if (!failure) return;
        code = 1;
        try {
            std::rethrow_exception(failure);
        } catch (const std::exception& error) {
            std::fprintf(stderr, "lockstep: %s\n", error.what());
        }
    });
    io.run();
    return code;
}

bool good(const net::Response& response) {
    if (response.status >= 200 && response.status < 300) return true;
    if (response.status == 0) return false;
    auto const text = json::compact(response.body);
    auto const reason = text ? json::Value{*text}["error"].as_string() : std::nullopt;
    std::fprintf(stderr, "lockstep: %s\n",
                 reason ? reason->c_str() : ("HTTP status " + std::to_string(response.status)).c_str());
    return false;
}

}  // namespace lockstep::commands
