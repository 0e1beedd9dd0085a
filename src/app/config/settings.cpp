// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "app/config/settings.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "app/config/errors.hpp"
#include "app/config/keys.hpp"

namespace lockstep::app::config {

namespace {

// What no single key is wrong about.
class Judge {
  public:
    explicit Judge(Loaded& loaded) : loaded_(loaded), settings_(loaded.settings) {}

    void judge() {
        if (settings_.api.request_timeout > settings_.api.request_timeout_max)
            conflict(0, "api.requestTimeout", "it is longer than api.requestMaxTimeout");
        if (settings_.api.limits.page > settings_.api.limits.most)
            conflict(0, "api.defaultFilterLimit", "it is more than api.maxFilterLimit");
        credentials("http.auth", settings_.server_auth);
        credentials("monitoring.auth", settings_.monitoring_auth);
        plugins();
        namespaces();
        auto const& space = settings_.namespace_auth();
        if (asks(settings_.server_auth) && asks(space) && !meet(settings_.server_auth, space))
            conflict(space.line, "auth.type",
                     "a request has one header, and it cannot be what http.auth wants and what the namespace wants");
    }

  private:
    static bool asks(const AuthSettings& auth) { return auth.has("basic") || auth.has("bearer"); }
    static bool meet(const AuthSettings& a, const AuthSettings& b) {
        return (a.has("basic") && b.has("basic")) || (a.has("bearer") && b.has("bearer"));
    }

    void credentials(const std::string& key, const AuthSettings& auth) {
        if (auth.has("none") && auth.type.size() > 1) conflict(auth.line, key + ".type", "none stands alone");
        if (auth.has("basic") && auth.passwordfile.empty())
            conflict(auth.line, key + ".basic.passwordfile", "it has to be given for the type basic");
        if (auth.has("bearer") && auth.tokensfile.empty())
            conflict(auth.line, key + ".bearer.tokensfile", "it has to be given for the type bearer");
        // A file that nobody reads is a door that somebody believes to be shut.
        if (!auth.passwordfile.empty() && !auth.has("basic"))
            conflict(auth.line, key + ".basic.passwordfile", "it is used with the type basic only");
        if (!auth.tokensfile.empty() && !auth.has("bearer"))
            conflict(auth.line, key + ".bearer.tokensfile", "it is used with the type bearer only");
    }

    void plugins() {
        std::vector<std::string> names;
        for (auto const& plugin : settings_.auth_plugins) {
            if (plugin.name.empty()) conflict(plugin.line, "plugins.auth[].name", "it has to be given");
            if (!plugin.auth.given()) conflict(plugin.line, "plugins.auth[].type", "it has to be given");
            if (std::find(names.begin(), names.end(), plugin.name) != names.end())
                conflict(plugin.line, "plugins.auth[].name", "'" + plugin.name + "' is there twice");
            names.push_back(plugin.name);
            credentials("plugins.auth[]", plugin.auth);
        }
    }

    void namespaces() {
        if (settings_.default_namespace != "default")
            conflict(0, "namespaces.default", "a member has one namespace, 'default'");
        if (settings_.namespaces.size() > 1)
            conflict(settings_.namespaces[1].line, "namespaces.predefined", "a member has one namespace, 'default'");
        for (auto const& space : settings_.namespaces) {
            if (space.name != "default")
                conflict(space.line, "namespaces.predefined[].name", "a member has one namespace, 'default'");
            credentials("namespaces.predefined[].auth", space.auth);
            if (space.plugins.size() > 1 || (!space.plugins.empty() && space.auth.given()))
                conflict(space.line, "namespaces.predefined[].plugins", "a namespace asks for credentials in one way");
            for (auto const& name : space.plugins) {
                auto const known = std::any_of(settings_.auth_plugins.begin(), settings_.auth_plugins.end(),
                                               [&](auto const& plugin) { return plugin.name == name; });
                if (!known)
                    conflict(space.line, "namespaces.predefined[].plugins", "there is no plugin '" + name + "'");
            }
            profiles(space);
        }
    }

    void profiles(const NamespaceSettings& space) {
        std::vector<std::string> names;
        auto const key = std::string("namespaces.predefined[].tlsConfigs[]");
        for (auto const& tls : space.tls) {
            if (tls.name.empty()) conflict(tls.line, key + ".name", "it has to be given");
            if (std::find(names.begin(), names.end(), tls.name) != names.end())
                conflict(tls.line, key + ".name", "'" + tls.name + "' is there twice");
            names.push_back(tls.name);
            if (tls.cert_file.empty() != tls.key_file.empty())
                conflict(tls.line, key + ".tls", "a certificate needs its key, and a key its certificate");
        }
    }

    void conflict(int line, std::string_view key, std::string_view reason) {
        auto const place = settings_.file + (line == 0 ? "" : ":" + std::to_string(line));
        loaded_.problems.push_back(
            refuse(errors::config_conflict, {{"place", place}, {"key", key}, {"reason", reason}}));
    }

    Loaded& loaded_;
    const Settings& settings_;
};

}  // namespace

bool AuthSettings::has(std::string_view scheme) const {
    return std::find(type.begin(), type.end(), scheme) != type.end();
}

const AuthSettings& Settings::namespace_auth() const {
    static const AuthSettings nothing;
    if (namespaces.empty()) return nothing;
    for (auto const& plugin : auth_plugins) {
        if (!namespaces.front().plugins.empty() && plugin.name == namespaces.front().plugins.front())
            return plugin.auth;
    }
    return namespaces.front().auth;
}

Loaded parse_settings(std::string_view text, const std::string& file) {
    Loaded out;
    out.settings.file = file;
    out.settings.folder = std::filesystem::path(file).parent_path().string();
    auto const tree = parse_yaml(text, file);
    if (!tree) {
        out.problems.push_back(tree.error());
        return out;
    }
    read_keys(*tree, file, out.settings, out.problems);
    Judge(out).judge();
    auto& settings = out.settings;
    settings.batcher.bytes_max = std::max(settings.sender.broadcast_bytes_max, settings.sender.private_bytes_max);
    return out;
}

Loaded load_settings(const std::string& file) {
    Loaded out;
    auto const bad = [&](std::string_view reason) {
        out.problems.push_back(refuse(errors::cannot_read_config, {{"file", file}, {"reason", reason}}));
        return out;
    };
    std::error_code error;
    auto const status = std::filesystem::status(file, error);
    if (!std::filesystem::exists(status)) return bad("it is not there");
    if (std::filesystem::is_directory(status)) return bad("it is a folder");
    std::ifstream in(file, std::ios::binary);
    if (!in) return bad("it cannot be opened");
    // One byte more than is allowed is enough to be refused.
    std::string text(config_bytes_max + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (in.bad()) return bad("reading it failed");
    text.resize(static_cast<std::size_t>(in.gcount()));
    return parse_settings(text, file);
}

std::string path_of(const Settings& settings, const std::string& path, int member) {
    constexpr std::string_view mark = "{member}";
    auto out = path;
    for (auto at = out.find(mark); at != std::string::npos; at = out.find(mark, at))
        out.replace(at, mark.size(), std::to_string(member));
    if (std::filesystem::path(out).is_absolute() || settings.folder.empty()) return out;
    return settings.folder + "/" + out;
}

}  // namespace lockstep::app::config
