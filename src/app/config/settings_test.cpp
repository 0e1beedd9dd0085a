// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "app/config/settings.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "app/config/errors.hpp"
#include "app/config/keys.hpp"
#include "app/config/secrets.hpp"
#include "net/frames.hpp"

namespace lockstep::app::config {

namespace {

// "LS10812 the sentence"; all of them, with a semicolon between.
std::string problems_of(std::string_view text) {
    std::string out;
    for (auto const& problem : parse_settings(text, "conf.yaml").problems)
        out += (out.empty() ? "" : "; ") + problem.message();
    return out;
}

class ConfigFolder {
  public:
    ConfigFolder() : path_(std::filesystem::temp_directory_path() / ("lockstep-config-" + std::to_string(::getpid()))) {
        std::filesystem::create_directories(path_);
    }
    ~ConfigFolder() { std::filesystem::remove_all(path_); }
    std::string write(const std::string& name, std::string_view text) {
        auto const path = (path_ / name).string();
        std::ofstream(path) << text;
        std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
        return path;
    }

  private:
    std::filesystem::path path_;
};

}  // namespace

TEST(Config, says_nothing_when_it_is_empty) {
    for (auto const* text : {"", "# only a comment\n", "http:\n", "---\n"}) {
        auto const loaded = parse_settings(text, "conf.yaml");
        EXPECT_TRUE(loaded.problems.empty()) << text;
        EXPECT_EQ(loaded.settings.http.address, "127.0.0.1");
        EXPECT_EQ(loaded.settings.api.request_timeout, 120s);
    }
}

TEST(Config, sets_what_its_keys_say) {
    auto const loaded = parse_settings(R"(
http:
  address: 0.0.0.0
  port: 6000
  auth: {type: [basic, bearer], basic: {passwordfile: users}, bearer: {tokensfile: tokens}}
  readTimeout: 1500
  writeTimeout: 16s
  limits: {connections: 7, headerSize: 8Kb, bodySize: 2 MiB, bodyTimeout: 1m, idleTimeout: 30s}
api: {requestTimeout: 3s, requestMaxTimeout: 5s, defaultFilterLimit: 5, maxFilterLimit: 50}
CORS: {Enabled: False}
events: {websockets: {messageSize: 4Kb, pingInterval: 5s, writeTimeout: 6s}}
peers: {handshakeTimeout: 2s, readTimeout: 3s}
broadcast: {batch: {size: 50, timeout: 0, payloadLimit: 10Kb}}
privatemessaging: {batch: {payloadLimit: 20Kb}}
)",
                                       "conf.yaml");

    EXPECT_EQ(problems_of(""), "");
    ASSERT_TRUE(loaded.problems.empty()) << loaded.problems.front().message();
    auto const& settings = loaded.settings;
    EXPECT_EQ(settings.http.address, "0.0.0.0");
    EXPECT_EQ(settings.http.port, 6000);
    EXPECT_TRUE(settings.port_given);
    EXPECT_TRUE(settings.server_auth.has("basic"));
    EXPECT_TRUE(settings.server_auth.has("bearer"));
    EXPECT_EQ(settings.server_auth.tokensfile, "tokens");
    EXPECT_EQ(settings.http.connections_max, 7u);
    EXPECT_EQ(settings.http.header_bytes_max, 8192u);
    EXPECT_EQ(settings.http.body_bytes_max, 2u << 20);
    EXPECT_EQ(settings.http.header_timeout, 1500ms);
    EXPECT_EQ(settings.http.write_timeout, 16s);
    EXPECT_EQ(settings.http.body_timeout, 60s);
    EXPECT_EQ(settings.http.idle_timeout, 30s);
    EXPECT_EQ(settings.api.request_timeout, 3s);
    EXPECT_EQ(settings.api.request_timeout_max, 5s);
    EXPECT_EQ(settings.api.limits.page, 5u);
    EXPECT_EQ(settings.api.limits.most, 50u);
    EXPECT_FALSE(settings.api.cors);
    EXPECT_EQ(settings.http.ws_message_bytes_max, 4096u);
    EXPECT_EQ(settings.http.ws_ping_interval, 5s);
    EXPECT_EQ(settings.http.ws_write_timeout, 6s);
    EXPECT_EQ(settings.peers.handshake_timeout, 2s);
    EXPECT_EQ(settings.peers.read_timeout, 3s);
    EXPECT_EQ(settings.batcher.messages_max, 50u);
    EXPECT_EQ(settings.batcher.wait_max, 0s);
    EXPECT_EQ(settings.sender.broadcast_bytes_max, 10u << 10);
    EXPECT_EQ(settings.sender.private_bytes_max, 20u << 10);
    EXPECT_EQ(settings.batcher.bytes_max, 20u << 10);
}

