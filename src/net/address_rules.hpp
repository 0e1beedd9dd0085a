// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// Whom our client may call. URLs come from users, and a node stands inside somebody's network: by default
// only addresses of the public internet are called, and the operator may allow ranges besides. The rules are
// put to each address that a name resolves to, and the connection goes to that very address.
//
// Sources: the special-purpose registries of IANA (RFC 6890 and what came later), RFC 6052 for NAT64.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace lockstep::net {

using IpAddress = boost::asio::ip::address;

// An address of the public internet: not private, loopback, link-local, shared (CGNAT), documentation,
// benchmark, multicast, reserved, nor a spelling of one of those inside IPv6 (mapped, NAT64). Tunnels that
// carry any IPv4 address (6to4, Teredo) are not public.
bool is_public(const IpAddress& address);

// The address that a host of a URL is by itself, in each spelling that the system's resolver takes: "127.0.0.1",
// "127.1", "2130706433", "0177.0.0.1", "0x7f000001", "::1". Empty for a name.
std::optional<IpAddress> literal_address(std::string_view host);

class AddressRules {
  public:
    // Nothing but the public internet.
    AddressRules() = default;
    // Ranges separated by commas, "127.0.0.0/8,::1/128", are allowed as well; "none" or nothing allows no others.
    // At most 64. LS10413.
    static Result<AddressRules> parse(std::string_view text);

    // An IPv4 address inside IPv6 (::ffff:127.0.0.1) counts as the IPv4 address.
    bool allows(const IpAddress& address) const;

  private:
    struct Range {
        std::array<std::uint8_t, 16> bytes{};
        std::size_t bits = 0;
        bool is_v4 = false;
    };
    std::vector<Range> ranges_;
};

}  // namespace lockstep::net
