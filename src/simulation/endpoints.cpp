// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "simulation/endpoints.hpp"

#include <stdexcept>

#include "core/json.hpp"

namespace lockstep::simulation {

Task<net::Response> Endpoints::call(net::WebRequest request) {
    co_await clock_.sleep(Duration{static_cast<std::int64_t>(chance_.below(10'000'000))});
    auto const luck = chance_.fraction();
    if (luck < trouble / 3) {
        ++failed;
        throw std::runtime_error("nobody is there");
    }
    net::Response response;
    if (luck < trouble * 2 / 3) {
        ++refused;
        response.status = 503;
        if (chance_.below(2) == 0) response.headers.set("Retry-After", "1");
        co_return response;
    }
    take(request);
    if (luck < trouble) {
        ++answers_lost;
        throw std::runtime_error("the answer is lost");
    }
    response.body = R"({"answered":true})";
    co_return response;
}

void Endpoints::take(const net::WebRequest& request) {
    if (request.url != hearing_url) return;
    auto const sequence = json::Value{request.body}["sequence"].as_int();
    if (sequence) {
        heard.take(*sequence);
    } else {
        heard.faults.push_back("a webhook was told " + request.body.substr(0, 200));
    }
}

}  // namespace lockstep::simulation
