// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "app/faults.hpp"

#include <algorithm>

#include "app/errors.hpp"
#include "base/logging.hpp"
#include "net/http.hpp"

namespace lockstep::app {

namespace {
Error unknown(std::string_view reason) { return refuse(errors::unknown_fault, {{"reason", reason}}); }
}  // namespace

Task<Result<std::string>> Faults::apply(std::string body, std::string authorization) {
    json::Value const request{body};
    if (request.kind() != json::Kind::object) co_return unknown("the body is no object");
    auto const members = request.members();
    if (members.empty()) co_return unknown("it names none");
    for (auto const& [name, value] : members) {
        static constexpr std::string_view known[] = {"cut",         "heal",           "delayMs",  "link",
                                                     "withhold",    "release",        "replay",   "fork",
                                                     "pauseLedger", "skipValidation", "validate", "forwarded"};
        if (std::find(std::begin(known), std::end(known), name) == std::end(known))
            co_return unknown(
                name +
                " is not one of cut, heal, delayMs with link, withhold, release, replay, fork, pauseLedger, "
                "skipValidation, validate");
    }
    if (auto const done = on_links(request); !done) co_return done.error();
    if (!request["forwarded"].exists()) {
        auto const done = co_await on_ledger(request);
        if (!done) co_return done.error();
        auto forwarded = body;
        forwarded.insert(forwarded.size() - 1, R"(,"forwarded":true)");
        co_await pass_on(std::move(forwarded), std::move(authorization));
    }
    logging::info("fault", {{"request", body}});
    co_return std::string(R"({"done":true})");
}

Result<std::pair<int, int>> Faults::pair_of(json::Value value) const {
    auto const elements = value.elements();
    if (elements.size() != 2) return unknown("a link is a pair of members, such as [0,1]");
    auto const a = elements[0].as_int().value_or(-1);
    auto const b = elements[1].as_int().value_or(-1);
    auto const count = static_cast<std::int64_t>(config_.members.size());
    if (a < 0 || b < 0 || a >= count || b >= count || a == b) return unknown("there is no such link");
    return std::pair{static_cast<int>(a), static_cast<int>(b)};
}

Result<bool> Faults::concerns_us(json::Value request, std::string_view name) const {
    if (!request[name].exists()) return false;
    auto const index = request[name].as_int().value_or(-1);
    if (index < 0 || index >= static_cast<std::int64_t>(config_.members.size()))
        return unknown("there is no such member");
    return index == config_.index;
}

Result<void> Faults::on_links(json::Value request) {
    auto const other_end = [&](std::pair<int, int> link) -> const swarm::Peer* {
        if (link.first == config_.index) return &config_.members[static_cast<std::size_t>(link.second)];
        if (link.second == config_.index) return &config_.members[static_cast<std::size_t>(link.first)];
        return nullptr;
    };
    for (auto const* name : {"cut", "heal"}) {
        if (!request[name].exists()) continue;
        TRY(auto const link, pair_of(request[name]));
        if (auto const* peer = other_end(link)) exchange_.set_cut(peer->id, name == std::string_view("cut"));
    }
    if (request["delayMs"].exists()) {
        auto const ms = request["delayMs"].as_int();
        if (!ms || *ms < 0 || *ms > 600'000) return unknown("delayMs is between 0 and 600000");
        TRY(auto const link, pair_of(request["link"]));
        if (auto const* peer = other_end(link)) exchange_.set_delay(peer->id, std::chrono::milliseconds(*ms));
    }
    for (auto const* name : {"withhold", "release"}) {
        TRY(auto const ours, concerns_us(request, name));
        if (ours) exchange_.set_withhold(name == std::string_view("withhold"));
    }
    for (auto const* name : {"skipValidation", "validate"}) {
        TRY(auto const ours, concerns_us(request, name));
        if (ours) skip_validation_(name == std::string_view("skipValidation"));
    }
    return {};
}

Task<Result<void>> Faults::on_ledger(json::Value request) {
    if (request["replay"].exists()) {
        auto const blocks = request["replay"].as_int().value_or(0);
        if (blocks < 1) co_return unknown("replay takes a number of blocks");
        co_await ledger_.replay(blocks);
    }
    if (request["fork"].exists()) {
        auto const depth = request["fork"].as_int().value_or(0);
        auto const done = co_await ledger_.fork(depth);
        if (!done) co_return done.error();
    }
    if (request["pauseLedger"].exists()) {
        auto const paused = request["pauseLedger"].as_bool();
        if (!paused) co_return unknown("pauseLedger is true or false");
        co_await ledger_.pause(*paused);
    }
    co_return Result<void>{};
}

Task<void> Faults::pass_on(std::string body, std::string authorization) {
    for (std::size_t i = 0; i < config_.members.size(); ++i) {
        if (static_cast<int>(i) == config_.index) continue;
        auto url = "http://127.0.0.1:" + std::to_string(config_.first_api_port + i) + "/dev/faults";
        net::Headers headers;
        headers.set("content-type", "application/json");
        if (!authorization.empty()) headers.set("authorization", authorization);
        try {
            auto calling = net::http_call(executor_, clock_, "POST", std::move(url), std::move(headers), body, 5s);
            auto const answer = co_await std::move(calling);
            if (answer.status != 200)
                logging::warn("a fault was not passed on", {{"member", i}, {"status", answer.status}});
        } catch (const std::exception& error) {
            logging::warn("a fault was not passed on", {{"member", i}, {"error", error.what()}});
        }
    }
}

}  // namespace lockstep::app
