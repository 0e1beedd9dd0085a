// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/probe.hpp"

namespace lockstep::api {

void Probe::answered(std::string_view method, std::string_view route, int code, std::chrono::nanoseconds took) {
    auto const [found, fresh] = lines_.try_emplace({method, route, code});
    auto& line = found->second;
    if (fresh) {
        auto const status = std::to_string(code);
        line.requests = registry_.counter(requests_metric, {method, route, status});
        line.seconds = registry_.histogram(request_seconds_metric, {method, route, status});
    }
    line.requests.add();
    line.seconds.observe(took);
}

}  // namespace lockstep::api
