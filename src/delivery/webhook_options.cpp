// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "delivery/webhook_options.hpp"

#include <algorithm>

#include "base/time.hpp"
#include "delivery/errors.hpp"

namespace lockstep::delivery {

namespace {

constexpr std::uint64_t retries_max = 1'000'000;
constexpr std::int64_t idle_connections_max = 1000;
constexpr std::size_t header_value_bytes_max = 8 << 10;

Error wrong_hook_kind(std::string_view what, std::string_view wanted) {
    return refuse(errors::bad_subscription,
                  {{"reason", "options." + std::string(what) + " is no " + std::string(wanted)}});
}

// Reads known members of one object into their places; null and absent leave what is there.
class HookReader {
  public:
    // `path` is where the object stands, for sentences: "" or "retry.".
    HookReader(json::Value object, std::string path) : object_(object), path_(std::move(path)) {}

    Result<void> text(std::string_view name, std::string& out) const {
        auto const value = object_[name];
        if (value.is_null()) return {};
        auto given = value.as_string();
        if (!given) return wrong_hook_kind(path_ + std::string(name), "text");
        out = std::move(*given);
        return {};
    }
    Result<void> flag(std::string_view name, bool& out) const {
        auto const value = object_[name];
        if (value.is_null()) return {};
        auto const given = value.as_bool();
        if (!given) return wrong_hook_kind(path_ + std::string(name), "boolean");
        out = *given;
        return {};
    }
    Result<void> number(std::string_view name, std::int64_t most, std::uint64_t& out) const {
        auto const value = object_[name];
        if (value.is_null()) return {};
        auto const given = value.as_int();
        if (!given || *given < 0 || *given > most)
            return wrong_hook_kind(path_ + std::string(name), "number from 0 to " + std::to_string(most));
        out = static_cast<std::uint64_t>(*given);
        return {};
    }
    // A text such as 250ms, or a number of milliseconds.
    Result<void> duration(std::string_view name, Duration least, Duration most, Duration& out) const {
        auto const value = object_[name];
        if (value.is_null()) return {};
        auto const text = value.as_string().value_or(std::string(value.text()));
        auto const given = parse_duration(text, 1ms);
        if (!given) return refuse(errors::bad_duration, {{"value", text}, {"unit", "milliseconds"}});
        if (*given < least || *given > most)
            return wrong_hook_kind(path_ + std::string(name),
                                   "duration from " + duration_text(least) + " to " + duration_text(most));
        out = *given;
        return {};
    }
    Result<void> texts(std::string_view name, std::map<std::string, std::string>& out) const {
        auto const value = object_[name];
        if (value.is_null()) return {};
        if (value.kind() != json::Kind::object) return refuse(errors::webhook_map_not_text, {{"field", name}});
        for (auto const& [key, member] : value.members()) {
            auto text = member.as_string();
            if (!text) return refuse(errors::webhook_map_not_text, {{"field", name}});
            out.insert_or_assign(key, std::move(*text));
        }
        return {};
    }
    Result<HookReader> inside(std::string_view name) const {
        auto const value = object_[name];
        if (!value.is_null() && value.kind() != json::Kind::object)
            return wrong_hook_kind(path_ + std::string(name), "object");
        return HookReader(value, path_ + std::string(name) + ".");
    }

