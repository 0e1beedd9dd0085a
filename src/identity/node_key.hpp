// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// The key of a node in the log: Ed25519. Its public half is the node id (event-log.md 1.1): 43
// characters of base64 in the crypt alphabet.
#pragma once

#include <array>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/chance.hpp"

namespace lockstep::identity {

struct NodeId {
    std::array<std::uint8_t, 32> bytes{};
    friend auto operator<=>(const NodeId&, const NodeId&) = default;
    std::string text() const;
    static std::optional<NodeId> parse(std::string_view text);
};

class NodeKey {
  public:
    static NodeKey make(Chance& chance);
    static std::optional<NodeKey> parse(std::string_view seed_hex);
    const NodeId& id() const { return id_; }
    std::string seed_hex() const;

  private:
    explicit NodeKey(std::array<std::uint8_t, 32> seed);
    std::array<std::uint8_t, 32> seed_;
    NodeId id_;
};

}  // namespace lockstep::identity
