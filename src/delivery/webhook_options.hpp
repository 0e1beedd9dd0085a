// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The options of a webhooks subscription (firefly-core.md 13.1), and what Lockstep adds: retrying unless it is
// turned off, `onFailure` and `signingSecrets`. Pure.
//
//     url, method, json, headers, query, fastack, reply, replytag, replytx, input.{query,headers,body,path,replytx},
//     tlsConfigName, retry.{enabled,count,initialDelay,maxDelay}, httpOptions.{requestTimeout,connectionTimeout,
//     idleTimeout,tlsHandshakeTimeout,expectContinueTimeout,maxIdleConns}, onFailure: block | deadLetter
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "async/clock.hpp"
#include "core/json.hpp"
#include "net/web_client.hpp"

namespace lockstep::delivery {

// The profile of a name, or nothing. The operator's configuration knows them.
using TlsProfiles = std::function<std::optional<net::TlsProfile>(std::string_view name)>;

struct WebhookOptions {
    std::string url, method = "POST";
    bool json = false;  // every answer is JSON, whatever it says
    std::map<std::string, std::string> headers, query;
    bool fastack = false;  // calls go out in parallel
    bool reply = false;
    std::string reply_tag, reply_tx;
    struct Input {
        std::string query, headers, body, path, reply_tx;
        bool empty() const {
            return query.empty() && headers.empty() && body.empty() && path.empty() && reply_tx.empty();
        }
    } input;
    bool with_data = true;
    std::string tls_profile;

    struct Retry {
        bool enabled = true;
        std::uint64_t count = 5;  // tries after the first, before onFailure takes over; block never stops
        Duration first = 250ms, most = 30s;
    } retry;
    enum class OnFailure { block, dead_letter } on_failure = OnFailure::block;

    Duration timeout = 30s, connect_timeout = 30s, tls_handshake_timeout = 10s, idle_timeout = 30s;
    std::size_t idle_max = 100;
};

inline constexpr std::size_t webhook_headers_max = 100;

// FF10242, FF10243, FF10189 (a member of the wrong kind or out of range), LS10410, LS10414, LS10415. The profile's
// name is not looked up.
Result<WebhookOptions> parse_webhook_options(json::Value options);

// May be sent as a header: a token and a value without control characters, and not one that frames the message or
// that is ours.
bool is_webhook_header(std::string_view name, std::string_view value);

}  // namespace lockstep::delivery
