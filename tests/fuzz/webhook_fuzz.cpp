// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What a user says about a webhook, what others' data makes of its calls, and what its endpoint answers: no crash,
// and no call leaves the form that the options have given it.
#include <cstddef>
#include <cstdint>

#include "base/must.hpp"
#include "core/json.hpp"
#include "delivery/base64.hpp"
#include "delivery/signature.hpp"
#include "delivery/webhook_request.hpp"
#include "net/address_rules.hpp"

namespace {

using namespace lockstep;

std::string authority_of(std::string_view url) { return std::string(url.substr(0, url.find_first_of("/?#", 8))); }

void try_answer(const delivery::WebhookOptions& options, const std::string& text) {
    net::Response response{200, "application/json", text, {}};
    response.headers.set("Retry-After", text);
    const auto object = delivery::hook_answer_object(options, response);
    if (object) MUST(json::compact(*object).value() == *object, "an answer is told in compact JSON");
    if (const auto wait = delivery::retry_after(response, Time{})) MUST(*wait >= Duration::zero(), "time goes on");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    if (const auto rules = net::AddressRules::parse(text)) (void)rules->allows(net::IpAddress());
    if (const auto address = net::literal_address(text)) (void)net::is_public(*address);
    if (const auto bytes = delivery::from_base64(text))
        MUST(delivery::to_base64(*bytes).starts_with(text), "what is read is what is written, perhaps unpadded");

    const auto compacted = json::compact(text, 1 << 20);
    if (!compacted) return 0;
    const json::Value input{*compacted};
    (void)delivery::parse_signing_secrets(input["secrets"]);
    const auto options = delivery::parse_webhook_options(input["options"]);
    if (!options) return 0;
    try_answer(*options, input["answer"].as_string().value_or(text));
    delivery::HookEvent event;
    event.delivery = "{}";
    for (const auto& value : input["values"].elements()) event.values.emplace_back(value.text());
    for (const auto batch : {false, true}) {
        const auto call = delivery::make_hook_call(*options, {event, event}, batch);
        MUST(authority_of(call.url) == authority_of(options->url), "data does not lead to another host");
        MUST(call.url.size() > 8192 || net::is_web_url(call.url), "an address can be called");
        for (const auto& [name, value] : call.headers.list)
            MUST(delivery::is_webhook_header(name, value), "a header can be sent");
        MUST(call.body.empty() || json::compact(call.body).value() == call.body, "a body is compact JSON");
        (void)delivery::reply_tx_type(*options, event);
    }
    return 0;
}
