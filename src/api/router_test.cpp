// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/router.hpp"

#include <gtest/gtest.h>

#include <set>

namespace lockstep::api {
namespace {

const Router& router() {
    static const Router router(all_routes());
    return router;
}

std::string pattern_of(std::string_view method, std::string_view path) {
    auto const found = router().find(method, path);
    if (!found.route) return found.other_method ? "405" : "404";
    return std::string(found.route->path);
}

std::string parameter_of(std::string_view path) {
    auto const found = router().find("GET", path);
    return found.parameters.empty() ? "" : found.parameters.back().second;
}

struct Case {
    std::string_view method, path, pattern;
};

TEST(Router, finds_the_route_of_a_request) {
    constexpr Case cases[] = {
        {"GET", "/api/v1/messages", "messages"},
        {"GET", "/api/v1/messages/x", "messages/{msgid}"},
        {"GET", "/api/v1/messages/x/data", "messages/{msgid}/data"},
        {"POST", "/api/v1/messages/broadcast", "messages/broadcast"},
        {"GET", "/api/v1/namespaces/default/messages", "messages"},
        {"GET", "/api/v1/namespaces", "namespaces"},
        {"GET", "/api/v1/namespaces/default", "namespaces/{ns}"},
        {"GET", "/api/v1/websockets", "websockets"},
        {"GET", "/api/v1/network/organizations/org_1", "network/organizations/{nameOrId}"},
        {"POST", "/api/v1/network/organizations/self", "network/organizations/self"},
        {"GET", "/api/v1/identities/did:firefly:org/org_1", "identities/{did:did:.*}"},
        {"GET", "/api/v1/identities/x", "identities/{iid}"},
        {"GET", "/api/v1/identities/x/did", "identities/{iid}/did"},
        {"GET", "/api/v1/network/diddocs/did:firefly:org/org_1", "network/diddocs/{did:.*}"},
        {"GET", "/api", "api"},
        {"GET", "/api/openapi.json", "api/openapi.json"},
        {"GET", "/api/v1/namespaces/default/api", "api"},
        {"GET", "/api/v1/namespaces/default/api/swagger.yaml", "api/swagger.yaml"},
        {"GET", "/status/ready", "status/ready"},
        {"GET", "/metrics", "metrics"},
        {"POST", "/dev/faults", "dev/faults"},

        {"GET", "/api/v1/nothing", "404"},
        {"GET", "/nothing", "404"},
        {"GET", "/", "404"},
        {"GET", "", "404"},
        {"GET", "/ui", "404"},
        {"GET", "/favicon.ico", "404"},
        {"GET", "/api/v1/messages/", "404"},
        {"GET", "/api/v1/messages/x/", "404"},
        {"GET", "/api/v1/messages/x/nothing", "404"},
        {"GET", "/api/v1", "404"},
        {"GET", "/api/v1/api", "404"},
        {"GET", "/api/v1/namespaces/default/", "404"},
        {"GET", "/api/v1/namespaces/default/websockets", "404"},
        {"GET", "/api/v1/messages/%zz", "404"},
        {"POST", "/api/v1/tokens/pools", "404"},

        {"DELETE", "/api/v1/messages", "405"},
        {"PUT", "/api/v1/messages/broadcast", "405"},
        {"POST", "/api/v1/namespaces/default/events", "405"},
        {"POST", "/metrics", "405"},
    };

    for (auto const& [method, path, pattern] : cases)
        EXPECT_EQ(pattern_of(method, path), pattern) << method << ' ' << path;
}

TEST(Router, decodes_parameters_of_which_the_last_may_have_slashes) {
    EXPECT_EQ(parameter_of("/api/v1/messages/a%20b"), "a b");
    EXPECT_EQ(parameter_of("/api/v1/messages/a+b"), "a+b");
    EXPECT_EQ(parameter_of("/api/v1/network/identities/did:firefly:org/org_1"), "did:firefly:org/org_1");
    EXPECT_EQ(parameter_of("/api/v1/identities/did%3Afirefly%3Aorg%2Forg_1"), "did:firefly:org/org_1");
}

TEST(Router, tells_the_namespace_of_the_path) {
    EXPECT_EQ(router().find("GET", "/api/v1/namespaces/other/messages").namespace_, "other");
    EXPECT_EQ(router().find("GET", "/api/v1/namespaces/a%2Fb/messages").namespace_, "a/b");
    EXPECT_EQ(router().find("GET", "/api/v1/messages").namespace_, "");
}

TEST(Router, has_no_route_twice) {
    std::set<std::tuple<std::string_view, std::string_view, Scope>> seen;
    for (auto const& route : all_routes())
        EXPECT_TRUE(seen.insert({route.method, route.path, route.scope}).second) << route.path;
}

TEST(Router, has_a_summary_of_its_own_and_success_codes_for_every_route) {
    for (auto const& route : all_routes()) {
        EXPECT_FALSE(route.summary.empty()) << route.path;
        EXPECT_FALSE(route.codes.empty()) << route.path;
        EXPECT_TRUE(route.handle) << route.path;
    }
}

}  // namespace
}  // namespace lockstep::api
