// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "api/test_world.hpp"
#include "auth/credentials.hpp"

namespace lockstep::api {

namespace {

const std::string server_token = "token-of-the-server", space_token = "token-of-the-space";

auth::Guard guard_of(const std::string& tokens) { return {std::nullopt, auth::parse_tokens(tokens, "t").value()}; }

// The listener takes both tokens, the namespace one of them.
class GuardedApi {
  public:
    explicit GuardedApi(std::optional<auth::Guard> monitoring = std::nullopt)
        : gate_({guard_of(server_token + "\n" + space_token), guard_of(space_token), std::move(monitoring)}, checker_),
          api_(world_.services(), {}, {.gate = &gate_}) {}

    net::Response ask(const std::string& method, const std::string& path, const std::string& token) {
        return world_.await(api_.handle(request(method, path, token)));
    }
    // The status of the refusal; 101 for a socket that is let in.
    int socket(const std::string& path, const std::string& token) {
        auto const asked = request("GET", path, token);
        auto const refusal = world_.await(api_.refuse_websocket(asked));
        return refusal ? refusal->status : 101;
    }

  private:
    static net::Request request(const std::string& method, const std::string& path, const std::string& token) {
        auto headers = TestWorld::json_type();
        headers.set("Origin", "http://elsewhere");
        if (!token.empty()) headers.set("Authorization", auth::bearer_authorization(token));
        return TestWorld::make_request(method, path, method == "POST" ? "{}" : "", headers);
    }

    TestWorld world_;
    auth::PasswordChecker checker_{world_.clock(), world_.services().chance, {}};
    auth::Gate gate_;
    Api api_;
};

}  // namespace

TEST(Authorise, answers_401_with_a_challenge_that_pages_of_other_origins_can_read) {
    GuardedApi api;

    auto const response = api.ask("GET", "/api/v1/messages", "");

    EXPECT_EQ(response.status, 401);
    EXPECT_EQ(code_of(response), "FF00169");
    EXPECT_EQ(response.headers.get("WWW-Authenticate"), R"(Bearer realm="lockstep")");
    EXPECT_EQ(response.headers.get("Access-Control-Allow-Origin"), "*");
}

TEST(Authorise, asks_everywhere_before_it_tells_anything) {
    GuardedApi api;
    for (auto const* path :
         {"/api/v1/messages", "/api/v1/namespaces/default/messages", "/api/v1/namespaces", "/api/v1/status", "/api",
          "/api/swagger.json", "/api/v1/namespaces/default/api", "/metrics", "/status/stages", "/status/live",
          "/nothing", "/api/v1/nothing", "/api/v1/namespaces/other/messages", "//api/v1/messages", "/ws", "/", ""}) {
        EXPECT_EQ(api.ask("GET", path, "").status, 401) << path;
        EXPECT_EQ(api.ask("GET", path, "a-token-of-nobody").status, 401) << path;
    }
    for (auto const* path : {"/api/v1/data", "/api/v1/messages/broadcast", "/dev/faults", "/status/stages"})
        EXPECT_EQ(api.ask("POST", path, "").status, 401) << path;
}

TEST(Authorise, asks_for_the_namespaces_credentials_where_the_namespace_is) {
    GuardedApi api;
    for (auto const* path :
         {"/api/v1/namespaces", "/api/v1/namespaces/default", "/api", "/metrics", "/status/stages"}) {
        EXPECT_EQ(api.ask("GET", path, server_token).status, 200) << path;
        EXPECT_EQ(api.ask("GET", path, space_token).status, 200) << path;
    }
    for (auto const* path : {"/api/v1/messages", "/api/v1/namespaces/default/messages", "/api/v1/status"}) {
        EXPECT_EQ(api.ask("GET", path, server_token).status, 401) << path;
        EXPECT_EQ(api.ask("GET", path, space_token).status, 200) << path;
    }
    EXPECT_EQ(api.ask("GET", "/api/v1/namespaces/other/messages", server_token).status, 401);
    EXPECT_EQ(api.ask("GET", "/api/v1/namespaces/other/messages", space_token).status, 404);
}

TEST(Authorise, asks_for_them_on_sockets_however_they_begin) {
    GuardedApi api;
    for (auto const* path : {"/ws", "/ws?ephemeral&namespace=default", "/api/v1/namespaces/default/ws"}) {
        EXPECT_EQ(api.socket(path, ""), 401) << path;
        EXPECT_EQ(api.socket(path, server_token), 401) << path;
        EXPECT_EQ(api.socket(path, space_token), 101) << path;
    }
    EXPECT_EQ(api.socket("/elsewhere", ""), 401);
    EXPECT_EQ(api.socket("/elsewhere", space_token), 404);
}

TEST(Authorise, asks_for_metrics_as_their_own_guard_wants) {
    GuardedApi open(auth::Guard{});
    GuardedApi own(guard_of("token-of-monitoring"));

    EXPECT_EQ(open.ask("GET", "/metrics", "").status, 200);
    EXPECT_EQ(open.ask("GET", "/status/live", "").status, 200);
    EXPECT_EQ(open.ask("GET", "/api", "").status, 401);
    EXPECT_EQ(open.ask("POST", "/dev/faults", "").status, 401);
    EXPECT_EQ(own.ask("GET", "/metrics", server_token).status, 401);
    EXPECT_EQ(own.ask("GET", "/metrics", "token-of-monitoring").status, 200);
    EXPECT_EQ(own.ask("GET", "/api/v1/messages", "token-of-monitoring").status, 401);
}

TEST(Authorise, lets_a_browser_ask_beforehand_unless_other_origins_are_off) {
    TestWorld world;
    auth::PasswordChecker checker(world.clock(), world.services().chance, {});
    auth::Gate const gate({guard_of(server_token), {}, {}}, checker);
    net::Headers headers;
    headers.set("Origin", "http://elsewhere");
    headers.set("Access-Control-Request-Method", "POST");
    auto const ask = [&](bool cors) {
        Api api(world.services(), {}, {.cors = cors, .gate = &gate});
        return world.await(api.handle(TestWorld::make_request("OPTIONS", "/api/v1/messages", "", headers)));
    };

    EXPECT_EQ(ask(true).status, 204);
    EXPECT_EQ(ask(false).status, 401);
    EXPECT_EQ(ask(false).headers.get("Access-Control-Allow-Origin"), "");
}

}  // namespace lockstep::api
