// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "app/config/secrets.hpp"

#include "app/config/errors.hpp"
#include "net/pem_check.hpp"

namespace lockstep::app::config {

namespace {

Result<auth::Guard> load_guard(const Settings& settings, const AuthSettings& auth, int member) {
    std::optional<auth::Passwords> passwords;
    std::optional<auth::Tokens> tokens;
    if (auth.has("basic")) {
        auto const path = path_of(settings, auth.passwordfile, member);
        TRY(auto const text, auth::read_secrets(path));
        TRY(passwords, auth::parse_passwords(text, path));
    }
    if (auth.has("bearer")) {
        auto const path = path_of(settings, auth.tokensfile, member);
        TRY(auto const text, auth::read_secrets(path));
        TRY(tokens, auth::parse_tokens(text, path));
    }
    return auth::Guard(std::move(passwords), std::move(tokens));
}

Result<std::string> load_pem(const std::string& path, bool secret = false) {
    if (path.empty()) return std::string();
    return auth::read_secrets(path, secret);
}

}  // namespace

Result<auth::Gate::Guards> load_guards(const Settings& settings, int member) {
    auth::Gate::Guards guards;
    TRY(guards.server, load_guard(settings, settings.server_auth, member));
    TRY(guards.space, load_guard(settings, settings.namespace_auth(), member));
    if (settings.monitoring_auth.given()) {
        TRY(guards.monitoring, load_guard(settings, settings.monitoring_auth, member));
    }
    return guards;
}

Result<std::vector<TlsFiles>> load_tls_profiles(const Settings& settings, int member) {
    std::vector<TlsFiles> out;
    auto const whole = [&](const std::string& path) { return path.empty() ? path : path_of(settings, path, member); };
    for (auto const& space : settings.namespaces) {
        for (auto const& tls : space.tls) {
            if (!tls.enabled) continue;
            TlsFiles const files{tls.name, whole(tls.ca_file), whole(tls.cert_file), whole(tls.key_file),
                                 tls.skip_verify};
            net::PemTexts texts;
            TRY(texts.ca, load_pem(files.ca_file));
            TRY(texts.certificate, load_pem(files.cert_file));
            TRY(texts.key, load_pem(files.key_file, true));
            if (auto const reason = net::what_is_wrong(texts))
                return refuse(errors::bad_tls_profile, {{"name", tls.name}, {"reason", *reason}});
            out.push_back(files);
        }
    }
    return out;
}

std::vector<Error> check_files(const Settings& settings, int members) {
    std::vector<Error> out;
    std::vector<std::string> told;
    auto const add = [&](const Error& error) {
        for (auto const& text : told)
            if (text == error.text()) return;
        told.push_back(error.text());
        out.push_back(error);
    };
    for (int member = 0; member < members; ++member) {
        if (auto const guards = load_guards(settings, member); !guards) add(guards.error());
        if (auto const profiles = load_tls_profiles(settings, member); !profiles) add(profiles.error());
    }
    return out;
}

}  // namespace lockstep::app::config
