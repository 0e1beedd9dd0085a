// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What the REST server counts, under the original's names (firefly-core.md 26.3). The label `route` is the
// pattern and not the path, so that it is bounded.
#pragma once

#include <map>
#include <string_view>
#include <tuple>

#include "base/probe.hpp"

namespace lockstep::api {

inline constexpr probe::Metric requests_metric{"ff_apiserver_rest_requests_total",
                                               probe::Kind::counter,
                                               "Requests that were answered",
                                               {"method", "route", "code"}};
inline constexpr probe::Metric request_seconds_metric{"ff_apiserver_rest_request_duration_seconds",
                                                      probe::Kind::histogram,
                                                      "From the request's last byte to the answer",
                                                      {"method", "route", "code"},
                                                      probe::seconds_buckets};
inline constexpr const probe::Metric* metrics[] = {&requests_metric, &request_seconds_metric};

class Probe {
  public:
    explicit Probe(probe::Registry registry) : registry_(std::move(registry)) {}
    // `route` lives for ever.
    void answered(std::string_view method, std::string_view route, int code, std::chrono::nanoseconds took);

  private:
    struct Line {
        probe::Counter requests;
        probe::Histogram seconds;
    };
    probe::Registry registry_;
    std::map<std::tuple<std::string_view, std::string_view, int>, Line> lines_;
};

}  // namespace lockstep::api
