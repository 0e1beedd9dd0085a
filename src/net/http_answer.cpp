// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "net/detail/http_answer.hpp"

#include "net/detail/ascii.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <iterator>

namespace lockstep::net {

namespace {

std::string_view reason_phrase(int status) {
    switch (status) {
        case 100: return "Continue";
        case 101: return "Switching Protocols";
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 204: return "No Content";
        case 206: return "Partial Content";
        case 301: return "Moved Permanently";
        case 302: return "Found";
        case 303: return "See Other";
        case 304: return "Not Modified";
        case 307: return "Temporary Redirect";
        case 308: return "Permanent Redirect";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 406: return "Not Acceptable";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 410: return "Gone";
        case 411: return "Length Required";
        case 412: return "Precondition Failed";
        case 413: return "Content Too Large";
        case 415: return "Unsupported Media Type";
        case 416: return "Range Not Satisfiable";
        case 422: return "Unprocessable Content";
        case 426: return "Upgrade Required";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 500: return "Internal Server Error";
        case 501: return "Not Implemented";
        case 502: return "Bad Gateway";
        case 503: return "Service Unavailable";
        case 504: return "Gateway Timeout";
        default: return "Other";
    }
}

bool fits_in_header(std::string_view text) {
    for (auto const c : text) {
        if (c == '\r' || c == '\n' || c == '\0') return false;
    }
    return true;
}

// Ours to say, whatever the handler thinks.
bool is_framing(std::string_view name) {
    return same_ignoring_case(name, "content-length") || same_ignoring_case(name, "transfer-encoding") ||
           same_ignoring_case(name, "connection");
}

void append_json_text(std::string& out, std::string_view text) {
    for (auto const c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
        } else {
            out += c;
        }
    }
}

}  // namespace

std::string_view DateLine::at(Time now) {
    auto const second = now.ns / 1'000'000'000;
    if (second != second_) {
        second_ = second;
        line_ = fmt::format("Date: {:%a, %d %b %Y %H:%M:%S} GMT\r\n", fmt::gmtime(static_cast<std::time_t>(second)));
    }
    return line_;
}

bool status_has_body(int status) { return status >= 200 && status != 204 && status != 304; }

void write_head(std::string& head, const Response& response, std::string_view date_line, AnswerForm form) {
    head.clear();
    if (response.status == 200) {
        head = "HTTP/1.1 200 OK\r\n";
    } else {
        fmt::format_to(std::back_inserter(head), "HTTP/1.1 {} {}\r\n", response.status, reason_phrase(response.status));
    }
    head += date_line;
    if (!response.content_type.empty() && fits_in_header(response.content_type)) {
        head += "Content-Type: ";
        head += response.content_type;
        head += "\r\n";
    }
    for (const auto& [name, value] : response.headers.list) {
        if (is_framing(name) || !fits_in_header(name) || !fits_in_header(value)) continue;
        head += name;
        head += ": ";
        head += value;
        head += "\r\n";
    }
    if (status_has_body(response.status)) {
        head += "Content-Length: ";
        auto const length = fmt::format_int(response.stream ? response.stream_bytes : response.body.size());
        head.append(length.data(), length.size());
        head += "\r\n";
    }
    if (!form.keep_alive) {
        head += "Connection: close\r\n";
    } else if (form.http10) {
        head += "Connection: keep-alive\r\n";
    }
    head += "\r\n";
}

Response error_response(const Error& error) {
    Response response{.status = error.status()};
    response.body = "{\"error\":\"";
    append_json_text(response.body, error.message());
    response.body += "\"}";
    return response;
}

}  // namespace lockstep::net
