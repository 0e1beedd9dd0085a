// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The member face over HTTP: FireFly's REST API and its WebSocket entrances (firefly-core.md 15 to 18).
//
// Invariants
//   1. Every request and every socket passes authorise() before anything else is looked at.
//   2. A status comes from the route's success codes or from the entry of the error catalogue; no handler
//      makes one up.
//   3. An answer of JSON is one line with a newline at its end.
//   4. What is refused was not done. What was done is told, also after the deadline.
#pragma once

#include <memory>
#include <optional>

#include "api/probe.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "auth/gate.hpp"
#include "net/http.hpp"

namespace lockstep::api {

class Api final : public net::Handler {
  public:
    struct Options {
        Duration request_timeout = 120s;      // without the header Request-Timeout
        Duration request_timeout_max = 600s;  // with it
        filter::Limits limits{};
        bool cors = true;                  // pages of other origins may ask
        const auth::Gate* gate = nullptr;  // who may; nothing: everyone. Outlives the api
    };
    // `services` must outlive the api. Logic thread only.
    explicit Api(Services& services, const probe::Registry& registry = {}) : Api(services, registry, Options{}) {}
    Api(Services& services, const probe::Registry& registry, Options options);

    Task<net::Response> handle(net::Request request) override;
    bool streams(const net::Request& request) const override;
    Task<std::optional<net::Response>> refuse_websocket(const net::Request& request) override;
    Task<void> websocket(net::Request request, net::WebSocket& socket) override;

  private:
    Task<Result<Answer>> answer(const net::Request& request, Call& call);
    // The refusal, if the one who asks may not. `request` outlives the task.
    Task<std::optional<net::Response>> authorise(const net::Request& request) const;
    auth::Area area_of(const net::Request& request) const;
    Duration timeout_of(const net::Request& request) const;

    Services& services_;
    Options options_;
    bool guarded_;
    std::shared_ptr<const Facts> facts_;
    Router router_;
    Probe probe_;
};

}  // namespace lockstep::api
