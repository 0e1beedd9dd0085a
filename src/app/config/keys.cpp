// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "app/config/keys.hpp"

#include <array>

namespace lockstep::app::config {

namespace {

constexpr std::int64_t second = 1000, hour = 3600 * second;  // of milliseconds
constexpr std::int64_t kib = 1024, mib = 1024 * kib;
constexpr std::string_view schemes = "none basic bearer";

using S = Settings;

Key duration(std::string_view path, Duration& (*place)(S&), std::int64_t min, std::int64_t max, std::string_view text) {
    return {.path = path, .meaning = text, .place = place, .min = min, .max = max};
}
Key size(std::string_view path, std::size_t& (*place)(S&), std::int64_t min, std::int64_t max, std::string_view text) {
    return {.path = path, .meaning = text, .place = place, .min = min, .max = max, .unit = Unit::bytes};
}
Key count(std::string_view path, std::size_t& (*place)(S&), std::int64_t min, std::int64_t max, std::string_view text) {
    return {.path = path, .meaning = text, .place = place, .min = min, .max = max};
}
Key text(std::string_view path, std::string& (*place)(S&), std::string_view meaning) {
    return {.path = path, .meaning = meaning, .place = place};
}
Key scheme(std::string_view path, Words& (*place)(S&), void (*note)(S&, int), std::string_view usual = "none") {
    return {.path = path,
            .meaning = "who may: everyone, who has a password, who has a token; a list of both takes either",
            .place = place,
            .usual = usual,
            .words = schemes,
            .note = note};
}

constexpr std::string_view passwords_text = "users and bcrypt hashes, as `htpasswd -B` writes them";
constexpr std::string_view tokens_text = "a token in each line, or `sha256:` and its hash in hex";

NamespaceSettings& space(S& s) { return s.namespaces.back(); }
TlsSettings& tls(S& s) { return space(s).tls.back(); }

const std::vector<Key>& list() {
    static const std::vector<Key> all{
        text(
            "http.address", [](S& s) -> std::string& { return s.http.address; }, "where the API listens"),
        {.path = "http.port",
         .meaning = "of member 0; member i listens on this + i. The flag `--api-port` outweighs it",
         .place = [](S& s) -> std::uint16_t& { return s.http.port; },
         .min = 1,
         .max = 65535,
         .note = [](S& s, int) { s.port_given = true; }},
        scheme(
            "http.auth.type", [](S& s) -> Words& { return s.server_auth.type; },
            [](S& s, int line) { s.server_auth.line = line; }),
        text(
            "http.auth.basic.passwordfile", [](S& s) -> std::string& { return s.server_auth.passwordfile; },
            passwords_text),
        text(
            "http.auth.bearer.tokensfile", [](S& s) -> std::string& { return s.server_auth.tokensfile; }, tokens_text),
        count(
            "http.limits.connections", [](S& s) -> std::size_t& { return s.http.connections_max; }, 1, 1'000'000,
            "beyond it new connections are closed at once"),
        size(
            "http.limits.headerSize", [](S& s) -> std::size_t& { return s.http.header_bytes_max; }, kib, mib,
            "of the header of a request; 431 beyond"),
        size(
            "http.limits.bodySize", [](S& s) -> std::size_t& { return s.http.body_bytes_max; }, kib, 1024 * mib,
            "of a body that is read whole; 413 beyond"),
        duration(
            "http.readTimeout", [](S& s) -> Duration& { return s.http.header_timeout; }, 100, hour,
            "from the first byte of a request to the end of its header"),
        duration(
            "http.writeTimeout", [](S& s) -> Duration& { return s.http.write_timeout; }, 100, hour,
            "for each piece of an answer"),
        duration(
            "http.limits.bodyTimeout", [](S& s) -> Duration& { return s.http.body_timeout; }, 100, hour,
            "for the whole body of a request, and for each piece of one that is streamed"),
        duration(
            "http.limits.idleTimeout", [](S& s) -> Duration& { return s.http.idle_timeout; }, 100, hour,
            "between two requests of a connection"),
        size(
            "events.websockets.messageSize", [](S& s) -> std::size_t& { return s.http.ws_message_bytes_max; }, kib,
            64 * mib, "of one message that a client sends; closed with 1009 beyond"),
        duration(
            "events.websockets.pingInterval", [](S& s) -> Duration& { return s.http.ws_ping_interval; }, 100, hour,
            "a socket that is silent for twice as long is dropped"),
        duration(
            "events.websockets.writeTimeout", [](S& s) -> Duration& { return s.http.ws_write_timeout; }, 100, hour,
            "a socket that takes nothing for so long is dropped"),
        duration(
            "api.requestTimeout", [](S& s) -> Duration& { return s.api.request_timeout; }, 1, 24 * hour,
            "of a request without the header `Request-Timeout`"),
        duration(
            "api.requestMaxTimeout", [](S& s) -> Duration& { return s.api.request_timeout_max; }, 1, 24 * hour,
            "of a request with it"),
        count(
            "api.defaultFilterLimit", [](S& s) -> std::size_t& { return s.api.limits.page; }, 1, 100'000,
            "results of a list, when a request does not say"),
        count(
            "api.maxFilterLimit", [](S& s) -> std::size_t& { return s.api.limits.most; }, 1, 100'000,
            "results that a list gives or skips at most"),
        {.path = "cors.enabled",
         .meaning = "let pages of other origins ask; what they may is decided by their credentials",
         .place = [](S& s) -> bool& { return s.api.cors; }},
        scheme(
            "monitoring.auth.type", [](S& s) -> Words& { return s.monitoring_auth.type; },
            [](S& s, int line) { s.monitoring_auth.line = line; }, "as http.auth"),
        text(
            "monitoring.auth.basic.passwordfile", [](S& s) -> std::string& { return s.monitoring_auth.passwordfile; },
            passwords_text),
        text(
            "monitoring.auth.bearer.tokensfile", [](S& s) -> std::string& { return s.monitoring_auth.tokensfile; },
            tokens_text),
        count(
            "broadcast.batch.size", [](S& s) -> std::size_t& { return s.batcher.messages_max; }, 1, 200,
            "messages in a batch, private ones too"),
        duration(
            "broadcast.batch.timeout", [](S& s) -> Duration& { return s.batcher.wait_max; }, 0, 60 * second,
            "how long a batch waits for more, private ones too"),
        size(
            "broadcast.batch.payloadLimit", [](S& s) -> std::size_t& { return s.sender.broadcast_bytes_max; }, kib,
            800 * kib, "of the document of a broadcast; FF10327 beyond"),
        size(
            "privatemessaging.batch.payloadLimit", [](S& s) -> std::size_t& { return s.sender.private_bytes_max; }, kib,
            800 * kib, "of the document of a private message; FF10328 beyond"),
        duration(
            "peers.handshakeTimeout", [](S& s) -> Duration& { return s.peers.handshake_timeout; }, 100, hour,
            "of who connects to the port for other members, until its certificate is known"),
        duration(
            "peers.readTimeout", [](S& s) -> Duration& { return s.peers.read_timeout; }, 100, hour,
            "a member that is silent in the middle of a frame for so long is dropped"),
        text(
            "namespaces.default", [](S& s) -> std::string& { return s.default_namespace; },
            "one of `namespaces.predefined`; a member has one namespace"),
        text(
            "namespaces.predefined[].name", [](S& s) -> std::string& { return space(s).name; },
            "`default`: the one namespace that a member has"),
        text(
            "namespaces.predefined[].description", [](S& s) -> std::string& { return space(s).description; },
            "for people; used nowhere yet"),
        {.path = "namespaces.predefined[].plugins",
         .meaning = "names out of `plugins.auth`, at most one",
         .place = [](S& s) -> Words& { return space(s).plugins; }},
        scheme(
            "namespaces.predefined[].auth.type", [](S& s) -> Words& { return space(s).auth.type; },
            [](S& s, int line) { space(s).auth.line = line; }),
        text(
            "namespaces.predefined[].auth.basic.passwordfile",
            [](S& s) -> std::string& { return space(s).auth.passwordfile; }, passwords_text),
        text(
            "namespaces.predefined[].auth.bearer.tokensfile",
            [](S& s) -> std::string& { return space(s).auth.tokensfile; }, tokens_text),
        text(
            "namespaces.predefined[].tlsConfigs[].name", [](S& s) -> std::string& { return tls(s).name; },
            "what a subscription calls it in `tlsConfigName`"),
        {.path = "namespaces.predefined[].tlsConfigs[].tls.enabled",
         .meaning = "off: the profile is as if it were not there",
         .place = [](S& s) -> bool& { return tls(s).enabled; }},
        text(
            "namespaces.predefined[].tlsConfigs[].tls.caFile", [](S& s) -> std::string& { return tls(s).ca_file; },
            "certificates to believe, PEM; without any, those of the system"),
        text(
            "namespaces.predefined[].tlsConfigs[].tls.certFile", [](S& s) -> std::string& { return tls(s).cert_file; },
            "our own certificate, PEM"),
        text(
            "namespaces.predefined[].tlsConfigs[].tls.keyFile", [](S& s) -> std::string& { return tls(s).key_file; },
            "its key, PEM"),
        {.path = "namespaces.predefined[].tlsConfigs[].tls.insecureSkipHostVerify",
         .meaning = "do not look whose certificate the server shows",
         .place = [](S& s) -> bool& { return tls(s).skip_verify; }},
        text(
            "plugins.auth[].name", [](S& s) -> std::string& { return s.auth_plugins.back().name; },
            "what a namespace calls it in `plugins`"),
        scheme(
            "plugins.auth[].type", [](S& s) -> Words& { return s.auth_plugins.back().auth.type; },
            [](S& s, int line) { s.auth_plugins.back().auth.line = line; }),
        text(
            "plugins.auth[].basic.passwordfile",
            [](S& s) -> std::string& { return s.auth_plugins.back().auth.passwordfile; }, passwords_text),
        text(
            "plugins.auth[].bearer.tokensfile",
            [](S& s) -> std::string& { return s.auth_plugins.back().auth.tokensfile; }, tokens_text),
    };
    return all;
}

struct ListSection {
    std::string_view path;
    Begin begin;
};
constexpr ListSection list_sections[] = {
    {"namespaces.predefined[]", [](S& s, int line) { s.namespaces.emplace_back().line = line; }},
    {"namespaces.predefined[].tlsConfigs[]", [](S& s, int line) { space(s).tls.emplace_back().line = line; }},
    {"plugins.auth[]", [](S& s, int line) { s.auth_plugins.emplace_back().line = line; }},
};

}  // namespace

std::span<const Key> keys() { return list(); }

Begin begin_of(std::string_view path) {
    for (auto const& section : list_sections) {
        if (section.path == path) return section.begin;
    }
    return nullptr;
}

}  // namespace lockstep::app::config
