// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The HTTP parser on any bytes, in two pieces: no crash, and never more than the limits allow.
#include <cstddef>
#include <cstdint>

#include "base/must.hpp"
#include "net/detail/http_parser.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace lockstep::net;
    constexpr std::size_t body_max = 4096;
    RequestParser parser({1024, body_max});
    const std::string_view all(reinterpret_cast<const char*>(data), size);
    const auto cut = size ? data[0] % size : 0;
    std::string waiting;
    for (const auto piece : {all.substr(0, cut), all.substr(cut)}) {
        waiting += piece;
        std::string_view rest(waiting);
        for (int i = 0; i < 64 && !rest.empty(); ++i) {
            const auto before = rest.size();
            const auto parsed = parser.feed(rest);
            if (parsed == Parsed::header_too_large || parsed == Parsed::body_too_large) return 0;
            if (parsed == Parsed::malformed) return 0;
            MUST(parser.request().body.size() <= body_max, "a body stays within its limit");
            if (parsed == Parsed::done) parser.reset();
            if (parsed == Parsed::more && rest.size() == before) break;
        }
        waiting = std::string(rest);
    }
    return 0;
}
