// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// A route is data: the router, the OpenAPI document and the metrics are made from one list of them. Its
// handler is a coroutine of the logic thread that gets a Call and answers or refuses.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/filter/parse.hpp"
#include "api/filter/query.hpp"
#include "api/services.hpp"
#include "delivery/enricher.hpp"
#include "net/http.hpp"
#include "sequencer/parking.hpp"
#include "sequencer/private_pins.hpp"

namespace lockstep::api {

struct Route;
class Router;

// What closures on a reader's thread may hold: it never changes while the api lives.
struct Facts {
    NamespaceId ns;
    std::string namespace_name;
    ledger::Info ledger;
    const log::Timeline& timeline;
    delivery::RowEnricher enricher;
    sequencer::Parking parking;
    sequencer::PrivatePins private_pins;
    filter::Limits limits;
};

// One request, taken apart. It outlives its handler.
struct Call {
    const Services& services;
    std::shared_ptr<const Facts> facts;
    const Router& router;
    const net::Request& request;
    const Route* route = nullptr;
    std::vector<std::pair<std::string_view, std::string>> parameters;  // of the path, decoded
    filter::Pairs query;
    std::string body;  // a compact JSON object; "{}" where the content type says that there is none
    Instant began, deadline;

    // Of the path; the route has it.
    const std::string& parameter(std::string_view name) const;
    // FF00138.
    Result<Uuid> uuid(std::string_view name) const;
    bool flag(std::string_view name) const { return filter::flag(query, name); }
    bool expired() const { return services.clock.instant() >= deadline; }
    // "12ms", for sentences about time that ran out.
    std::string elapsed() const;
};

struct Answer {
    int status = 200;
    std::string body;  // JSON without the newline that ends it on the wire
    std::string content_type = "application/json";
    net::Headers headers{};
    std::shared_ptr<net::BodySource> stream{};  // instead of the body, so many bytes of it
    std::uint64_t stream_bytes = 0;
};

using Handle = Task<Result<Answer>> (*)(const Call& call);

struct QueryParameter {
    std::string_view name, description;
    std::string_view type = "boolean";
};

// Where a route stands.
enum class Scope {
    namespaced,  // /api/v1/<path> and /api/v1/namespaces/{ns}/<path>
    global,      // /api/v1/<path>
    document,    // /api/v1/namespaces/{ns}/<path>, and not in the OpenAPI document
    root,        // /<path>, and not in the OpenAPI document
};

// Parts of a path: a word; {name}, which is one part; {name:.*}, the rest of the path; {name:did:.*}, the
// rest of a path that goes on with "did:". Routes are tried in the order of the list.
struct Route {
    std::string_view method, path, summary;
    Handle handle;
    std::string_view tag = {};
    std::string_view request = {};   // schema of the body; empty: none
    std::string_view response = {};  // schema of the answer; empty: no body
    bool collection = false;         // the answer is a page of them
    std::vector<int> codes = {200};
    std::vector<QueryParameter> query = {};
    filter::Fields fields = {};  // of a collection: what it is filtered by
    Scope scope = Scope::namespaced;
    // A wrong method on this path is 404 and not 405: the subject as a whole is not there yet.
    bool reserved = false;
    bool multipart = false;  // takes blobs as multipart/form-data, too: the handler reads request.stream

    Route takes(std::string_view schema) const;
    Route takes_blobs() const;
    Route gives(std::string_view schema, std::vector<int> success = {200}) const;
    Route gives_nothing() const;
    Route lists(std::string_view schema, filter::Fields filtered_by) const;
    Route with(std::vector<QueryParameter> parameters) const;
    Route everywhere() const;  // Scope::global
    Route at_root() const;     // Scope::root
};
using Routes = std::vector<Route>;

inline Route route(std::string_view method, std::string_view path, std::string_view summary, Handle handle) {
    return {method, path, summary, handle};
}
Routes under(std::string_view tag, Routes routes);
Routes join(const std::vector<Routes>& lists);

// All of them, in the order of the subjects. Lives for ever.
const Routes& all_routes();

// By subject, each in its file under routes/.
Routes batch_routes();
Routes blocked_routes();
Routes group_routes();
Routes data_routes();
Routes datatype_routes();
Routes document_routes();
Routes event_routes();
Routes identity_routes();
Routes message_routes();
Routes network_routes();
Routes node_routes();
Routes operation_routes();
Routes registration_routes();
Routes reserved_routes();
Routes status_routes();
Routes subscription_routes();

}  // namespace lockstep::api