TEST(Config, takes_the_credentials_of_a_namespace_from_itself_or_from_a_plugin) {
    auto const own = parse_settings(R"(
namespaces:
  predefined:
    - name: default
      auth: {type: bearer, bearer: {tokensfile: t}}
)",
                                    "conf.yaml");
    auto const plugged = parse_settings(R"(
plugins:
  auth:
    - {name: other, type: bearer, bearer: {tokensfile: t}}
    - {name: mine, type: basic, basic: {passwordfile: p}}
namespaces:
  default: default
  predefined: [{name: default, plugins: [mine]}]
)",
                                        "conf.yaml");

    EXPECT_TRUE(own.problems.empty());
    EXPECT_TRUE(own.settings.namespace_auth().has("bearer"));
    EXPECT_TRUE(plugged.problems.empty());
    EXPECT_TRUE(plugged.settings.namespace_auth().has("basic"));
    EXPECT_EQ(plugged.settings.namespace_auth().passwordfile, "p");
}

TEST(Config, names_the_line_and_the_nearest_key_of_one_that_is_not_known) {
    struct Case {
        std::string_view text, message;
    };
    Case const cases[] = {
        {"htpp:\n  port: 1\n", "LS10812: conf.yaml:1: there is no key 'htpp'; the nearest is 'http'"},
        {"http:\n  prot: 1\n", "LS10812: conf.yaml:2: there is no key 'http.prot'; the nearest is 'http.port'"},
        {"http:\n  auth:\n    basic:\n      passwordfiles: x\n",
         "LS10812: conf.yaml:4: there is no key 'http.auth.basic.passwordfiles'; the nearest is "
         "'http.auth.basic.passwordfile'"},
        {"namespaces:\n  predefined:\n  - nmae: default\n    name: default\n",
         "LS10812: conf.yaml:3: there is no key 'namespaces.predefined[].nmae'; the nearest is "
         "'namespaces.predefined[].name'"},
        {"namespaces:\n  predefined:\n  - name: default\n    tlsConfig: []\n",
         "LS10812: conf.yaml:4: there is no key 'namespaces.predefined[].tlsConfig'; the nearest is "
         "'namespaces.predefined[].tlsConfigs'"},
    };
    for (auto const& one : cases) EXPECT_EQ(problems_of(one.text), one.message);
}

