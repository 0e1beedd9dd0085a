// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/api.hpp"

#include <gtest/gtest.h>

#include "api/test_world.hpp"

namespace lockstep::api {
namespace {

TEST(Api, answers_JSON_in_one_line_with_a_newline_at_its_end) {
    TestWorld world;
    for (auto const target : {"messages", "status", "status/multiparty", "status/batchmanager", "namespaces",
                              "websockets", "/status/live", "/status/stages"}) {
        auto const response = world.get(target);

        EXPECT_EQ(response.status, 200) << target;
        EXPECT_EQ(response.content_type, "application/json") << target;
        EXPECT_EQ(response.body.find('\n'), response.body.size() - 1) << target << ": " << response.body;
        EXPECT_EQ(json::compact(response.body).value() + "\n", response.body) << target;
    }
}

TEST(Api, serves_the_default_namespace_under_its_name_as_well) {
    TestWorld world;
    world.broadcast("t");
    for (auto const target : {"messages", "events", "status", "network/organizations", "data"}) {
        auto const own = world.get(target), named = world.get(std::string("namespaces/default/") + target);

        EXPECT_EQ(own.status, 200) << target;
        EXPECT_EQ(own.body, named.body) << target;
    }
}

TEST(Api, answers_empty_collections_for_what_is_not_there_yet) {
    TestWorld world;
    for (auto const target : {"groups", "datatypes", "nextpins", "contracts/interfaces", "contracts/listeners", "apis",
                              "tokens/connectors", "tokens/pools", "tokens/transfers", "tokens/approvals",
                              "tokens/balances", "tokens/accounts", "datasubpaths/dir"}) {
        EXPECT_EQ(world.get(target).body, "[]\n") << target;
    }
    EXPECT_EQ(world.get("groups?count").body, R"({"count":0,"total":0,"items":[]})"
                                              "\n");
}

TEST(Api, lets_pages_of_every_origin_ask) {
    TestWorld world;
    net::Headers headers;
    headers.set("Origin", "https://example.org");
    headers.set("Access-Control-Request-Method", "POST");
    headers.set("Access-Control-Request-Headers", "content-type");

    auto const preflight = world.request("OPTIONS", "messages/broadcast", "", headers);
    auto const answer = world.request("GET", "messages", "", headers);
    auto const refusal = world.request("GET", "nothing", "", headers);

    EXPECT_EQ(preflight.status, 204);
    EXPECT_EQ(preflight.body, "");
    EXPECT_EQ(preflight.headers.get("Access-Control-Allow-Origin"), "*");
    EXPECT_EQ(preflight.headers.get("Access-Control-Allow-Headers"), "content-type");
    EXPECT_NE(preflight.headers.get("Access-Control-Allow-Methods").find("PATCH"), std::string_view::npos);
    EXPECT_EQ(answer.headers.get("Access-Control-Allow-Origin"), "*");
    EXPECT_EQ(refusal.headers.get("Access-Control-Allow-Origin"), "*");
    EXPECT_FALSE(world.get("messages").headers.has("Access-Control-Allow-Origin"));
}

TEST(Api, sends_paths_with_doubled_slashes_to_the_clean_one) {
    TestWorld world;

    auto const response = world.get("//identities?limit=1");

    EXPECT_EQ(response.status, 301);
    EXPECT_EQ(response.headers.get("Location"), "/identities?limit=1");
}

TEST(Api, gives_up_a_request_whose_time_is_over_before_it_began) {
    TestWorld world;
    net::Headers headers;
    headers.set("Request-Timeout", "0");

    auto const response = world.request("GET", "messages", "", headers);

    EXPECT_EQ(response.status, 408);
    EXPECT_EQ(code_of(response), "FF00166");
}

TEST(Api, ignores_a_Request_Timeout_that_is_none) {
    TestWorld world;
    for (auto const text : {"soon", "-", "1parsec"}) {
        net::Headers headers;
        headers.set("Request-Timeout", text);
        EXPECT_EQ(world.request("GET", "messages", "", headers).status, 200) << text;
    }
}

TEST(Api, accepts_sockets_on_two_paths_and_refuses_the_rest) {
    TestWorld world;
    auto const refusal = [&](std::string path) {
        auto const request = TestWorld::make_request("GET", std::move(path), "", {});
        return world.await(world.api().refuse_websocket(request));
    };

    EXPECT_FALSE(refusal("/ws"));
    EXPECT_FALSE(refusal("/ws?namespace=default&ephemeral"));
    EXPECT_FALSE(refusal("/api/v1/namespaces/default/ws"));

    ASSERT_TRUE(refusal("/api/v1/namespaces/nope/ws"));
    EXPECT_EQ(refusal("/api/v1/namespaces/nope/ws")->status, 404);
    EXPECT_EQ(code_of(*refusal("/api/v1/namespaces/nope/ws")), "FF10436");
    for (auto const path : {"/", "/api/v1/ws", "/api/v1/messages", "/api/v1/namespaces//ws", "/api/v1/namespaces/ws",
                            "/api/v1/namespaces/a/b/ws"}) {
        ASSERT_TRUE(refusal(path)) << path;
        EXPECT_EQ(code_of(*refusal(path)), "FF10109") << path;
    }
}

TEST(Api, shows_operators_whether_it_is_ready) {
    TestWorld world;

    EXPECT_EQ(world.get("/status/ready").status, 200);
    world.ready = false;
    EXPECT_EQ(world.get("/status/ready").status, 503);
    EXPECT_EQ(world.get("/status/live").status, 200);
    EXPECT_EQ(world.get("/metrics").body, "up 1\n");
    EXPECT_EQ(world.get("/metrics").content_type, "text/plain; version=0.0.4; charset=utf-8");
    auto const stages = Shown(world.get("/status/stages"));
    EXPECT_EQ(stages["stages"].elements().at(0)["lag"].as_int(), 2);
}

TEST(Api, hands_faults_on_when_there_are_any) {
    TestWorld world;
    world.services().faults = [](std::string body, std::string) -> Task<Result<std::string>> {
        co_return std::string(R"({"did":)") + body + "}";
    };

    EXPECT_EQ(world.post("/dev/faults", R"({ "cut": 1 })").body, "{\"did\":{\"cut\":1}}\n");
}

TEST(Api, describes_itself_as_JSON_as_YAML_and_on_a_page) {
    TestWorld world;
    net::Headers headers;
    headers.set("Host", "node:5000");

    auto const whole = Shown(world.request("GET", "/api/openapi.json", "", headers));
    auto const one = Shown(world.request("GET", "namespaces/default/api/swagger.json", "", headers));
    auto const yaml = world.get("/api/swagger.yaml");
    auto const page = world.get("/api");

    EXPECT_EQ(whole["servers"].elements().at(0)["url"].as_string(), "http://node:5000/api/v1");
    EXPECT_EQ(one["servers"].elements().at(0)["url"].as_string(), "http://node:5000/api/v1/namespaces/default");
    EXPECT_TRUE(yaml.body.starts_with("\"openapi\": \"3.0.2\"\n"));
    EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
    EXPECT_TRUE(page.body.starts_with("<!DOCTYPE html>"));
    EXPECT_EQ(page.body.find("//cdn"), std::string::npos);
    EXPECT_EQ(world.get("namespaces/default/api").status, 200);
}

TEST(Api, tells_who_it_is) {
    TestWorld world;

    auto const status = Shown(world.get("status"));
    auto const multiparty = Shown(world.get("status/multiparty"));

    EXPECT_EQ(status["namespace"]["name"].as_string(), "default");
    EXPECT_EQ(status["org"]["registered"].as_bool(), true);
    EXPECT_EQ(status["org"]["did"].as_string(), "did:firefly:org/org_0");
    EXPECT_EQ(status["org"]["verifiers"].elements().at(0)["value"].as_string(), world.key());
    EXPECT_EQ(status["node"]["registered"].as_bool(), false);
    EXPECT_EQ(status["multiparty"]["enabled"].as_bool(), true);
    EXPECT_EQ(multiparty["org"]["status"].as_string(), "registered");
    EXPECT_EQ(multiparty["node"]["status"].as_string(), "unregistered");

    world.post("network/nodes/self", "{}");
    auto const registering = Shown(world.get("status/multiparty"));
    EXPECT_EQ(registering["node"]["status"].as_string(), "registering");
    EXPECT_TRUE(registering["node"]["pendingRegistrationMessageId"].exists());
}

TEST(Api, finds_identities_by_id_name_and_DID) {
    TestWorld world;
    auto const id = world.org.id.text();
    for (auto const& target : {"identities/" + id, std::string("identities/did:firefly:org/org_0"),
                               std::string("network/identities/did:firefly:org/org_0"),
                               std::string("network/organizations/org_0"), "network/organizations/" + id}) {
        EXPECT_EQ(Shown(world.get(target))["id"].as_string(), id) << target;
        EXPECT_FALSE(Shown(world.get(target))["verifiers"].exists()) << target;
        EXPECT_EQ(Shown(world.get(target + "?fetchverifiers"))["verifiers"].elements().size(), 1U) << target;
    }
    EXPECT_EQ(world.get("network/nodes/org_0").status, 404);
    EXPECT_EQ(Shown(world.get("network/organizations")).elements().size(), 1U);
    EXPECT_EQ(Shown(world.get("network/nodes")).elements().size(), 0U);
    EXPECT_EQ(Shown(world.get("identities?type=org&fetchverifiers")).elements().at(0)["verifiers"].elements().size(),
              1U);
    EXPECT_EQ(Shown(world.get("network/diddocs/did:firefly:org/org_0"))["id"].as_string(), "did:firefly:org/org_0");
    EXPECT_EQ(Shown(world.get("identities/" + id + "/did"))["id"].as_string(), "did:firefly:org/org_0");

    auto const verifiers = Shown(world.get("identities/" + id + "/verifiers"));
    auto const hash = verifiers.elements().at(0)["hash"].as_string().value_or("");
    EXPECT_EQ(Shown(world.get("verifiers/" + hash)).text(), Shown(world.get("verifiers")).elements().at(0).text());
    EXPECT_EQ(
        Shown(world.post("verifiers/resolve", R"({"value":"0xF39FD6E51AAD88F6F4CE6AB8827279CFFFB92266"})")).text(),
        R"({"type":"ethereum_address","value":"0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"})");
}

}  // namespace
}  // namespace lockstep::api
