// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The header Authorization on any bytes: no crash, and whoever is somebody comes back as he was sent.
#include <cstddef>
#include <cstdint>

#include "auth/credentials.hpp"
#include "base/must.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace lockstep::auth;
    if (size > 8000) return 0;  // what comes back may be two bytes longer
    const auto credentials = parse_authorization(std::string_view(reinterpret_cast<const char*>(data), size));
    if (const auto* login = std::get_if<Login>(&credentials)) {
        MUST(login->user.find(':') == std::string::npos, "a user ends at the first colon");
        const auto again = parse_authorization(basic_authorization(login->user + ":" + login->password));
        const auto* same = std::get_if<Login>(&again);
        MUST(same && same->user == login->user && same->password == login->password, "as it was sent");
    }
    if (const auto* token = std::get_if<Token>(&credentials)) MUST(!token->text.empty(), "a token is something");
    return 0;
}
