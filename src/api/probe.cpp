// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/probe.hpp"

namespace lockstep::api {

void Probe::answered(std::string_view method, std::string_view route, int code, std::chrono::nanoseconds took) {
    auto const [found, fresh] = lines_.try_emplace({method, route, code});
    auto& line = found->second;
    if (fresh) {
        probe::Labels const labels{
            {"method", std::string(method)}, {"route", std::string(route)}, {"code", std::to_string(code)}};
        line.requests = registry_.counter("ff_apiserver_rest_requests_total", "Requests that were answered", labels);
        line.seconds =
            registry_.histogram("ff_apiserver_rest_request_duration_seconds",
                                "From the request's last byte to the answer", probe::seconds_buckets(), labels);
    }
    line.requests.add();
    line.seconds.observe(took);
}

}  // namespace lockstep::api
