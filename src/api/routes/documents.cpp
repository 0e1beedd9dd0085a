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

// The same names for the whole and for a namespace.
Routes documents(Scope scope, Handle json, Handle yaml) {
    auto const summary = "The API about itself";
    auto routes = under("Documents", {
                                         route("GET", "api", summary, page),
                                         route("GET", "api/swagger.json", summary, json),
                                         route("GET", "api/openapi.json", summary, json),
                                         route("GET", "api/swagger.yaml", summary, yaml),
                                         route("GET", "api/openapi.yaml", summary, yaml),
                                     });
    for (auto& route : routes) route.scope = scope;
    return routes;
}

}  // namespace

Routes document_routes() {
    return join({
        documents(Scope::root, as_json<DocumentOf::api>, as_yaml<DocumentOf::api>),
        documents(Scope::document, as_json<DocumentOf::one_namespace>, as_yaml<DocumentOf::one_namespace>),
    });
}

}  // namespace lockstep::api