TEST(Config, refuses_values_that_do_not_fit) {
    struct Case {
        std::string_view text, code, words;
    };
    Case const cases[] = {
        {"http: 5", "LS10813", "'http' takes keys of its own, not '5'"},
        {"http: [a]", "LS10813", "not 'a list'"},
        {"http:\n  port: many", "LS10813", "conf.yaml:2: 'http.port' takes a number, not 'many'"},
        {"http:\n  port: [1]", "LS10813", "takes a number"},
        {"http: {port: 1.5}", "LS10813", "takes a number"},
        {"http: {port: 0}", "LS10814", "between 1 and 65535, not 0"},
        {"http: {port: 65536}", "LS10814", "between 1 and 65535"},
        {"http: {limits: {bodySize: 1}}", "LS10814", "between 1Kb and 1024Mb, not 1"},
        {"http: {limits: {bodySize: 5Tb}}", "LS10813", "a size"},
        {"http: {limits: {bodySize: 9999999999999999999}}", "LS10813", "a size"},
        {"http: {limits: {bodySize: 9000000000000Gb}}", "LS10813", "a size"},
        {"http: {readTimeout: soon}", "LS10813", "a duration"},
        {"http: {readTimeout: -5s}", "LS10814", "between 100ms and 1h0m0s"},
        {"cors: {enabled: perhaps}", "LS10813", "true or false, not 'perhaps'"},
        {"cors: {enabled:}", "LS10813", "true or false, not 'nothing'"},
        {"http: {address: }", "LS10813", "text"},
        {"http: {auth: {type: digest}}", "LS10813", "one of none basic bearer"},
        {"namespaces: {predefined: default}", "LS10813", "a list"},
        {"namespaces: {predefined: [default]}", "LS10813", "keys of its own"},
        {"http: {port: 1}\nhttp: {port: 2}", "LS10815", "conf.yaml:2: the key 'http' stands here twice"},
        {"http:\n  port: 1\n  PORT: 2", "LS10815", "conf.yaml:3"},
    };
    for (auto const& one : cases) {
        auto const text = problems_of(one.text);
        EXPECT_TRUE(text.starts_with(one.code)) << one.text << ": " << text;
        EXPECT_NE(text.find(one.words), std::string::npos) << one.text << ": " << text;
    }
}

TEST(Config, refuses_what_contradicts_itself) {
    struct Case {
        std::string_view text, words;
    };
    Case const cases[] = {
        {"http: {auth: {type: basic}}", "passwordfile': it has to be given"},
        {"http: {auth: {type: bearer}}", "tokensfile': it has to be given"},
        {"http: {auth: {type: [none, basic], basic: {passwordfile: x}}}", "none stands alone"},
        {"http: {auth: {basic: {passwordfile: x}}}", "used with the type basic only"},
        {"http: {auth: {bearer: {tokensfile: x}}}", "used with the type bearer only"},
        {"api: {requestTimeout: 11m}", "longer than api.requestMaxTimeout"},
        {"api: {defaultFilterLimit: 2000}", "more than api.maxFilterLimit"},
        {"namespaces: {predefined: [{name: other}]}", "one namespace, 'default'"},
        {"namespaces: {predefined: [{name: default}, {name: default}]}", "one namespace"},
        {"namespaces: {default: other}", "one namespace"},
        {"namespaces: {predefined: [{name: default, plugins: [x]}]}", "there is no plugin 'x'"},
        {"plugins: {auth: [{type: basic, basic: {passwordfile: x}}]}", "name': it has to be given"},
        {"plugins: {auth: [{name: a}]}", "type': it has to be given"},
        {"http: {auth: {type: basic, basic: {passwordfile: x}}}\nnamespaces: {predefined: [{name: default, auth: "
         "{type: bearer, bearer: {tokensfile: y}}}]}",
         "a request has one header"},
        {"namespaces: {predefined: [{name: default, tlsConfigs: [{name: a}, {name: a}]}]}", "'a' is there twice"},
        {"namespaces: {predefined: [{name: default, tlsConfigs: [{tls: {caFile: x}}]}]}", "name': it has to be given"},
        {"namespaces: {predefined: [{name: default, tlsConfigs: [{name: a, tls: {certFile: x}}]}]}", "needs its key"},
    };
    for (auto const& one : cases) {
        auto const text = problems_of(one.text);
        EXPECT_TRUE(text.starts_with("LS10816")) << one.text << ": " << text;
        EXPECT_NE(text.find(one.words), std::string::npos) << one.text << ": " << text;
    }
}

