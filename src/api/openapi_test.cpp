// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/openapi.hpp"

#include <gtest/gtest.h>

#include <set>

#include "api/filter/text.hpp"
#include "api/schemas.hpp"
#include "core/json.hpp"

namespace lockstep::api {
namespace {

std::string document(DocumentOf of) { return openapi_json(all_routes(), of, "http://127.0.0.1:5000/api/v1", "1.2.3"); }

TEST(OpenApi, is_JSON_in_compact_form) {
    for (auto const of : {DocumentOf::api, DocumentOf::one_namespace}) {
        auto const text = document(of);
        auto const compacted = json::compact(text);
        ASSERT_TRUE(compacted) << compacted.error().message();
        EXPECT_EQ(*compacted, text);
        EXPECT_EQ(json::Value{text}["openapi"].as_string(), "3.0.2");
    }
}

TEST(OpenApi, lists_every_route_and_those_of_namespaces_twice) {
    auto const whole = document(DocumentOf::api), one = document(DocumentOf::one_namespace);
    auto const paths = json::Value{whole}["paths"], paths_of_one = json::Value{one}["paths"];
    for (auto const& route : all_routes()) {
        auto const method = to_lower(route.method);
        auto const path = shown_path(route.path);
        auto const own = paths["/" + path][method], named = paths["/namespaces/{ns}/" + path][method],
                   alone = paths_of_one["/" + path][method];

        EXPECT_EQ(own.exists(), route.scope == Scope::namespaced || route.scope == Scope::global) << path;
        EXPECT_EQ(named.exists(), route.scope == Scope::namespaced) << path;
        EXPECT_EQ(alone.exists(), route.scope == Scope::namespaced) << path;
    }
}

void collect_references(json::Value value, std::set<std::string>& out) {
    for (auto const& [name, member] : value.members()) {
        if (name == "$ref") out.insert(member.as_string().value_or(""));
        collect_references(member, out);
    }
    for (auto const& element : value.elements()) collect_references(element, out);
}

TEST(OpenApi, refers_to_schemas_that_are_there) {
    auto const text = document(DocumentOf::api);
    std::set<std::string> references, schemas;
    collect_references(json::Value{text}, references);
    for (auto const& schema : all_schemas())
        EXPECT_TRUE(schemas.insert("#/components/schemas/" + std::string(schema.name)).second) << schema.name;

    EXPECT_FALSE(references.empty());
    for (auto const& reference : references) EXPECT_TRUE(schemas.contains(reference)) << reference;
}

TEST(OpenApi, gives_each_operation_an_id_of_its_own_and_names_each_parameter_of_a_path) {
    auto const text = document(DocumentOf::api);
    std::set<std::string> ids;
    for (auto const& [path, operations] : json::Value{text}["paths"].members()) {
        for (auto const& [method, operation] : operations.members()) {
            EXPECT_TRUE(ids.insert(operation["operationId"].as_string().value_or("")).second) << method << ' ' << path;
            for (auto const& parameter : operation["parameters"].elements()) {
                if (parameter["in"].as_string() != "path") continue;
                EXPECT_NE(path.find("{" + parameter["name"].as_string().value_or("") + "}"), std::string::npos) << path;
                EXPECT_EQ(parameter["required"].as_bool(), true) << path;
            }
        }
    }
}

TEST(OpenApi, shows_patterns_of_paths_without_their_expressions) {
    EXPECT_EQ(shown_path("identities/{did:did:.*}"), "identities/{did}");
    EXPECT_EQ(shown_path("network/diddocs/{did:.*}"), "network/diddocs/{did}");
    EXPECT_EQ(shown_path("a/{b}/c"), "a/{b}/c");
}

TEST(OpenApi, is_printed_as_YAML_too) {
    EXPECT_EQ(yaml_of(R"({"a":{"b":[1,{"c":"x: y","d":{}}],"e":[]},"f":null})"),
              "\"a\":\n  \"b\":\n    - 1\n    -\n      \"c\": \"x: y\"\n      \"d\": {}\n  \"e\": []\n\"f\": null\n");
}

}  // namespace
}  // namespace lockstep::api