  private:
    json::Value object_;
    std::string path_;
};

Result<void> read_method(const HookReader& reader, std::string& method) {
    TRY_VOID(reader.text("method", method));
    if (method.empty()) method = "POST";
    for (auto& c : method) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
    auto const is_letter = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (method.size() > 20 || !std::all_of(method.begin(), method.end(), is_letter) || method == "CONNECT")
        return wrong_hook_kind("method", "HTTP method");
    return {};
}

Result<void> read_retry(const HookReader& reader, WebhookOptions& out) {
    TRY(auto const retry, reader.inside("retry"));
    TRY_VOID(retry.flag("enabled", out.retry.enabled));
    TRY_VOID(retry.number("count", retries_max, out.retry.count));
    TRY_VOID(retry.duration("initialDelay", 1ms, 24h, out.retry.first));
    TRY_VOID(retry.duration("maxDelay", 1ms, 24h, out.retry.most));
    out.retry.first = std::min(out.retry.first, out.retry.most);

    std::string on_failure;
    TRY_VOID(reader.text("onFailure", on_failure));
    if (!on_failure.empty() && on_failure != "block" && on_failure != "deadLetter")
        return wrong_hook_kind("onFailure", "block or deadLetter");
    if (on_failure == "deadLetter") out.on_failure = WebhookOptions::OnFailure::dead_letter;
    return {};
}

Result<void> read_http(const HookReader& reader, WebhookOptions& out) {
    TRY(auto const http, reader.inside("httpOptions"));
    Duration ignored{};
    std::uint64_t idle_max = out.idle_max;
    std::string proxy;
    TRY_VOID(http.duration("requestTimeout", 1ms, 10min, out.timeout));
    TRY_VOID(http.duration("connectionTimeout", 1ms, 10min, out.connect_timeout));
    TRY_VOID(http.duration("tlsHandshakeTimeout", 1ms, 10min, out.tls_handshake_timeout));
    TRY_VOID(http.duration("idleTimeout", 0ms, 1h, out.idle_timeout));
    TRY_VOID(http.duration("expectContinueTimeout", 0ms, 1h, ignored));  // we never ask to continue
    TRY_VOID(http.number("maxIdleConns", idle_connections_max, idle_max));
    TRY_VOID(http.text("proxyURL", proxy));
    if (!proxy.empty()) return refuse(errors::webhook_proxy);
    out.idle_max = idle_max;
    return {};
}

Result<void> read_input(const HookReader& reader, WebhookOptions::Input& out) {
    TRY(auto const input, reader.inside("input"));
    TRY_VOID(input.text("query", out.query));
    TRY_VOID(input.text("headers", out.headers));
    TRY_VOID(input.text("body", out.body));
    TRY_VOID(input.text("path", out.path));
    TRY_VOID(input.text("replytx", out.reply_tx));
    return {};
}

constexpr char lower_case(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

}  // namespace

bool is_webhook_header(std::string_view name, std::string_view value) {
    constexpr std::string_view token = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    constexpr std::string_view ours[] = {
        "host",    "content-length", "transfer-encoding", "connection", "upgrade", "keep-alive", "te",
        "trailer", "expect",         "proxy-connection"};
    if (name.empty() || name.size() > 256 || name.find_first_not_of(token) != name.npos) return false;
    if (value.size() > header_value_bytes_max) return false;
    for (auto const c : value) {
        if (static_cast<unsigned char>(c) < ' ' || c == 127) return false;
    }
    std::string lower(name);
    std::transform(lower.begin(), lower.end(), lower.begin(), lower_case);
    return !lower.starts_with("webhook-") && std::find(std::begin(ours), std::end(ours), lower) == std::end(ours);
}

Result<WebhookOptions> parse_webhook_options(json::Value options) {
    WebhookOptions out;
    HookReader const reader(options, "");
    TRY_VOID(reader.text("url", out.url));
    if (out.url.empty()) return refuse(errors::webhook_without_url);
    TRY_VOID(reader.texts("headers", out.headers));
    TRY_VOID(reader.texts("query", out.query));
    if (!net::is_web_url(out.url)) return refuse(errors::bad_webhook_url, {{"url", out.url}});
    if (out.headers.size() > webhook_headers_max || out.query.size() > webhook_headers_max)
        return wrong_hook_kind("headers or query", "map of at most " + std::to_string(webhook_headers_max));
    for (auto const& [name, value] : out.headers) {
        if (!is_webhook_header(name, value)) return refuse(errors::bad_webhook_header, {{"name", name}});
    }
    TRY_VOID(read_method(reader, out.method));
    TRY_VOID(reader.flag("json", out.json));
    TRY_VOID(reader.flag("fastack", out.fastack));
    TRY_VOID(reader.flag("reply", out.reply));
    TRY_VOID(reader.text("replytag", out.reply_tag));
    TRY_VOID(reader.text("replytx", out.reply_tx));
    TRY_VOID(read_input(reader, out.input));
    TRY_VOID(reader.flag("withData", out.with_data));
    TRY_VOID(reader.text("tlsConfigName", out.tls_profile));
    TRY_VOID(read_retry(reader, out));
    TRY_VOID(read_http(reader, out));
    if (out.reply) out.fastack = false;
    return out;
}

}  // namespace lockstep::delivery
