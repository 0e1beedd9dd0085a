// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Finds the route of a request. Every namespaced route stands twice: /api/v1/<path> acts on the default
// namespace, /api/v1/namespaces/{ns}/<path> on the named one.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "api/route.hpp"

namespace lockstep::api {

class Router {
  public:
    explicit Router(const std::vector<Route>& routes);

    struct Found {
        const Route* route = nullptr;
        std::vector<std::pair<std::string_view, std::string>> parameters;
        std::string namespace_;  // as named in the path; empty for the default one
        // No route, but the path has one for another method.
        bool other_method = false;
    };
    // `path` as it was sent. Parts whose percent escapes are malformed match nothing.
    Found find(std::string_view method, std::string_view path) const;

    const std::vector<Route>& routes() const { return routes_; }

  private:
    struct Part {
        std::string_view text;  // a word, or the name of a parameter
        bool parameter = false, rest = false;
        std::string_view prefix;  // of a rest
    };
    struct Entry {
        const Route* route;
        std::vector<Part> parts;
    };
    using Table = std::unordered_map<std::string_view, std::vector<Entry>>;  // by the first word

    static std::vector<Part> parse(std::string_view pattern);
    static void look(const Table& table, std::string_view method, std::string_view path, Found& found);

    const std::vector<Route>& routes_;
    Table api_, scoped_, root_;
};

}  // namespace lockstep::api
