// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The API about itself: a page for people and the OpenAPI document, of the whole and of a namespace.
#include "api/list.hpp"
#include "api/openapi.hpp"
#include "api/page.hpp"
#include "api/router.hpp"

namespace lockstep::api {

namespace {

Task<Result<Answer>> page(const Call&) { co_return Answer{200, std::string(api_page), "text/html; charset=utf-8"}; }

// As the client addressed us, so that the document works from where it was fetched.
std::string server(const Call& call, DocumentOf of) {
    auto const host = call.request.headers.get("Host");
    auto url = (host.empty() ? std::string{} : "http://" + std::string(host)) + "/api/v1";
    if (of == DocumentOf::one_namespace) url += "/namespaces/" + call.facts->namespace_name;
    return url;
}

template <DocumentOf of>
Task<Result<Answer>> as_json(const Call& call) {
    co_return Answer{200, openapi_json(call.router.routes(), of, server(call, of), call.services.version)};
}

template <DocumentOf of>
Task<Result<Answer>> as_yaml(const Call& call) {
    auto const document = openapi_json(call.router.routes(), of, server(call, of), call.services.version);
    co_return Answer{200, yaml_of(document), "application/x-yaml"};
}

void add(Routes& routes, std::string_view path, Handle handle, Scope scope) {
    routes.push_back({"GET", path, "Documents", "The API about itself", handle, {}, {}, {200}, {}, {}, scope});
}

}  // namespace

Routes document_routes() {
    Routes routes;
    add(routes, "api", page, Scope::root);
    for (auto const path : {"api/swagger.json", "api/openapi.json"}) add(routes, path, as_json<DocumentOf::api>, Scope::root);
    for (auto const path : {"api/swagger.yaml", "api/openapi.yaml"}) add(routes, path, as_yaml<DocumentOf::api>, Scope::root);
    add(routes, "api", page, Scope::document);
    for (auto const path : {"api/swagger.json", "api/openapi.json"}) add(routes, path, as_json<DocumentOf::one_namespace>, Scope::document);
    for (auto const path : {"api/swagger.yaml", "api/openapi.yaml"}) add(routes, path, as_yaml<DocumentOf::one_namespace>, Scope::document);
    return routes;
}

}  // namespace lockstep::api
