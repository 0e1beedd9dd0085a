// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What a member's webhooks call: one endpoint that hears every event, and one whose answers become replies. Sometimes
// nobody is there, sometimes it has no time, and sometimes it has taken the call and its answer is lost.
#pragma once

#include "net/web_client.hpp"
#include "simulation/heard.hpp"

namespace lockstep::simulation {

inline constexpr std::string_view hearing_url = "http://hook.sim/all", answering_url = "http://hook.sim/answer";

class Endpoints final : public net::WebClient {
  public:
    Endpoints(Clock& clock, Chance& chance) : clock_(clock), chance_(chance) {}

    Task<net::Response> call(net::WebRequest request) override;

    double trouble = 0.1;  // probability that a call fails in one of the three ways
    Heard heard;           // at hearing_url
    std::uint64_t failed = 0, refused = 0, answers_lost = 0;

  private:
    void take(const net::WebRequest& request);

    Clock& clock_;
    Chance& chance_;
};

}  // namespace lockstep::simulation
