// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What the commands for people share: where the member is, how it is asked, how a failure is told.
#pragma once

#include <CLI/App.hpp>
#include <functional>
#include <string>

#include "async/clock.hpp"
#include "async/task.hpp"
#include "net/http.hpp"

namespace lockstep::commands {

struct Target {
    std::string url = "http://127.0.0.1:5000";
    std::string ns = "default";
    bool json = false;
    std::string user;   // name:password
    std::string token;  // outweighs the user
};
// The header that says who asks; none when neither user nor token is given.
net::Headers credentials(const Target& target);
// --url, --namespace, --json, --user, --token.
void add_target(CLI::App& command, Target& target);

struct Asking {
    Executor executor;
    Clock& clock;
    const Target& target;

    // A call under /api/v1/namespaces/{ns}/, or of the path itself when it begins with '/'. Prints what
    // went wrong and answers with status 0 when the member cannot be reached.
    Task<net::Response> call(std::string method, std::string path, std::string body = {});
};

// Runs the task to its end, or until it is interrupted. The exit code.
int run(const Target& target, std::function<Task<int>(Asking&)> work);

// Prints the body as it is (with --json), or the error of a refusal. True for 2xx.
bool good(const net::Response& response);

}  // namespace lockstep::commands
