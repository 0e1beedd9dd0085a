// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// What stands in a header `Authorization`: RFC 7617 (Basic) and RFC 6750 (Bearer). Total: whatever is
// neither is nobody.
#pragma once

#include <string>
#include <string_view>
#include <variant>

namespace lockstep::auth {

inline constexpr std::size_t authorization_bytes_max = 8 << 10;

struct Nobody {};
struct Login {
    std::string user;      // up to the first colon
    std::string password;  // all behind it, colons too
};
struct Token {
    std::string text;
};
using Credentials = std::variant<Nobody, Login, Token>;

// Scheme names in any case. A Basic value without a colon, with bytes of zero or with bad base64 is nobody,
// and so is anything longer than authorization_bytes_max.
Credentials parse_authorization(std::string_view header);

// The header for them, as clients send it.
std::string basic_authorization(std::string_view user_and_password);
std::string bearer_authorization(std::string_view token);

}  // namespace lockstep::auth
