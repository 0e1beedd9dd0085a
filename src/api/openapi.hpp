// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The OpenAPI 3.0.2 document, printed from the routes and the schemas.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/route.hpp"

namespace lockstep::api {

// `server` is the address that the paths continue. Of the whole API (every namespaced route twice), or of
// one namespace.
enum class DocumentOf { api, one_namespace };
std::string openapi_json(std::span<const Route> routes,
                         DocumentOf of,
                         std::string_view server,
                         std::string_view version);

// {id:.*} as {id}.
std::string shown_path(std::string_view pattern);

// The same compact JSON as YAML in block style.
std::string yaml_of(std::string_view compact_json);

}  // namespace lockstep::api
