// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
//
// A compact JSON text with the places of its values, so that rules can go up and down in it without reading it again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"

namespace lockstep::schema {

using NodeId = std::uint32_t;

struct Node {
    json::Kind kind = json::Kind::null_;
    std::string_view text;    // in the text that was parsed
    std::uint32_t first = 0;  // of its children, in members or elements
    std::uint32_t count = 0;
};

struct TreeMember {
    std::string name;
    NodeId node = 0;
};

class Tree {
  public:
    // Refers to `compacted`, which json::compact() made. Empty when it is deeper or has more values than that.
    static std::optional<Tree> parse(std::string_view compacted, std::size_t depth_max, std::size_t nodes_max);

    NodeId root() const { return root_; }
    const Node& operator[](NodeId id) const { return nodes_[id]; }
    // Of an object, by name; of duplicates the last, as in Go.
    const TreeMember& member(const Node& node, std::uint32_t i) const { return members_[node.first + i]; }
    NodeId element(const Node& node, std::uint32_t i) const { return elements_[node.first + i]; }
    std::optional<NodeId> find(const Node& object, std::string_view name) const;
    // Of a string: its escapes resolved.
    static std::string string_of(const Node& node);

  private:
    struct Parser;
    std::vector<Node> nodes_;
    std::vector<TreeMember> members_;
    std::vector<NodeId> elements_;
    NodeId root_ = 0;
};

// One text for all values that JSON Schema calls equal: 1.0 is 1, and the order of members says nothing. `cost` gets
// the bytes that were looked at.
void append_canonical(std::string& out, const Tree& tree, NodeId id, std::size_t& cost);

}  // namespace lockstep::schema