TEST(Config, refuses_what_is_no_yaml_or_too_much_of_it) {
    EXPECT_TRUE(problems_of("http: {port: 1").starts_with("LS10811: conf.yaml:"));
    EXPECT_TRUE(problems_of("a: b: c").starts_with("LS10811: conf.yaml:1"));
    EXPECT_TRUE(problems_of("{[a]: b}").starts_with("LS10811"));
    EXPECT_TRUE(problems_of("http: *unknown").starts_with("LS10811"));
    EXPECT_TRUE(problems_of(std::string(config_bytes_max + 1, ' ')).starts_with("LS10811"));
    EXPECT_TRUE(problems_of("a: " + std::string(40, '[') + std::string(40, ']')).starts_with("LS10811"));
    std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 9; ++i) {
        auto const before = "*a" + std::to_string(i - 1);
        laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
        for (int j = 0; j < 9; ++j) laughs += ", " + before;
        laughs += "]\n";
    }
    EXPECT_NE(problems_of(laughs).find("longer than a configuration can be"), std::string::npos);
}

TEST(Config, tells_all_that_is_wrong_at_once) {
    EXPECT_EQ(parse_settings("http: {prot: 1, port: x}\ncors: {enabled: 3}\n", "conf.yaml").problems.size(), 3u);
}

TEST(Config, has_a_default_and_a_meaning_for_each_key) {
    for (auto const& key : keys()) {
        EXPECT_FALSE(key.meaning.empty()) << key.path;
        EXPECT_FALSE(takes(key).empty()) << key.path;
        default_of(key);
    }
}

TEST(Config, is_read_from_its_file_with_what_it_names) {
    ConfigFolder folder;
    auto const pair = net::make_certificate("us");
    folder.write("users-0", "ann:$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW\n");
    folder.write("ca.pem", pair.certificate_pem);
    auto const file = folder.write("conf.yaml", R"(
http: {auth: {type: basic, basic: {passwordfile: "users-{member}"}}}
monitoring: {auth: {type: none}}
namespaces:
  predefined:
    - name: default
      tlsConfigs:
        - {name: partner, tls: {enabled: true, caFile: ca.pem}}
        - {name: off, tls: {enabled: false, caFile: nowhere.pem}}
)");

    auto const loaded = load_settings(file);

    ASSERT_TRUE(loaded.problems.empty()) << loaded.problems.front().message();
    EXPECT_TRUE(check_files(loaded.settings, 1).empty());
    auto const profiles = load_tls_profiles(loaded.settings, 0).value();
    ASSERT_EQ(profiles.size(), 1u);
    EXPECT_EQ(profiles[0].ca_file, std::filesystem::path(file).parent_path().string() + "/ca.pem");
    EXPECT_FALSE(profiles[0].insecure);
    auto const guards = load_guards(loaded.settings, 0).value();
    EXPECT_FALSE(guards.server.open());
    EXPECT_TRUE(guards.space.open());
    ASSERT_TRUE(guards.monitoring);
    EXPECT_TRUE(guards.monitoring->open());
    auto const problems = check_files(loaded.settings, 2);
    ASSERT_EQ(problems.size(), 1u);
    EXPECT_NE(problems[0].message().find("users-1"), std::string::npos);

    folder.write("ca.pem", "no certificate");
    ASSERT_EQ(check_files(loaded.settings, 1).size(), 1u);
    EXPECT_TRUE(check_files(loaded.settings, 1)[0].is(errors::bad_tls_profile));
}

TEST(Config, is_refused_when_its_file_cannot_be_read) {
    ConfigFolder folder;
    auto const problem = [](const std::string& file) { return load_settings(file).problems.at(0); };

    EXPECT_TRUE(problem("/nowhere/conf.yaml").is(errors::cannot_read_config));
    EXPECT_TRUE(problem("/tmp").is(errors::cannot_read_config));
    EXPECT_TRUE(problem(folder.write("long.yaml", std::string(config_bytes_max + 10, '#'))).is(errors::bad_yaml));
}

}  // namespace lockstep::app::config
