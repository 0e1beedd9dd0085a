// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What a configuration file can say, with the defaults of the parts themselves. `keys.hpp` has the names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/api.hpp"
#include "messaging/batcher.hpp"
#include "messaging/sender.hpp"
#include "net/frames.hpp"
#include "net/http.hpp"

namespace lockstep::app::config {

// Of one place that asks for credentials. Paths as they are in the file; `{member}` in them is the index.
struct AuthSettings {
    std::vector<std::string> type;  // of none, basic, bearer
    std::string passwordfile, tokensfile;
    int line = 0;  // of the type; 0: not given

    bool given() const { return line != 0; }
    bool has(std::string_view scheme) const;
};

struct TlsSettings {
    std::string name;
    bool enabled = true, skip_verify = false;
    std::string ca_file, cert_file, key_file;
    int line = 0;
};

struct AuthPlugin {
    std::string name;
    AuthSettings auth;
    int line = 0;
};

struct NamespaceSettings {
    std::string name, description;
    std::vector<std::string> plugins;
    AuthSettings auth;
    std::vector<TlsSettings> tls;
    int line = 0;
};

struct Settings {
    Settings() { http.port = 5000; }

    net::HttpServer::Options http;  // its port is that of member 0
    net::FrameLimits peers;         // of the links between members
    bool port_given = false;
    api::Api::Options api;
    messaging::Batcher::Options batcher;
    messaging::Sender::Options sender;
    AuthSettings server_auth, monitoring_auth;
    std::vector<AuthPlugin> auth_plugins;
    std::string default_namespace = "default";
    std::vector<NamespaceSettings> namespaces;

    // Of the one namespace that a member has; an empty one when the file says nothing about it.
    const AuthSettings& namespace_auth() const;
    std::string folder;  // of the file: what relative paths begin at
    std::string file;
};

// A whole file, with everything that is wrong in it, LS10810 to LS10816. Settings are good when `problems` is
// empty. The files that it names are not looked at here: secrets.hpp.
struct Loaded {
    Settings settings;
    std::vector<Error> problems;
};
Loaded parse_settings(std::string_view text, const std::string& file);
Loaded load_settings(const std::string& file);

// The path of a file that the configuration names, for that member.
std::string path_of(const Settings& settings, const std::string& path, int member);

}  // namespace lockstep::app::config
