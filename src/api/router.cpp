// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/router.hpp"

#include "base/must.hpp"

namespace lockstep::api {

namespace {

constexpr std::string_view api_base = "/api/v1/";
constexpr std::string_view namespaces = "namespaces/";

std::string_view first_part(std::string_view path) { return path.substr(0, path.find('/')); }

}  // namespace

std::vector<Router::Part> Router::parse(std::string_view pattern) {
    std::vector<Part> parts;
    while (!pattern.empty()) {
        auto const end = std::min(pattern.find('/'), pattern.size());
        auto text = pattern.substr(0, end);
        pattern.remove_prefix(std::min(end + 1, pattern.size()));
        Part part{text, text.starts_with('{'), false, {}};
        if (part.parameter) {
            part.text = text.substr(1, text.size() - 2);
            if (part.text.ends_with(".*")) {
                MUST(pattern.empty(), "the rest of a path is its last part");
                part.rest = true;
                auto const colon = part.text.find(':');
                part.prefix = part.text.substr(colon + 1, part.text.size() - colon - 3);
                part.text = part.text.substr(0, colon);
            }
        }
        parts.push_back(part);
    }
    return parts;
}

Router::Router(const std::vector<Route>& routes) : routes_(routes) {
    for (auto const& route : routes) {
        auto const word = first_part(route.path);
        MUST(!word.starts_with('{'), "a path begins with a word");
        Entry const entry{&route, parse(route.path)};
        if (route.scope == Scope::root) root_[word].push_back(entry);
        if (route.scope == Scope::namespaced || route.scope == Scope::global) api_[word].push_back(entry);
        if (route.scope == Scope::namespaced || route.scope == Scope::document) scoped_[word].push_back(entry);
    }
}

void Router::look(const Table& table, std::string_view method, std::string_view path, Found& found) {
    auto const entries = table.find(first_part(path));
    if (entries == table.end()) return;
    for (auto const& entry : entries->second) {
        found.parameters.clear();
        auto rest = std::optional<std::string_view>(path);
        auto matches = true;
        for (auto const& part : entry.parts) {
            if (!rest) {
                matches = false;
                break;
            }
            auto const text = part.rest ? *rest : first_part(*rest);
            if (!part.parameter) {
                matches = text == part.text;
            } else {
                auto decoded = net::percent_decode(text, false);
                matches = decoded && !decoded->empty() && decoded->starts_with(part.prefix);
                if (matches) found.parameters.emplace_back(part.text, std::move(*decoded));
            }
            if (!matches) break;
            rest = text.size() == rest->size() ? std::nullopt : std::optional(rest->substr(text.size() + 1));
        }
        if (!matches || rest) continue;
        if (entry.route->method == method) {
            found.route = entry.route;
            found.other_method = false;
            return;
        }
        if (!entry.route->reserved) found.other_method = true;
    }
    found.parameters.clear();
}

Router::Found Router::find(std::string_view method, std::string_view path) const {
    Found found;
    if (!path.starts_with(api_base)) {
        if (path.starts_with('/')) look(root_, method, path.substr(1), found);
        return found;
    }
    path.remove_prefix(api_base.size());
    if (path.starts_with(namespaces)) {
        auto const slash = path.find('/', namespaces.size());
        if (slash != std::string_view::npos) {
            auto name = net::percent_decode(path.substr(namespaces.size(), slash - namespaces.size()), false);
            if (!name || name->empty()) return found;
            look(scoped_, method, path.substr(slash + 1), found);
            found.namespace_ = std::move(*name);
            return found;
        }
    }
    look(api_, method, path, found);
    return found;
}

}  // namespace lockstep::api
