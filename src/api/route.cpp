// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/route.hpp"

#include "base/must.hpp"
#include "messaging/errors.hpp"

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
    if (!id) return refuse(errors::bad_uuid, {{"value", text}});
    return *id;
}

std::string Call::elapsed() const {
    auto const passed = services.clock.instant() - began;
    return duration_text(std::chrono::duration_cast<std::chrono::milliseconds>(passed));
}

Route Route::takes(std::string_view schema) const {
    auto route = *this;
    route.request = schema;
    return route;
}

Route Route::takes_blobs() const {
    auto route = *this;
    route.multipart = true;
    return route;
}

Route Route::gives(std::string_view schema, std::vector<int> success) const {
    auto route = *this;
    route.response = schema;
    route.codes = std::move(success);
    return route;
}

Route Route::gives_nothing() const { return gives({}, {204}); }

Route Route::lists(std::string_view schema, filter::Fields filtered_by) const {
    auto route = gives(schema);
    route.collection = true;
    route.fields = filtered_by;
    return route;
}

Route Route::with(std::vector<QueryParameter> parameters) const {
    auto route = *this;
    route.query = std::move(parameters);
    return route;
}

Route Route::everywhere() const {
    auto route = *this;
    route.scope = Scope::global;
    return route;
}

Route Route::at_root() const {
    auto route = *this;
    route.scope = Scope::root;
    return route;
}

Routes under(std::string_view tag, Routes routes) {
    for (auto& route : routes) route.tag = tag;
    return routes;
}

Routes join(const std::vector<Routes>& lists) {
    Routes all;
    for (auto const& list : lists) all.insert(all.end(), list.begin(), list.end());
    return all;
}

const Routes& all_routes() {
    static const auto routes =
        join({message_routes(), batch_routes(), group_routes(), data_routes(), datatype_routes(), event_routes(),
              subscription_routes(), operation_routes(), identity_routes(), registration_routes(), network_routes(),
              status_routes(), blocked_routes(), reserved_routes(), document_routes(), node_routes()});
    return routes;
}

}  // namespace lockstep::api
