// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "net/address_rules.hpp"

#include <algorithm>
#include <charconv>

#include "net/errors.hpp"

namespace lockstep::net {

namespace ip = boost::asio::ip;

namespace {

constexpr std::size_t ranges_max = 64;

struct Block {
    const char* address;
    std::size_t bits;
};

// What is not globally reachable.
constexpr Block closed_v4[] = {{"0.0.0.0", 8},      {"10.0.0.0", 8},     {"100.64.0.0", 10}, {"127.0.0.0", 8},
                               {"169.254.0.0", 16}, {"172.16.0.0", 12},  {"192.0.0.0", 24},  {"192.0.2.0", 24},
                               {"192.88.99.0", 24}, {"192.168.0.0", 16}, {"198.18.0.0", 15}, {"198.51.100.0", 24},
                               {"203.0.113.0", 24}, {"224.0.0.0", 4},    {"240.0.0.0", 4}};
// The rest of what lies outside of 2000::/3 is not global either.
constexpr Block closed_v6[] = {{"2001::", 23}, {"2001:db8::", 32}, {"2002::", 16}, {"3fff::", 20}};

template <std::size_t Size>
bool same_prefix(const std::array<std::uint8_t, Size>& a, const std::array<std::uint8_t, Size>& b, std::size_t bits) {
    auto const whole = bits / 8;
    if (!std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(whole), b.begin())) return false;
    auto const rest = bits % 8;
    return rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0;
}

bool is_public_v4(const ip::address_v4& address) {
    return std::none_of(std::begin(closed_v4), std::end(closed_v4), [&](const Block& block) {
        return same_prefix(address.to_bytes(), ip::make_address_v4(block.address).to_bytes(), block.bits);
    });
}

bool is_public_v6(const ip::address_v6& address) {
    auto const bytes = address.to_bytes();
    auto const within = [&](const Block& block) {
        return same_prefix(bytes, ip::make_address_v6(block.address).to_bytes(), block.bits);
    };
    // A NAT64 gateway would call the address in the last 32 bits for us.
    if (within({"64:ff9b::", 96})) return is_public_v4(ip::address_v4({bytes[12], bytes[13], bytes[14], bytes[15]}));
    return within({"2000::", 3}) && std::none_of(std::begin(closed_v6), std::end(closed_v6), within);
}

IpAddress unmapped(const IpAddress& address) {
    if (address.is_v6() && address.to_v6().is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, address.to_v6());
    return address;
}

template <std::size_t Size>
std::array<std::uint8_t, 16> padded(const std::array<std::uint8_t, Size>& bytes) {
    std::array<std::uint8_t, 16> out{};
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
}

std::array<std::uint8_t, 16> bytes_of(const IpAddress& address) {
    return address.is_v4() ? padded(address.to_v4().to_bytes()) : padded(address.to_v6().to_bytes());
}

// One part of inet_aton's spelling: decimal, octal after 0, hexadecimal after 0x.
std::optional<std::uint64_t> address_part(std::string_view text) {
    auto base = 10;
    if (text.starts_with("0x") || text.starts_with("0X")) {
        base = 16;
        text.remove_prefix(2);
    } else if (text.size() > 1 && text.front() == '0') {
        base = 8;
    }
    std::uint64_t value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

Error bad_range(std::string_view text) { return refuse(errors::bad_address_range, {{"range", text}}); }

}  // namespace

bool is_public(const IpAddress& address) {
    auto const plain = unmapped(address);
    return plain.is_v4() ? is_public_v4(plain.to_v4()) : is_public_v6(plain.to_v6());
}

std::optional<IpAddress> literal_address(std::string_view host) {
    boost::system::error_code failure;
    auto const address = ip::make_address(std::string(host), failure);
    if (!failure) return address;
    std::uint64_t value = 0;
    for (auto left = 4;;) {
        auto const part = address_part(host.substr(0, host.find('.')));
        auto const is_last = host.find('.') == host.npos;
        if (!part || left == 0) return std::nullopt;
        // The last part fills all bytes that are left.
        auto const bits = is_last ? 8 * left : 8;
        if (*part >> bits != 0) return std::nullopt;
        value = value << bits | *part;
        if (is_last) return ip::address_v4(static_cast<std::uint32_t>(value));
        host.remove_prefix(host.find('.') + 1);
        --left;
    }
}

Result<AddressRules> AddressRules::parse(std::string_view text) {
    AddressRules rules;
    if (text.empty() || text == "none") return rules;
    for (auto more = true; more;) {
        auto const comma = text.find(',');
        auto const one = text.substr(0, comma);
        more = comma != text.npos;
        text.remove_prefix(more ? comma + 1 : text.size());

        auto const slash = one.find('/');
        boost::system::error_code failure;
        auto const address = ip::make_address(std::string(one.substr(0, slash)), failure);
        if (failure || rules.ranges_.size() == ranges_max) return bad_range(one);
        Range range{bytes_of(address), address.is_v4() ? 32u : 128u, address.is_v4()};
        if (slash != one.npos) {
            auto const most = range.bits;
            auto const digits = one.substr(slash + 1);
            auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), range.bits);
            if (error != std::errc{} || end != digits.data() + digits.size() || range.bits > most)
                return bad_range(one);
        }
        rules.ranges_.push_back(range);
    }
    return rules;
}

bool AddressRules::allows(const IpAddress& address) const {
    if (is_public(address)) return true;
    auto const plain = unmapped(address);
    auto const bytes = bytes_of(plain);
    return std::any_of(ranges_.begin(), ranges_.end(), [&](const Range& range) {
        return range.is_v4 == plain.is_v4() && same_prefix(bytes, range.bytes, range.bits);
    });
}

}  // namespace lockstep::net
