// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <stdexcept>

#include "net/detail/url.hpp"
#include "net/web_client.hpp"

namespace lockstep::net {

namespace {

constexpr std::size_t web_url_bytes_max = 8192;

bool breaks_a_line(char c) { return static_cast<unsigned char>(c) <= ' ' || c == 127; }

}  // namespace

std::string_view web_scheme(std::string_view url) { return url.starts_with("https:") ? "https" : "http"; }

bool is_web_url(std::string_view text) {
    if (text.size() > web_url_bytes_max || std::any_of(text.begin(), text.end(), breaks_a_line)) return false;
    if (!text.starts_with("http://") && !text.starts_with("https://")) return false;
    try {
        return std::stoul(parse_url(text, web_scheme(text)).port) <= 65'535;
    } catch (const std::invalid_argument&) {
        return false;
    }
}

}  // namespace lockstep::net
