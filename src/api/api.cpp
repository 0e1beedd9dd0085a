// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/api.hpp"

#include "api/content.hpp"
#include "api/errors.hpp"
#include "async/deadline.hpp"
#include "core/json.hpp"
#include "delivery/delivery.hpp"
#include "delivery/errors.hpp"
#include "delivery/websocket_session.hpp"

namespace lockstep::api {

namespace {

constexpr std::string_view any_namespace_socket = "/ws";
constexpr std::string_view api_prefix = "/api/v1/";
constexpr std::string_view namespace_prefix = "/api/v1/namespaces/";
constexpr std::string_view socket_suffix = "/ws";

bool has_body(std::string_view method) { return method == "POST" || method == "PUT" || method == "PATCH"; }

// Browsers of every origin may ask: what they may do is decided by authorise(), not by where they are.
void allow_origin(const net::Request& request, net::Response& response) {
    if (request.headers.has("Origin")) response.headers.set("Access-Control-Allow-Origin", "*");
}

bool is_preflight(const net::Request& request) {
    return request.method == "OPTIONS" && request.headers.has("Origin") &&
           request.headers.has("Access-Control-Request-Method");
}

net::Response preflight(const net::Request& request) {
    net::Response response{.status = 204, .content_type = "", .body = "", .headers = {}};
    allow_origin(request, response);
    response.headers.set("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE");
    auto const wanted = request.headers.get("Access-Control-Request-Headers");
    if (!wanted.empty()) response.headers.set("Access-Control-Allow-Headers", std::string(wanted));
    response.headers.set("Access-Control-Max-Age", "600");
    return response;
}

net::Response respond(Answer answer) {
    net::Response response{.status = answer.status,
                           .content_type = std::move(answer.content_type),
                           .body = std::move(answer.body),
                           .headers = std::move(answer.headers),
                           .stream = std::move(answer.stream),
                           .stream_bytes = answer.stream_bytes};
    if (response.stream) return response;
    if (response.body.empty()) {
        response.content_type.clear();
    } else if (response.content_type == "application/json") {
        response.body += '\n';
    }
    return response;
}

net::Response respond(const Error& error) {
    json::Writer writer;
    writer.begin_object().field("error", error.message()).end_object();
    return respond(Answer{error.status(), writer.take()});
}

// Go's path cleaning, as far as it matters here.
std::optional<net::Response> redirect(const net::Request& request) {
    if (request.path.find("//") == std::string::npos) return std::nullopt;
    std::string path;
    for (auto const c : request.path) {
        if (c != '/' || !path.ends_with('/')) path += c;
    }
    if (!request.query.empty()) path += '?' + request.query;
    net::Response response{.status = 301, .content_type = "", .body = "", .headers = {}};
    response.headers.set("Location", path);
    return response;
}

// The namespace in the path of a socket; empty for the entrance to any; nothing for another path.
std::optional<std::string> socket_namespace(std::string_view path) {
    if (path == any_namespace_socket) return std::string{};
    if (!path.starts_with(namespace_prefix) || !path.ends_with(socket_suffix)) return std::nullopt;
    auto const name = path.substr(namespace_prefix.size(), path.size() - namespace_prefix.size());
    if (name.size() <= socket_suffix.size()) return std::nullopt;
    auto const bare = name.substr(0, name.size() - socket_suffix.size());
    if (bare.find('/') != std::string_view::npos) return std::nullopt;
    return net::percent_decode(bare, false);
}

}  // namespace

Api::Api(Services& services, const probe::Registry& registry, Options options)
    : services_(services),
      options_(options),
      guarded_(options.gate && !options.gate->open()),
      router_(all_routes()),
      probe_(registry) {
    auto const& profile = services.profile;
    facts_ = std::make_shared<const Facts>(
        Facts{profile.ns, profile.namespace_name, services.ledger, services.timeline,
              delivery::RowEnricher(profile.ns, profile.namespace_name, services.ledger),
              sequencer::Parking(profile.ns), sequencer::PrivatePins(profile.ns), options_.limits});
}

// Whatever stands below /api/v1/ belongs to the namespace, found or not, but for the few routes that are about
// all of them; so does a socket, whichever way it starts its subscriptions.
auth::Area Api::area_of(const net::Request& request) const {
    if (socket_namespace(request.path)) return auth::Area::space;
    if (request.path.starts_with(api_prefix)) {
        auto const found = router_.find(request.method, request.path);
        return found.route && found.route->scope == Scope::global ? auth::Area::server : auth::Area::space;
    }
    auto const watching = request.path == "/metrics" || request.path.starts_with("/status/");
    return watching && request.method == "GET" ? auth::Area::monitoring : auth::Area::server;
}

Task<std::optional<net::Response>> Api::authorise(const net::Request& request) const {
    std::optional<net::Response> refusal;
    if (!guarded_) co_return refusal;
    auto const area = area_of(request);
    auto asking = options_.gate->admit(area, std::string(request.headers.get("Authorization")));
    auto const admitted = co_await std::move(asking);
    if (admitted) co_return refusal;
    refusal = respond(admitted.error());
    if (admitted.error().status() == 401) {
        refusal->headers.set("WWW-Authenticate", options_.gate->challenge(area));
    } else {
        refusal->headers.set("Retry-After", "1");
    }
    co_return refusal;
}

Duration Api::timeout_of(const net::Request& request) const {
    auto const text = request.headers.get("Request-Timeout");
    if (text.empty()) return options_.request_timeout;
    auto const asked = parse_duration(text, 1s);
    return asked ? std::min<Duration>(*asked, options_.request_timeout_max) : options_.request_timeout;
}

Task<net::Response> Api::handle(net::Request request) {
    // A browser asks without credentials whether it may send them.
    if (options_.cors && is_preflight(request)) co_return preflight(request);
    if (guarded_) {
        auto authorising = authorise(request);
        auto refused = co_await std::move(authorising);
        if (refused) {
            if (options_.cors) allow_origin(request, *refused);
            probe_.answered("other", "none", refused->status, Duration::zero());
            co_return std::move(*refused);
        }
    }
    if (auto moved = redirect(request)) co_return std::move(*moved);

    auto const began = services_.clock.instant();
    auto const deadline = began + timeout_of(request);
    Call call{services_, facts_, router_, request, nullptr, {}, {}, {}, began, deadline};
    auto answered = co_await answer(request, call);
    // In the original too a time that ran out outweighs whatever was found out after it, but for a wait
    // that ran out by itself. What changed something is told all the same.
    if (call.expired() && call.route && request.method == "GET" &&
        !(answered.has_error() && answered.error().status() == 408))
        answered = refuse(errors::request_timed_out, {{"request", request.path}, {"elapsed", call.elapsed()}});

    auto response = answered ? respond(std::move(*answered)) : respond(answered.error());
    // The original's router says nothing about a method that a path does not have.
    if (answered.has_error() && answered.error().is(errors::method_not_allowed)) response = respond(Answer{405, ""});
    if (options_.cors) allow_origin(request, response);
    probe_.answered(call.route ? call.route->method : std::string_view("other"),
                    call.route ? call.route->path : std::string_view("none"), response.status,
                    services_.clock.instant() - began);
    co_return response;
}

// handle() asks for credentials before it reads anything of the body.
bool Api::streams(const net::Request& request) const {
    if (!is_multipart(request.headers.get("Content-Type"))) return false;
    auto const found = router_.find(request.method, request.path);
    return found.route && found.route->multipart;
}

Task<Result<Answer>> Api::answer(const net::Request& request, Call& call) {
    auto found = router_.find(request.method, request.path);
    if (!found.route) {
        if (socket_namespace(request.path)) co_return refuse(errors::not_upgraded);
        if (found.other_method) co_return refuse(errors::method_not_allowed, {{"method", request.method}});
        co_return refuse(errors::not_found);
    }
    if (!found.namespace_.empty() && found.namespace_ != facts_->namespace_name)
        co_return refuse(errors::unknown_namespace, {{"namespace", found.namespace_}});
    call.route = found.route;
    call.parameters = std::move(found.parameters);
    call.query = filter::split_query(request.query);
    if (call.route->multipart && is_multipart(request.headers.get("Content-Type"))) {
        call.body = "{}";  // the handler takes it as it comes
    } else if (has_body(request.method)) {
        CO_TRY(call.body, read_body(request.headers.get("Content-Type"), request.body));
    }
    if (call.expired())
        co_return refuse(errors::request_timed_out, {{"request", request.path}, {"elapsed", call.elapsed()}});
    try {
        co_return co_await call.route->handle(call);
    } catch (const TimedOut&) {
    }
    co_return refuse(errors::request_timed_out, {{"request", request.path}, {"elapsed", call.elapsed()}});
}

Task<std::optional<net::Response>> Api::refuse_websocket(const net::Request& request) {
    auto authorising = authorise(request);
    auto refusal = co_await std::move(authorising);
    if (refusal) co_return refusal;
    auto const name = socket_namespace(request.path);
    if (!name) {
        refusal = respond(refuse(errors::not_found));
    } else if (!name->empty() && *name != facts_->namespace_name) {
        refusal = respond(refuse(errors::unknown_namespace, {{"namespace", *name}}));
    }
    co_return refusal;
}

Task<void> Api::websocket(net::Request request, net::WebSocket& socket) {
    auto bound = socket_namespace(request.path);
    if (bound && bound->empty()) bound.reset();
    co_await delivery::run_websocket(services_.delivery, socket, std::move(request), std::move(bound));
}

}  // namespace lockstep::api
