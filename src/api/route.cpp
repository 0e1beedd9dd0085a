// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/route.hpp"

#include "base/must.hpp"
#include "core/errors.hpp"

namespace lockstep::api {

const std::string& Call::parameter(std::string_view name) const {
    for (auto const& [known, value] : parameters) {
        if (known == name) return value;
    }
    must_failed("parameter", "a handler asks for parameters of its own route", __FILE__, __LINE__);
}

Result<Uuid> Call::uuid(std::string_view name) const {
    auto const& text = parameter(name);
    auto const id = Uuid::parse(text);
    if (!id) return refuse(lockstep::errors::bad_uuid, {{"value", text}});
    return *id;
}

std::string Call::elapsed() const {
    auto const passed = services.clock.instant() - began;
    return duration_text(std::chrono::duration_cast<std::chrono::milliseconds>(passed));
}

const std::vector<Route>& all_routes() {
    static const auto routes = [] {
        Routes list;
        for (auto const& make : {message_routes, batch_routes, data_routes, event_routes, subscription_routes, operation_routes, identity_routes,
                                 network_routes, status_routes, reserved_routes, document_routes, node_routes}) {
            for (auto& route : make()) list.push_back(std::move(route));
        }
        return list;
    }();
    return routes;
}

}  // namespace lockstep::api
