// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "schema/detail/tree.hpp"

#include <algorithm>

#include "schema/detail/decimal.hpp"

namespace lockstep::schema {

namespace {

// Behind the string that begins at `at`.
const char* behind_string(const char* at, const char* end) {
    for (++at; at < end; ++at) {
        if (*at == '\\') {
            ++at;
        } else if (*at == '"') {
            return at + 1;
        }
    }
    return end;
}

const char* behind_word(const char* at, const char* end) {
    return std::find_if(at, end, [](char c) { return c == ',' || c == ']' || c == '}'; });
}

}  // namespace

// Walks over the text once. It calls itself for what is nested, as deep as it may.
struct Tree::Parser {
    Tree& tree;
    const char *at, *end;
    std::size_t depth_left, nodes_left;

    std::optional<NodeId> value() {
        if (depth_left == 0 || nodes_left == 0 || at >= end) return std::nullopt;
        --nodes_left;
        const char* const begin = at;
        Node node;
        switch (*at) {
            case '{':
            case '[': {
                --depth_left;
                if (!(*begin == '{' ? members(node) : elements(node))) return std::nullopt;
                ++depth_left;
                break;
            }
            case '"':
                node.kind = json::Kind::string;
                at = behind_string(at, end);
                break;
            default:
                at = behind_word(at, end);
                node.kind = json::Value(std::string_view(begin, static_cast<std::size_t>(at - begin))).kind();
        }
        if (at == begin) return std::nullopt;
        node.text = {begin, static_cast<std::size_t>(at - begin)};
        tree.nodes_.push_back(node);
        return static_cast<NodeId>(tree.nodes_.size() - 1);
    }
    bool members(Node& node) {
        node.kind = json::Kind::object;
        std::vector<TreeMember> all;
        ++at;
        while (at < end && *at != '}') {
            if (*at == ',') ++at;
            if (at >= end || *at != '"') return false;
            const char* const name = at;
            at = behind_string(at, end);
            auto const quoted = std::string_view(name, static_cast<std::size_t>(at - name));
            if (at >= end || *at != ':') return false;
            ++at;
            auto const child = value();
            if (!child) return false;
            all.push_back({json::Value(quoted).as_string().value_or(""), *child});
        }
        if (at >= end) return false;
        ++at;
        std::stable_sort(all.begin(), all.end(), [](auto const& a, auto const& b) { return a.name < b.name; });
        node.first = static_cast<std::uint32_t>(tree.members_.size());
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (i + 1 == all.size() || all[i].name != all[i + 1].name) tree.members_.push_back(std::move(all[i]));
        }
        node.count = static_cast<std::uint32_t>(tree.members_.size()) - node.first;
        return true;
    }
    bool elements(Node& node) {
        node.kind = json::Kind::array;
        std::vector<NodeId> all;
        ++at;
        while (at < end && *at != ']') {
            if (*at == ',') ++at;
            auto const child = value();
            if (!child) return false;
            all.push_back(*child);
        }
        if (at >= end) return false;
        ++at;
        node.first = static_cast<std::uint32_t>(tree.elements_.size());
        node.count = static_cast<std::uint32_t>(all.size());
        tree.elements_.insert(tree.elements_.end(), all.begin(), all.end());
        return true;
    }
};

std::optional<Tree> Tree::parse(std::string_view compacted, std::size_t depth_max, std::size_t nodes_max) {
    Tree tree;
    Parser parser{tree, compacted.data(), compacted.data() + compacted.size(), depth_max, nodes_max};
    auto const root = parser.value();
    if (!root || parser.at != parser.end) return std::nullopt;
    tree.root_ = *root;
    return tree;
}

std::optional<NodeId> Tree::find(const Node& object, std::string_view name) const {
    if (object.kind != json::Kind::object) return std::nullopt;
    auto const begin = members_.begin() + object.first;
    auto const end = begin + object.count;
    auto const found =
        std::lower_bound(begin, end, name, [](auto const& member, auto wanted) { return member.name < wanted; });
    if (found == end || found->name != name) return std::nullopt;
    return found->node;
}

std::string Tree::string_of(const Node& node) { return json::Value(node.text).as_string().value_or(""); }

namespace {

void append_counted(std::string& out, std::string_view text) {
    out.append(std::to_string(text.size())).append(":").append(text);
}

}  // namespace

void append_canonical(std::string& out, const Tree& tree, NodeId id, std::size_t& cost) {
    auto const& node = tree[id];
    switch (node.kind) {
        case json::Kind::object:
            out += '{';
            for (std::uint32_t i = 0; i < node.count; ++i) {
                auto const& member = tree.member(node, i);
                append_counted(out, member.name);
                append_canonical(out, tree, member.node, cost);
            }
            out += '}';
            break;
        case json::Kind::array:
            out += '[';
            for (std::uint32_t i = 0; i < node.count; ++i) append_canonical(out, tree, tree.element(node, i), cost);
            out += ']';
            break;
        case json::Kind::string:
            out += '"';
            append_counted(out, Tree::string_of(node));
            cost += node.text.size();
            break;
        case json::Kind::number:
            out += '#';
            append_counted(out, read_decimal(node.text).text());
            cost += node.text.size();
            break;
        default: out += node.text;
    }
    ++cost;
}

}  // namespace lockstep::schema
