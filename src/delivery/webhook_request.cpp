// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "delivery/webhook_request.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <map>

#include "core/sha256.hpp"
#include "delivery/base64.hpp"
#include "delivery/errors.hpp"

namespace lockstep::delivery {

namespace {

constexpr char hex_digits[] = "0123456789ABCDEF";

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

// Percent-encodes all but letters, digits and `unchanged`.
void append_escaped(std::string& out, std::string_view text, std::string_view unchanged) {
    for (auto const c : text) {
        if (is_letter_or_digit(c) || unchanged.find(c) != unchanged.npos) {
            out += c;
            continue;
        }
        auto const byte = static_cast<unsigned char>(c);
        out += '%';
        out += hex_digits[byte >> 4];
        out += hex_digits[byte & 15];
    }
}

constexpr std::string_view unchanged_in_path = "-_.~$&+:=@";

// As Go's url.Values: in the order of the names, a space is '+'.
void append_query_value(std::string& out, std::string_view text) {
    for (auto begin = std::size_t{0};;) {
        auto const space = text.find(' ', begin);
        append_escaped(out, text.substr(begin, space - begin), "-_.~");
        if (space == text.npos) return;
        out += '+';
        begin = space + 1;
    }
}

// A value as part of an address or header: texts as they are, anything else as its JSON.
std::string plain_text(json::Value value) {
    if (value.is_null()) return {};
    return value.as_string().value_or(std::string(value.text()));
}

// The first value of the data, where `input` looks.
json::Value first_object(const HookEvent& event) {
    if (event.values.empty()) return {};
    json::Value const first{event.values.front()};
    return first.kind() == json::Kind::object ? first : json::Value{};
}

json::Value member_of(json::Value object, const std::string& name) {
    return name.empty() ? json::Value{} : object[name];
}

std::string body_of(const WebhookOptions& options, const HookEvent& event) {
    if (!options.input.body.empty()) {
        auto const value = member_of(first_object(event), options.input.body);
        return value.is_null() ? "{}" : std::string(value.text());
    }
    if (event.values.empty()) return event.delivery;
    if (event.values.size() == 1) {
        auto const& value = event.values.front();
        return json::Value{value}.kind() == json::Kind::object ? value : R"({"value":)" + value + "}";
    }
    std::string out = "[";
    for (auto const& value : event.values) {
        if (&value != &event.values.front()) out += ',';
        out += value;
    }
    return out += ']';
}

std::string address_of(const WebhookOptions& options,
                       std::string_view path,
                       const std::map<std::string, std::string>& query) {
    std::string_view url = options.url;
    url = url.substr(0, url.find('#'));
    auto const mark = url.find('?');
    std::string out(url.substr(0, mark));
    for (auto begin = std::size_t{0}; begin < path.size();) {
        auto const end = std::min(path.find('/', begin), path.size());
        auto const segment = path.substr(begin, end - begin);
        begin = end + 1;
        if (segment.empty() || segment == "." || segment == "..") continue;
        if (!out.ends_with('/')) out += '/';
        append_escaped(out, segment, unchanged_in_path);
    }
    auto separator = '?';
    if (mark != url.npos) {
        out += url.substr(mark);
        separator = '&';
    }
    for (auto const& [name, value] : query) {
        out += separator;
        separator = '&';
        append_query_value(out, name);
        out += '=';
        append_query_value(out, value);
    }
    return out;
}

// "x-hook" -> "X-Hook", as Go spells header names.
std::string header_spelling(std::string_view name) {
    std::string out(name);
    auto begins = true;
    for (auto& c : out) {
        if (begins && c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
        if (!begins && c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
        begins = c == '-';
    }
    return out;
}

std::string answer_object(int status, const std::map<std::string, std::string>& headers, std::string_view body) {
    json::Writer writer;
    writer.begin_object().key("status").number(status).key("headers").begin_object();
    for (auto const& [name, value] : headers) writer.field(name, value);
    writer.end_object().key("body").raw(body).end_object();
    return writer.take();
}

// "Sun, 06 Nov 1994 08:49:37 GMT", the one form that HTTP still writes.
std::optional<std::int64_t> http_date_seconds(std::string_view text) {
    constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    if (text.size() != 29 || text.substr(3, 2) != ", " || text.substr(25) != " GMT") return std::nullopt;
    auto const number = [&](std::size_t at, std::size_t size) {
        auto value = -1;
        auto const part = text.substr(at, size);
        auto const [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
        return error == std::errc{} && end == part.data() + part.size() ? value : -1;
    };
    auto const month = std::find(months.begin(), months.end(), text.substr(8, 3));
    auto const day = number(5, 2), year = number(12, 4);
    auto const hours = number(17, 2), minutes = number(20, 2), seconds = number(23, 2);
    if (month == months.end() || year < 1970 || hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || seconds < 0 ||
        seconds > 60)
        return std::nullopt;
    std::chrono::year_month_day const date{std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month - months.begin()) + 1),
                                           std::chrono::day(static_cast<unsigned>(std::max(day, 0)))};
    if (!date.ok()) return std::nullopt;
    auto const days = std::chrono::sys_days(date).time_since_epoch().count();
    return static_cast<std::int64_t>(days) * 86'400 + hours * 3600 + minutes * 60 + seconds;
}

}  // namespace

HookCall make_hook_call(const WebhookOptions& options, const std::vector<HookEvent>& events, bool batch) {
    HookCall call{options.method, {}, {}, {}};
    auto query = options.query;
    std::string path;
    call.headers.set("Accept", "application/json");
    call.headers.set("Content-Type", "application/json");
    for (auto const& [name, value] : options.headers) call.headers.set(name, value);
    if (!batch) {
        auto const first = first_object(events.front());
        for (auto const& [name, value] : member_of(first, options.input.query).members())
            query.insert_or_assign(name, plain_text(value));
        std::size_t headers = 0;
        for (auto const& [name, value] : member_of(first, options.input.headers).members()) {
            auto text = plain_text(value);
            if (headers++ < webhook_headers_max && is_webhook_header(name, text))
                call.headers.set(name, std::move(text));
        }
        path = member_of(first, options.input.path).as_string().value_or("");
    }
    call.url = address_of(options, path, query);
    if (options.method != "POST" && options.method != "PUT" && options.method != "PATCH") return call;
    if (!batch) {
        call.body = body_of(options, events.front());
        return call;
    }
    call.body = "[";
    for (auto const& event : events) {
        if (&event != &events.front()) call.body += ',';
        call.body += body_of(options, event);
    }
    call.body += ']';
    return call;
}

std::string hook_call_id(const Uuid& subscription, const std::vector<HookEvent>& events) {
    if (events.size() == 1) return events.front().id.text() + "_" + subscription.text();
    Sha256 hash;
    hash.add(subscription.view());
    for (auto const& event : events) hash.add(event.id.view());
    return "batch_" + hash.finish().text().substr(0, 32);
}

std::string reply_tx_type(const WebhookOptions& options, const HookEvent& event) {
    auto type = options.reply_tx;
    if (auto const value = member_of(first_object(event), options.input.reply_tx); !value.is_null()) {
        auto const given = plain_text(value);
        type = given == "true" ? "batch_pin" : given;
    }
    return type == "unpinned" || type == "none" ? "unpinned" : "batch_pin";
}

Result<std::string> hook_answer_object(const WebhookOptions& options, const net::Response& response) {
    std::map<std::string, std::string> headers;
    for (auto const& [name, value] : response.headers.list) headers.emplace(header_spelling(name), value);
    if (!options.json && !response.content_type.starts_with("application/json"))
        return answer_object(response.status, headers, "\"" + to_base64(as_bytes(response.body)) + "\"");
    auto const body = json::compact(response.body);
    if (!body) return refuse(errors::webhook_answer_no_json, {{"reason", body.error().text()}});
    return answer_object(response.status, headers, *body);
}

std::string failed_answer_object(std::string_view reason) {
    json::Writer error;
    error.begin_object().field("error", reason).end_object();
    return answer_object(502, {}, error.text());
}

std::optional<Duration> retry_after(const net::Response& response, Time now) {
    auto const text = response.headers.get("Retry-After");
    if (text.empty()) return std::nullopt;
    std::int64_t seconds = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc{} || end != text.data() + text.size()) {
        auto const at = http_date_seconds(text);
        if (!at) return std::nullopt;
        seconds = *at - now.ns / 1'000'000'000;
    }
    constexpr std::int64_t longest = 86'400 * 365;
    return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, longest));
}

}  // namespace lockstep::delivery
